import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Mark } from '../cards/marks.ts'
import { markOfLibrary } from '../cards/marks.ts'
import { reachReader } from '../readers/reach.ts'
import type { OpenedPasswords } from '../readers/readers.commands.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { ownFund, whereToGo } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, hours } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { renderReceipts } from './receipt.ts'
import { renderSlipPicture } from './slip-picture.ts'
import type { SlipFacts } from './slip.ts'
import { renderSlip, renderSlips } from './slip.ts'

/** A printable page. */
export interface Paper {
  pdf: Buffer
  /** For the name of a saved file; no personal data. */
  name: string
}

export interface Picture extends Omit<Paper, 'pdf'> {
  png: Buffer
}

/** `a4`: a page each; `receipt`: for an 80 mm printer. */
export const slipForms = ['a4', 'receipt'] as const
export type SlipForm = (typeof slipForms)[number]

/** What a slip is made of, as it is stored. */
interface SlipRow {
  full_name: string
  number: string
  provider: string | null
  account: string | null
  name: string
  address: string
  phone: string
}

/** An id that nothing has: a list may be empty, SQL's isn't. */
const nobody = '00000000-0000-0000-0000-000000000000'

/** How many slips one document may have. */
export const mostSlips = 100

/** Nothing among those chosen has a slip: not registered, or another library's. */
export const noSlips = expected('slips.none', 404)

/** The provider's number isn't there yet, and there is nothing else to print. */
export const awaitsProvider = expected('slips.awaits_provider', 409)

/** What is printed at once: those chosen, or of a day those that were registered on it. */
export type SlipChoice = { ids: readonly string[] } | 'today'

