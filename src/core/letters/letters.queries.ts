import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { ApplicationState } from '../applications/applications.ts'
import { basisOn } from '../consents/coming-of-age.ts'
import type { Basis } from '../consents/coming-of-age.ts'
import type { ParseMail } from '../intake/mail.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'
import type { LetterDoubt, LetterFault, LetterPart, LetterState } from './letters.ts'
import { letterFaultsSchema, letterGone, letterPartsSchema, warnBefore } from './letters.ts'
import type { LetterRow } from './rows.ts'
import { rowsOf } from './rows.ts'

export interface ListedLetter {
  id: string
  state: LetterState
  doubt: LetterDoubt | null
  /** '' once its days are over. */
  sender: string
  subject: string
  libraryName: string | null
  receivedAt: Date
  /** Whatever of it nobody has sent or decided goes then. */
  expiresAt: Date
  /** It waits for an operator, and goes within days. */
  ending: boolean
  /** Its questionnaires: all that were read, and those that still wait for the library's word. */
  found: number
  left: number
}

export interface OpenLetter extends Omit<ListedLetter, 'left' | 'ending'> {
  libraryId: string | null
  /** '' once its days are over. */
  body: string
  /** Empty once its days are over. */
  parts: LetterPart[]
  faults: LetterFault[]
  dismissReason: string | null
  /** Whoever said whose it is, or that it is nobody's. */
  decidedBy: string | null
  /** Its own bytes are still there. */
  kept: boolean
  /** `basis`: who signs the consent; undefined while the birth date isn't sure. */
  rows: (Omit<LetterRow, 'sure'> & { sure: boolean; basis: Basis | undefined })[]
  /** What became of the others. */
  sent: { id: string; fullName: string; state: ApplicationState }[]
}

const pageSize = 100

