import type { Channel, MessageEvent } from './messages.ts'

/** What messages are written in. */
export const languages = ['ru', 'en'] as const
export type Language = (typeof languages)[number]

export interface TemplateId {
  channel: Channel
  event: MessageEvent
  language: Language
}

/** Of an SMS the subject is ''. The marks in it are those of `protocols/message/template.ts`. */
export interface Template {
  subject: string
  body: string
}

/** What a language brings along: letters about every event, SMS about those that are short and urgent. */
export interface BuiltIn {
  sms: Partial<Record<MessageEvent, string>>
  email: Record<MessageEvent, Template>
}

/** `sms ru reader.code` */
export const templateKey = ({ channel, event, language }: TemplateId) => `${channel} ${language} ${event}`
