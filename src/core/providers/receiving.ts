import { z } from 'zod'
import type { SheetRow } from '#protocols/sheet/sheet.ts'
import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { providerAllowed, smsAllowed } from '../consents/handover.ts'
import { queueMessages } from '../messages/messages.ts'
import { releaseHeld } from '../readers/held-messages.ts'
import { enrol, keepAccount } from '../readers/provider-accounts.ts'
import { mayMoveTo } from '../readers/provider-states.ts'
import { sealedFor } from '../readers/readers.commands.ts'
import { ownFund } from '../settings/provider.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import { after } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import { reached } from '../shared/points.ts'
import type { SheetReader } from '../shared/sheet-reader.ts'
import { certain, sheetBytes } from '../shared/sheet-reader.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ClosedRow } from './closed-list.ts'
import { closedFaults, closedFaultWith, takeClosed } from './closed-list.ts'
import type { FaultyRow, FilledRow } from './filled-list.ts'
import { faultsWithin, filledList, isBlank } from './filled-list.ts'
import type { RowFault } from './providers.ts'
import type { Registration } from './registrations.ts'
import { faultWith, locked, registrationOf, takenBy } from './registrations.ts'
import { fileFaults, longest, notAllowedThere, numberTaken, registrationOver } from './providers.ts'

export const enterSchema = z.object({
  id: z.uuid(),
  number: z.string().trim().min(1, 'provider_number_missing').max(longest.number, 'provider_too_long'),
  providerPassword: z
    .string()
    .trim()
    .min(1, 'provider_password_missing')
    .max(longest.password, 'provider_too_long'),
})
export type EnterInput = z.output<typeof enterSchema>

export const failSchema = z.object({
  id: z.uuid(),
  reason: z.string().trim().min(1, 'reason_missing').max(longest.reason, 'provider_too_long'),
})
export const registrationSchema = z.object({ id: z.uuid() })

/** What became of a filled-in list. Where a row has a fault nothing is taken, unless the good ones were asked for. */
export interface Received {
  taken: number
  /** Refused by the provider, with a reason. */
  refused: number
  /** Of a list to close. */
  closed: number
  /** Stored before with the same number. */
  already: number
  blank: number
  faults: FaultyRow[]
}

type Outcome = 'taken' | 'refused' | 'closed' | 'already' | { fault: RowFault }

/** So many rows are kept at once: a crash leaves whole ones, and the same file goes on from there. */
const batch = 50