export function createLetterQueries(deps: { db: Database; clock: Clock; audit: AuditLog; parse: ParseMail }) {
  const { db, clock, audit, parse } = deps

  /** Letters that an actor reaches: a library's own, an operator's all. */
  const reached = (database: Database | Transaction, actor: Authorised<'letters.read'>) => {
    const query = database
      .selectFrom('mailed_letters as l')
      .leftJoin('libraries as b', 'b.id', 'l.library_id')
    return actor.libraries === 'all' ? query : query.where('l.library_id', 'in', [...actor.libraries])
  }

  /** A letter without its own bytes. */
  async function found(tx: Transaction, actor: Authorised<'letters.read'>, id: string) {
    return reached(tx, actor)
      .select([
        'l.state',
        'l.doubt',
        'l.sender',
        'l.subject',
        'l.library_id',
        'l.received_at',
        'l.expires_at',
      ])
      .select([
        'l.found',
        'l.body',
        'l.parts',
        'l.faults',
        'l.dismiss_reason',
        'l.decided_by',
        'b.short_name',
      ])
      .select((eb) => eb('l.original', 'is not', null).as('kept'))
      .where('l.id', '=', id)
      .executeTakeFirstOrThrow(() => notFound())
  }

  return {
    /** The newest letters, those first that wait for somebody; the look is audited. */
    list(actor: Authorised<'letters.read'>): Promise<{ letters: ListedLetter[]; more: boolean }> {
      return inTransaction(db, async (tx) => {
        const rows = await reached(tx, actor)
          .select([
            'l.id',
            'l.state',
            'l.doubt',
            'l.sender',
            'l.subject',
            'l.received_at',
            'l.found',
            'l.expires_at',
          ])
          .select((eb) => [
            'b.short_name',
            eb
              .selectFrom('drafts as d')
              .select(eb.fn.countAll<number>().as('n'))
              .whereRef('d.letter_id', '=', 'l.id')
              .as('left'),
          ])
          .orderBy((eb) => eb.case().when('l.state', '=', 'waiting').then(0).else(1).end())
          .orderBy((eb) =>
            eb
              .case()
              .when(eb.exists(eb.selectFrom('drafts').select('id').whereRef('letter_id', '=', 'l.id')))
              .then(0)
              .else(1)
              .end(),
          )
          .orderBy('l.received_at', 'desc')
          .limit(pageSize + 1)
          .execute()
        const letters = rows.slice(0, pageSize)
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'letters.list',
          subject: { kind: 'letter', id: null },
          details: { ids: letters.map(({ id }) => id) },
        })
        return {
          more: rows.length > pageSize,
          letters: letters.map((row) => ({
            id: row.id,
            state: row.state as LetterState,
            doubt: row.doubt as LetterDoubt | null,
            sender: row.sender,
            subject: row.subject,
            libraryName: row.short_name,
            receivedAt: row.received_at,
            expiresAt: row.expires_at,
            ending: row.state === 'waiting' && row.expires_at <= after(clock(), warnBefore),
            found: row.found,
            left: Number(row.left ?? 0),
          })),
        }
      })
    },

    /**
     * For the desk: letters whose consents wait, and those of which nobody knows whose they are; `ending`: which of
     * the latter go within days.
     */
    async count(
      actor: Authorised<'letters.read'>,
    ): Promise<{ open: number; waiting: number; ending: number }> {
      const waits = sql<boolean>`l.state = 'waiting'`
      const row = await reached(db, actor)
        .select((eb) => [
          eb.fn.countAll<number>().filterWhere('l.state', '=', 'open').as('open'),
          eb.fn.countAll<number>().filterWhere(waits).as('waiting'),
          eb.fn
            .countAll<number>()
            .filterWhere(waits)
            .filterWhere('l.expires_at', '<=', after(clock(), warnBefore))
            .as('ending'),
        ])
        .where((eb) => eb.exists(eb.selectFrom('drafts').select('id').whereRef('letter_id', '=', 'l.id')))
        .executeTakeFirstOrThrow()
      return { open: Number(row.open), waiting: Number(row.waiting), ending: Number(row.ending) }
    },

    /** One letter with what was read out of it; the look is audited. @throws notFound */
    async open(actor: Authorised<'letters.read'>, id: string): Promise<OpenLetter> {
      const settings = await readSettings(db)
      const today = dateIn(settings['region.timeZone'], clock())
      return inTransaction(db, async (tx) => {
        const letter = await found(tx, actor, id)
        const rows = await rowsOf(tx, id)
        const sent = await tx
          .selectFrom('applications')
          .select(['id', 'full_name as fullName', 'state'])
          .where('letter_id', '=', id)
          .orderBy('sent_at')
          .orderBy('id')
          .execute()
        const decider = letter.decided_by
          ? await tx
              .selectFrom('staff')
              .select('full_name')
              .where('id', '=', letter.decided_by)
              .executeTakeFirst()
          : undefined
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'letters.open',
          subject: { kind: 'letter', id },
          libraryId: letter.library_id,
          details: { drafts: rows.map(({ draftId }) => draftId), applications: sent.map((each) => each.id) },
        })
        return {
          id,
          state: letter.state as LetterState,
          doubt: letter.doubt as LetterDoubt | null,
          sender: letter.sender,
          subject: letter.subject,
          libraryId: letter.library_id,
          libraryName: letter.short_name,
          receivedAt: letter.received_at,
          expiresAt: letter.expires_at,
          found: letter.found,
          body: letter.body,
          parts: letterPartsSchema.parse(letter.parts),
          faults: letterFaultsSchema.parse(letter.faults),
          dismissReason: letter.dismiss_reason,
          decidedBy: decider?.full_name ?? null,
          kept: Boolean(letter.kept),
          rows: rows.map(({ sure, ...row }) => ({
            ...row,
            sure: sure !== undefined,
            basis: sure && basisOn(sure.birthDate, today, settings['consents.from14']),
          })),
          sent: sent.map((each) => ({ ...each, state: each.state as ApplicationState })),
        }
      })
    },

    /**
     * A file of a letter as it came, or the whole letter; the look is audited.
     * @param place of the file, from 1; 0 for the letter itself
     * @throws notFound, letterGone
     */
    async download(
      actor: Authorised<'letters.read'>,
      id: string,
      place: number,
    ): Promise<{ name: string; content: Buffer }> {
      const original = await inTransaction(db, async (tx) => {
        const letter = await reached(tx, actor)
          .select(['l.original', 'l.library_id'])
          .where('l.id', '=', id)
          .executeTakeFirstOrThrow(() => notFound())
        if (!letter.original) throw letterGone()
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'letters.download',
          subject: { kind: 'letter', id },
          libraryId: letter.library_id,
          details: { place },
        })
        return letter.original
      })
      if (place === 0) return { name: 'letter.eml', content: original }
      const part = (await parse({ bytes: original, headOnly: false })).parts[place - 1]
      if (!part) throw notFound()
      return { name: part.name || `file-${place}`, content: part.content }
    },
  }
}
