import type { Channel, MessageEvent } from './messages.ts'

/** What messages are written in. */
export const languages = ['ru', 'en'] as const
export type Language = (typeof languages)[number]

/** A channel, or paper: what is printed and handed over, or goes along with a letter. */
export type TextChannel = Channel | 'paper'

export interface TemplateId {
  channel: TextChannel
  event: MessageEvent
  language: Language
}

/** Of an SMS the subject is '', on paper it is the heading. The marks in it are those of `protocols/message/template.ts`. */
export interface Template {
  subject: string
  body: string
}

/** What a language brings along: letters about every event, SMS about those that are short and urgent. */
export interface BuiltIn {
  sms: Partial<Record<MessageEvent, string>>
  email: Record<MessageEvent, Template>
  paper: Partial<Record<MessageEvent, Template>>
}

/** `sms ru reader.code` */
export const templateKey = ({ channel, event, language }: TemplateId) => `${channel} ${language} ${event}`