/** Numbers and passwords that come back from the provider. */
export function createReceiving(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  sheetReader: SheetReader
}) {
  const { db, clock, audit, sealer, sheetReader } = deps

  return {
    /**
     * Takes a filled-in list, or one of accounts that were to be closed. All rows are looked through before any
     * is stored.
     * @param path where the file lies
     * @param partial take the good rows although others have faults
     * @param encoding of its text, where a person has named it
     * @throws fileFaults, fileEncoding, fileColumns
     */
    async receive(
      actor: Authorised<'providers.register'>,
      path: string,
      partial: boolean,
      encoding?: TextEncoding,
    ): Promise<Received> {
      const list = filledList(await rowsOf(path, encoding), (await readSettings(db))['provider.columns'])
      if (list.kind === 'register') {
        const rows = list.rows.filter((row) => !isBlank(row))
        const found = { blank: list.rows.length - rows.length, faults: await faultsOf(rows), partial }
        return takeAll(rows, found, (tx, row) => take(tx, actor, row))
      }
      const rows = list.rows.filter(({ closed }) => closed !== false)
      const found = { blank: list.rows.length - rows.length, faults: await closedFaultsOf(rows), partial }
      const { staffId } = actor
      return takeAll(rows, found, (tx, row) => takeClosed(tx, audit, row, { staffId, at: clock() }))
    },

    /**
     * One number typed in.
     * @throws registrationOver, numberTaken
     */
    async enter(actor: Authorised<'providers.register'>, input: EnterInput): Promise<void> {
      const { id: key, number, providerPassword: password } = input
      await inTransaction(db, async (tx) => {
        const outcome = await take(
          tx,
          actor,
          { row: 0, key, fullName: '', number, password, reason: '' },
          true,
        )
        if (typeof outcome === 'string') return
        throw outcome.fault === 'number_taken' ? numberTaken() : registrationOver()
      })
    },

    /** The provider won't register the reader. @throws registrationOver */
    async fail(actor: Authorised<'providers.register'>, input: z.output<typeof failSchema>): Promise<void> {
      await inTransaction(db, async (tx) => {
        const row = { row: 0, key: input.id, fullName: '', number: '', password: '', reason: input.reason }
        if (typeof (await take(tx, actor, row)) !== 'string') throw registrationOver()
      })
    },

    /** Whoever was refused, or is in a list that came to nothing, goes into the next one. @throws registrationOver */
    async retry(actor: Authorised<'providers.register'>, id: string): Promise<void> {
      await inTransaction(db, async (tx) => {
        const found = await locked(tx, id)
        if (!found || !mayMoveTo(found.state, 'to_register')) throw registrationOver()
        const now = clock()
        await tx
          .updateTable('provider_registrations')
          .set({ state: 'to_register', reason: null, list: null, changed_at: now })
          .where('id', '=', id)
          .execute()
        await note(tx, actor, 'providers.enrol', found)
      })
    },

    /** Puts a reader on record among those to be registered. @throws notFound, notAllowedThere */
    async enrol(actor: Authorised<'providers.register'>, readerId: string): Promise<void> {
      await inTransaction(db, async (tx) => {
        const reader = await tx
          .selectFrom('readers')
          .select(['id as readerId', 'library_id as libraryId'])
          .where('id', '=', readerId)
          .where('merged_into', 'is', null)
          .forNoKeyUpdate()
          .executeTakeFirstOrThrow(() => notFound())
        const settings = await readSettings(tx)
        if (!(await providerAllowed(tx, settings, readerId))) throw notAllowedThere()
        await enrol(tx, { id: readerId, provider: settings['provider.name'], at: clock() })
        await note(tx, actor, 'providers.enrol', reader)
      })
    },
  }

  async function rowsOf(path: string, encoding: TextEncoding | undefined): Promise<SheetRow[]> {
    try {
      const bytes = await sheetBytes(path)
      return certain(bytes, await sheetReader.sheet(bytes, encoding)).rows
    } catch (error) {
      throw error instanceof SheetFault ? fileFaults[error.code]() : error
    }
  }

  /** Takes the rows that have no fault, some at a time, unless one with a fault stops all. */
  async function takeAll<Row extends { row: number; key: string }>(
    rows: readonly Row[],
    { blank, faults, partial }: { blank: number; faults: FaultyRow[]; partial: boolean },
    takeOne: (tx: Transaction, row: Row) => Promise<Outcome>,
  ): Promise<Received> {
    const result: Received = { taken: 0, refused: 0, closed: 0, already: 0, blank, faults }
    if (faults.length > 0 && !partial) return result
    const faulty = new Set(faults.map(({ row }) => row))
    const good = rows.filter(({ row }) => !faulty.has(row))
    for (let at = 0; at < good.length; at += batch) {
      await inTransaction(db, async (tx) => {
        for (const row of inOrder(good.slice(at, at + batch))) {
          const outcome = await takeOne(tx, row)
          if (typeof outcome === 'string') result[outcome] += 1
          // Somebody was faster, or the reader has revoked since.
          else faults.push({ row: row.row, code: outcome.fault })
          reached('provider:row')
        }
      })
      reached('provider:committed')
    }
    return result
  }

  async function closedFaultsOf(rows: readonly ClosedRow[]): Promise<FaultyRow[]> {
    const faults = closedFaults(rows)
    const faulty = new Set(faults.map(({ row }) => row))
    for (const row of rows.filter((each) => !faulty.has(each.row))) {
      const code = await closedFaultWith(db, row)
      if (code) faults.push({ row: row.row, code })
    }
    return faults.toSorted((a, b) => a.row - b.row)
  }

  /** The rows' faults, in their order; one a row. */
  async function faultsOf(rows: readonly FilledRow[]): Promise<FaultyRow[]> {
    const faults = faultsWithin(rows)
    const faulty = new Set(faults.map(({ row }) => row))
    for (const row of rows.filter((each) => !faulty.has(each.row))) {
      const found = await registrationOf(db, row.key)
      const code = faultWith(row, found) ?? (await takenBy(db, row, found))
      if (code) faults.push({ row: row.row, code })
    }
    return faults.toSorted((a, b) => a.row - b.row)
  }

  /** Stores one row, or says why not. The same row once more changes nothing. */
  async function take(
    tx: Transaction,
    actor: Authorised<'providers.register'>,
    row: FilledRow,
    typed = false,
  ): Promise<'taken' | 'refused' | 'already' | { fault: RowFault }> {
    // Numbers are kept one after the other: else two readers could get the same at the same moment.
    await sql`select pg_advisory_xact_lock(hashtextextended('provider numbers', 0))`.execute(tx)
    const found = await locked(tx, row.key)
    // By hand a number may be put right.
    const fault = faultWith(typed && found ? { ...row, number: found.number ?? row.number } : row, found)
    if (fault || !found) return { fault: fault ?? 'key_unknown' }
    if (!row.number) return refuse(tx, actor, found, row.reason)
    if (found.number === row.number && !typed) return 'already'
    const taken = await takenBy(tx, row, found)
    if (taken) return { fault: taken }
    await keep(tx, actor, found, row)
    return 'taken'
  }

  async function keep(
    tx: Transaction,
    actor: Authorised<'providers.register'>,
    found: Registration,
    { number, password }: FilledRow,
  ): Promise<void> {
    const now = clock()
    const { readerId, libraryId } = found
    const account = { readerId, provider: found.provider, number, password, at: now, libraryId }
    const undoable = await tx
      .selectFrom('applications')
      .select('undo_until')
      .where('reader_id', '=', readerId)
      .where('undo_until', '>', now)
      .executeTakeFirst()
    const sendAt = undoable?.undo_until ?? undefined
    const told = await keepAccount(tx, sealer, { ...account, expiresAt: after(now, sealedFor) }, sendAt)
    if (!told) await tell(tx, readerId, sendAt)
    await note(tx, actor, 'providers.register', found)
  }

  /** Whoever has been told of his card already learns of the provider's number by a message of its own. */
  async function tell(tx: Transaction, readerId: string, sendAt: Date | undefined): Promise<void> {
    const reader = await tx
      .selectFrom('readers')
      .select(['email', 'phone', 'library_id'])
      .where('id', '=', readerId)
      .executeTakeFirstOrThrow()
    const phone = reader.phone && (await smsAllowed(tx, { readerId })) ? reader.phone : null
    const about = { event: 'reader.provider', readerId, libraryId: reader.library_id } as const
    await queueMessages(
      tx,
      clock(),
      [
        ...(phone ? [{ channel: 'sms', recipient: phone, ...about } as const] : []),
        ...(reader.email ? [{ channel: 'email', recipient: reader.email, ...about } as const] : []),
      ],
      sendAt,
    )
  }

  async function refuse(
    tx: Transaction,
    actor: Authorised<'providers.register'>,
    found: Registration,
    reason: string,
  ): Promise<'refused' | 'already' | { fault: RowFault }> {
    if (found.state === 'failed') return 'already'
    if (!mayMoveTo(found.state, 'failed')) return { fault: 'other_number' }
    await tx
      .updateTable('provider_registrations')
      .set({ state: 'failed', reason, changed_at: clock() })
      .where('id', '=', found.id)
      .execute()
    // With a fund of our own the reader needn't wait for the other one.
    if (ownFund(await readSettings(tx))) await releaseHeld(tx, found.readerId)
    await note(tx, actor, 'providers.fail', found)
    return 'refused'
  }

  function note(
    tx: Transaction,
    actor: Authorised<'providers.register'>,
    action: 'providers.register' | 'providers.fail' | 'providers.enrol',
    { readerId, libraryId }: Pick<Registration, 'readerId' | 'libraryId'>,
  ): Promise<void> {
    return audit.append(tx, {
      at: clock(),
      actor: byStaff(actor.staffId),
      action,
      subject: { kind: 'reader', id: readerId },
      libraryId,
    })
  }
}

/** In one order for everybody, so that two who take lists don't wait for each other. */
const inOrder = <Row extends { key: string }>(rows: readonly Row[]) =>
  rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))
