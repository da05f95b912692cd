import { formMediaTypes } from '#protocols/questionnaire/forms/form.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { gatherFacts } from '../messages/facts.ts'
import type { MessageFacts } from '../messages/placeholders.ts'
import { sampleFacts } from '../messages/placeholders.ts'
import type { MessageTexts } from '../messages/stored-texts.ts'
import type { Language } from '../messages/template-ids.ts'
import { writeMessage } from '../messages/texts.ts'
import { readSettings } from '../settings/settings.ts'
import { departmentContacts } from '../settings/department.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { standingLink } from '../staff/links.ts'
import { firstLibrarian } from '../staffing/people.ts'
import { renderInvitationPdf, writeInvitationDocx } from './invitation-letter.ts'

export const letterFormats = ['pdf', 'docx'] as const
export type LetterFormat = (typeof letterFormats)[number]

export interface LetterFile {
  bytes: Buffer
  mediaType: string
  name: string
}

const mediaTypes = { pdf: 'application/pdf', docx: formMediaTypes.docx } as const

/** The letters with which the department invites libraries. */
export function createLibraryLetters(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  origin: string
  texts: MessageTexts
}) {
  const { db, clock, audit, sealer, origin, texts } = deps

  async function write(
    facts: MessageFacts,
    language: Language,
    format: LetterFormat,
    name: string,
  ): Promise<LetterFile> {
    const id = { channel: 'paper', event: 'library.invitation', language } as const
    const current = await texts.current()
    const { subject: title, body } = writeMessage(current(id), id, facts)
    const zone = (await readSettings(db))['region.timeZone']
    const letter = {
      title,
      body,
      link: facts.wayIn?.link ?? '',
      until: facts.wayIn?.until ?? '',
      language,
      printedOn: dateIn(zone, clock()),
    }
    const bytes = await (format === 'pdf' ? renderInvitationPdf(letter) : writeInvitationDocx(letter))
    return { bytes, mediaType: mediaTypes[format], name: `${name}.${format}` }
  }

  /** The letter of a waiting invitation, with its link. @throws DeliveryFault when there is nothing to invite by */
  async function letter(libraryId: string, staffId: string, format: LetterFormat): Promise<LetterFile> {
    const subject = { event: 'library.invitation', libraryId, staffId, createdAt: clock() } as const
    const { facts, language } = await gatherFacts(
      db,
      { ...subject, readerId: null, applicationId: null, letterId: null },
      { sealer, origin, now: clock(), settings: await readSettings(db) },
    )
    const { code } = await db
      .selectFrom('libraries')
      .select('code')
      .where('id', '=', libraryId)
      .executeTakeFirstOrThrow()
    return write(facts, language, format, `priglashenie-${code}`)
  }

  return {
    letter,

    /** The same for the printer. It holds a way in, so each time is in the log. @throws notFound */
    async print(
      actor: Authorised<'network.manage'>,
      libraryId: string,
      format: LetterFormat,
    ): Promise<LetterFile> {
      const staffId = await inTransaction(db, async (tx) => {
        const first = await firstLibrarian(tx, libraryId)
        if (!first || !(await standingLink(tx, clock(), first))) throw notFound()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'network.print-letter',
          subject: { kind: 'staff', id: first },
          libraryId,
          details: { format },
        })
        return first
      })
      return letter(libraryId, staffId, format)
    },

    /** The letter as it would be, with made-up names and a link that opens nothing. */
    async sample(_actor: Authorised<'network.manage'>, format: LetterFormat): Promise<LetterFile> {
      const settings = await readSettings(db)
      const language = settings['messages.libraryLanguage']
      const region = {
        origin,
        providerName: settings['provider.name'],
        providerAddress: settings['provider.address'],
        hoursLimit: settings['queue.hoursLimit'],
      }
      const facts = sampleFacts(language, region, true, 'library.invitation')
      const contacts = departmentContacts(settings)
      const own = facts.wayIn && { ...facts, wayIn: { ...facts.wayIn, contacts } }
      return write(own ?? facts, language, format, 'priglashenie-obrazec')
    },
  }
}