export function createSlips(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  origin: string
}) {
  const { db, clock, audit, sealer, origin } = deps

  /** What stands on these questionnaires' slips; each opening is audited for its own reader. */
  const opened = (actor: Authorised<'slips.open'>, choice: SlipChoice, now: Date, settings: Settings) =>
    inTransaction(db, async (tx) => {
      let query = tx
        .selectFrom('applications as a')
        .innerJoin('readers as r', 'r.id', 'a.reader_id')
        .innerJoin('cards as c', (join) =>
          join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'),
        )
        .innerJoin('libraries as l', 'l.id', 'a.library_id')
        .leftJoin('provider_accounts as p', 'p.reader_id', 'r.id')
        .select(['a.id', 'a.library_id', 'r.id as reader_id', 'r.full_name', 'c.number'])
        .select(['p.provider', 'p.number as account', 'l.name', 'l.address', 'l.phone'])
        .where('a.state', '=', 'registered')
        // In one order for everybody, so that two who print don't wait for each other.
        .orderBy('a.id')
        .limit(mostSlips)
        // A registration that is being taken back at this moment is waited for: its reader is gone then.
        .forUpdate('a')
      if (actor.libraries !== 'all') query = query.where('a.library_id', 'in', [...actor.libraries])
      if (choice === 'today') {
        const zone = settings['region.timeZone']
        query = query
          .where('a.decided_at', '>', after(now, -hours(24)))
          .where(
            sql<boolean>`(a.decided_at at time zone ${zone})::date = (${now}::timestamptz at time zone ${zone})::date`,
          )
      } else query = query.where('a.id', 'in', choice.ids.length > 0 ? [...choice.ids] : [nobody])
      const rows = await query.execute()
      const entries: AuditEntry[] = []
      const facts: SlipFacts[] = []
      const marks = new Map<string, Mark | undefined>()
      for (const { library_id: id } of rows) if (!marks.has(id)) marks.set(id, await markOfLibrary(tx, id))
      for (const row of rows) {
        await noteSeen(tx, row.id)
        const passwords = await openPasswords(tx, sealer, now, row.reader_id, actor.libraries)
        entries.push({
          at: now,
          actor: byStaff(actor.staffId),
          action: 'slips.open',
          subject: { kind: 'reader', id: row.reader_id },
          libraryId: row.library_id,
          details: { application: row.id, password: passwords.initial !== undefined },
        })
        facts.push({ ...factsOf(row, passwords, settings, now), mark: marks.get(row.library_id) })
      }
      await audit.append(tx, ...entries)
      return facts
    })

  const factsOf = (row: SlipRow, passwords: OpenedPasswords, settings: Settings, now: Date): SlipFacts => ({
    origin,
    regionName: settings['region.name'],
    library: { name: row.name, address: row.address, phone: row.phone },
    readerName: row.full_name,
    cardNumber: row.number,
    password: passwords.initial,
    provider: row.account
      ? {
          name: row.provider ?? '',
          ...whereToGo(settings),
          number: row.account,
          password: passwords.provider,
        }
      : undefined,
    ownFund: ownFund(settings),
    printedOn: dateIn(settings['region.timeZone'], now),
  })

  async function openOne(actor: Authorised<'slips.open'>, applicationId: string): Promise<SlipFacts> {
    const [slip] = await opened(actor, { ids: [applicationId] }, clock(), await readSettings(db))
    if (!slip) throw notFound()
    if (isEmpty(slip)) throw awaitsProvider()
    return slip
  }

  return {
    /**
     * The slip of a registered questionnaire, with the password while its readable copy is kept. Each opening
     * is audited.
     * @throws notFound when the questionnaire isn't registered, or is another library's
     */
    async open(
      actor: Authorised<'slips.open'>,
      applicationId: string,
      form: SlipForm = 'a4',
    ): Promise<Paper> {
      const slip = await openOne(actor, applicationId)
      const pdf = await (form === 'receipt' ? renderReceipts([slip]) : renderSlip(slip))
      return { pdf, name: `pamyatka-${slip.cardNumber}.pdf` }
    },

    /**
     * The slip of a reader whose record is open, after a new password at the desk: with it for the library that
     * gave it. The opening is audited.
     * @throws notFound also for a reader without a valid card
     */
    async openOfReader(actor: Authorised<'slips.open'>, readerId: string): Promise<Paper> {
      const now = clock()
      const settings = await readSettings(db)
      const slip = await inTransaction(db, async (tx) => {
        const { libraryId } = await reachReader(tx, actor, readerId, now)
        const row = await tx
          .selectFrom('readers as r')
          .innerJoin('cards as c', (join) =>
            join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'),
          )
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .leftJoin('provider_accounts as p', 'p.reader_id', 'r.id')
          .select(['r.full_name', 'c.number', 'p.provider', 'p.number as account'])
          .select(['l.name', 'l.address', 'l.phone', 'r.library_id'])
          .where('r.id', '=', readerId)
          .executeTakeFirstOrThrow(() => notFound())
        const passwords = await openPasswords(tx, sealer, now, readerId, actor.libraries)
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'slips.open',
          subject: { kind: 'reader', id: readerId },
          libraryId,
          details: { password: passwords.initial !== undefined },
        })
        const facts = {
          ...factsOf(row, passwords, settings, now),
          mark: await markOfLibrary(tx, row.library_id),
        }
        if (isEmpty(facts)) throw awaitsProvider()
        return facts
      })
      return { pdf: await renderSlip(slip), name: `pamyatka-${slip.cardNumber}.pdf` }
    },

    /** A questionnaire's slip as a picture. @throws notFound */
    async openPicture(actor: Authorised<'slips.open'>, applicationId: string): Promise<Picture> {
      const slip = await openOne(actor, applicationId)
      return { png: await renderSlipPicture(slip), name: `pamyatka-${slip.cardNumber}.png` }
    },

    /**
     * The slips of a whole class in one document, at most a hundred; those that have none are left out.
     * @throws noSlips
     */
    async openMany(actor: Authorised<'slips.open'>, choice: SlipChoice, form: SlipForm): Promise<Paper> {
      const now = clock()
      const settings = await readSettings(db)
      const slips = (await opened(actor, choice, now, settings)).filter((slip) => !isEmpty(slip))
      if (slips.length === 0) throw noSlips()
      const inOrder = slips.toSorted((a, b) => a.readerName.localeCompare(b.readerName, 'ru'))
      const pdf = await (form === 'receipt' ? renderReceipts(inOrder) : renderSlips(inOrder))
      return { pdf, name: `pamyatki-${dateIn(settings['region.timeZone'], now)}.pdf` }
    },
  }
}

/** Neither the own fund's number nor the provider's is of use. */
const isEmpty = ({ ownFund: own, provider }: SlipFacts) => !own && !provider

/** From the slip on the password is known: the decision can't be taken back any more. */
const noteSeen = (tx: Transaction, applicationId: string) =>
  tx
    .updateTable('applications')
    .set({ undo_until: null })
    .where('id', '=', applicationId)
    .where('undo_until', 'is not', null)
    .execute()
