import { templateFault } from '../../protocols/message/template.ts'
import type { Database } from '../shared/db.ts'
import { remembered } from '../shared/remembered.ts'
import { bodyCarries, subjectCarries } from './placeholders.ts'
import type { Template, TemplateId } from './template-ids.ts'
import { templateKey } from './template-ids.ts'
import { builtInTemplate, templateIds } from './texts.ts'

export type CurrentTexts = (id: TemplateId) => Template
export type MessageTexts = ReturnType<typeof createMessageTexts>

/** How long another process may go on with a text that was changed. */
const milliseconds = 1000

/**
 * The texts that messages are written with. Thousands go out at once and the texts hardly ever change, so they
 * are remembered for a second.
 */
export function createMessageTexts(db: Database) {
  const stored = remembered(() => storedTexts(db), milliseconds)
  return {
    /** All texts as they are now. It takes a connection of its own: not to be asked for while one is held. */
    async current(): Promise<CurrentTexts> {
      const found = await stored()
      return (id) => found.get(templateKey(id)) ?? builtInTemplate(id)
    },
    /** This process goes on with what has just been saved. */
    forget: (): void => stored.forget(),
  }
}

/** The region's own texts in their newest versions; one that is no good any more gives way to the built-in. */
async function storedTexts(db: Database): Promise<Map<string, Template>> {
  const rows = await db
    .selectFrom('message_texts')
    .select(['event', 'channel', 'language', 'subject', 'body'])
    .distinctOn(['event', 'channel', 'language'])
    .orderBy('event')
    .orderBy('channel')
    .orderBy('language')
    .orderBy('version', 'desc')
    .execute()
  const found = templateIds.flatMap((id): [string, Template][] => {
    const row = rows.find(
      ({ event, channel, language }) =>
        event === id.event && channel === id.channel && language === id.language,
    )
    if (!row || row.body === null || row.subject === null) return []
    const template = { subject: row.subject, body: row.body }
    return isSound(id, template) ? [[templateKey(id), template]] : []
  })
  return new Map(found)
}

const isSound = ({ channel, event }: TemplateId, { subject, body }: Template): boolean =>
  !templateFault(body, bodyCarries(channel, event)) &&
  (channel === 'sms' || !templateFault(subject, subjectCarries(event)))
