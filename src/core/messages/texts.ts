import { renderTemplate } from '../../protocols/message/template.ts'
import { english } from './built-in-en.ts'
import { russian } from './built-in-ru.ts'
import type { MessageEvent } from './messages.ts'
import type { MessageFacts } from './placeholders.ts'
import { messageEvents, valuesOf } from './placeholders.ts'
import type { Template, TemplateId } from './template-ids.ts'
import { languages } from './template-ids.ts'

const builtIn = { ru: russian, en: english }

/** Whether a channel has words for an event. */
export const carries = (channel: string, event: MessageEvent): boolean =>
  channel === 'email' || event in (channel === 'sms' ? russian.sms : russian.paper)

/** Every text that there is, in the order of the events. */
export const templateIds: readonly TemplateId[] = messageEvents.flatMap((event) =>
  (['sms', 'email', 'paper'] as const)
    .filter((channel) => carries(channel, event))
    .flatMap((channel) => languages.map((language) => ({ channel, event, language }))),
)

/** What holds until a region writes its own. @throws RangeError for an event that the channel doesn't carry */
export function builtInTemplate({ channel, event, language }: TemplateId): Template {
  const { email, paper, sms } = builtIn[language]
  if (channel === 'email') return email[event]
  const body = sms[event]
  const template = channel === 'paper' ? paper[event] : body !== undefined && { subject: '', body }
  if (!template) throw new RangeError(`${event} has no ${channel} text`)
  return template
}

/** A message as it goes out. */
export function writeMessage(template: Template, id: TemplateId, facts: MessageFacts): Template {
  const values = valuesOf(facts, id)
  const text = (part: string) => renderTemplate(part, values)
  if (id.channel === 'sms') return { subject: '', body: text(template.body) }
  // A value with a line of its own mustn't break out of the header.
  return { subject: text(template.subject).replaceAll(/\s+/g, ' '), body: `${text(template.body)}\n` }
}
