import { randomBytes } from 'node:crypto'
import { insertSent } from '../applications/sending.ts'
import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, refusedByDatabase, sql } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import { momentIn } from '../shared/calendar.ts'
import { hashPassword } from '../shared/passwords.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import { generatePassword } from '../readers/passwords.ts'
import { readSettings } from '../settings/settings.ts'
import type { ListKind, RowFault } from './lists.ts'
import { batches, rowRefused, workerGone } from './lists.ts'
import type { ListTerms } from './lists.schemas.ts'
import { wake } from './moves.commands.ts'
import type { GoodRow } from './rows.ts'
import { readRow } from './rows.ts'
import type { ReaderPassword } from './taking-over.ts'
import { takeOver } from './taking-over.ts'
import type { WorkedList } from './working.ts'
import { listAtWork, stopForWorker } from './working.ts'

/** What became of a row. */
type Taken =
  | { done: { applicationId: string } | { readerId: string }; entry: AuditEntry }
  | { faults: RowFault[] }
  | { alike: string[] }

interface WaitingRow {
  number: number
  form_key: string
  cells: string[] | null
  alike: string[]
  another_person: boolean
}

/** Makes questionnaires or readers of a list's good rows. */
export function createListRunning(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps
  return {
    /**
     * Takes one batch: its records, the log, what became of each row and the next batch's job commit together,
     * so a kill at any moment leaves each row either taken once or waiting.
     */
    async runBatch(listId: string): Promise<void> {
      const passwords = await passwordsFor(db, listId)
      try {
        await inTransaction(db, async (tx) => {
          const now = clock()
          const list = await listAtWork(db, tx, listId, 'running', now)
          if (!list) return
          const rows = await waitingRows(tx, listId)
          if (rows.length === 0) return end(tx, listId)
          const signedAt = await momentOfSigning(tx, list, now)
          const entries: AuditEntry[] = []
          for (const [place, row] of rows.slice(0, passwords.most).entries()) {
            const taken = await take(tx, list, row, { password: passwords.of(place), now, signedAt })
            await note(tx, listId, row, taken)
            if ('entry' in taken) entries.push(taken.entry)
          }
          reached('list:taken')
          await wake(tx, 'lists:run', listId)
          await audit.append(tx, ...entries)
        })
        reached('list:committed')
      } catch (error) {
        if (!isExpected(error) || error.code !== workerGone().code) throw error
        await stopForWorker(db, listId, 'running', 'stopped')
      }
    },
  }

  /** One row, so that nothing of it stays when it turns out that it can't be taken. */
  async function take(
    tx: Transaction,
    list: WorkedList,
    row: WaitingRow,
    at: { password: ReaderPassword | undefined; now: Date; signedAt: Date },
  ): Promise<Taken> {
    const read = readRow(row.cells ?? [], list.rules)
    if ('faults' in read) return read
    await sql`savepoint list_row`.execute(tx)
    try {
      const taken =
        list.kind === 'questionnaires'
          ? await questionnaire(tx, list, row, read.row, at)
          : await takeOver(tx, sealer, { list, row, person: read.row, ...at })
      await sql`release savepoint list_row`.execute(tx)
      return taken
    } catch (error) {
      if (!isExpected(error) && !refusedByDatabase(error)) throw error
      await sql`rollback to savepoint list_row`.execute(tx)
      return { faults: [{ field: 'row', code: isExpected(error) ? error.code : rowRefused().code }] }
    }
  }
}

async function questionnaire(
  tx: Transaction,
  list: WorkedList,
  { form_key: formKey }: WaitingRow,
  person: GoodRow,
  { now, signedAt }: { now: Date; signedAt: Date },
): Promise<Taken> {
  const { libraryId, consent, cardNumber, ...fields } = person
  const { staffId } = list.actor
  const input = { ...list.terms, ...fields, formKey, stockCard: cardNumber }
  const { id, entry } = await insertSent(tx, { staffId, libraryId, input, consent, now, signedAt })
  return {
    done: { applicationId: id },
    entry: { ...entry, details: { ...entry.details, list: list.id } },
  }
}

/** The next good rows; none has been taken, as taking one changes its state in the same transaction. */
const waitingRows = (tx: Transaction, listId: string): Promise<WaitingRow[]> =>
  tx
    .selectFrom('list_rows')
    .select(['number', 'form_key', 'cells', 'alike', 'another_person'])
    .where('list_id', '=', listId)
    .where('state', '=', 'good')
    .orderBy('number')
    .limit(batches.run)
    .execute()

async function note(tx: Transaction, listId: string, { number }: WaitingRow, taken: Taken): Promise<void> {
  const forgotten = { cells: null, person_key: null, card_number: null, alike: [] as string[] }
  const set =
    'done' in taken
      ? {
          ...forgotten,
          state: 'done',
          ...('readerId' in taken.done
            ? { reader_id: taken.done.readerId }
            : { application_id: taken.done.applicationId }),
        }
      : 'alike' in taken
        ? { state: 'asked', alike: taken.alike }
        : { state: 'faulty', faults: JSON.stringify(taken.faults) }
  await tx
    .updateTable('list_rows')
    .set(set)
    .where('list_id', '=', listId)
    .where('number', '=', number)
    .execute()
}

const end = async (tx: Transaction, listId: string): Promise<void> => {
  await tx.updateTable('lists').set({ state: 'done' }).where('id', '=', listId).execute()
}

/** Noon of the day on which the papers were signed, or this moment when that is today's. */
async function momentOfSigning(tx: Transaction, { terms }: WorkedList, now: Date): Promise<Date> {
  const { 'region.timeZone': zone } = await readSettings(tx)
  const noon = momentIn(zone, terms.signedOn, '12:00')
  return noon < now ? noon : now
}

/** For the rows of a batch by their places: so many rows can be taken. */
interface Passwords {
  most: number
  of: (place: number) => ReaderPassword | undefined
}

/**
 * Hashing takes tens of milliseconds each: it is done before any row is locked, so rows that become good
 * meanwhile wait for the next batch. Readers who get no password now share the hash of one that nobody knows.
 */
async function passwordsFor(db: Database, listId: string): Promise<Passwords> {
  const list = await db
    .selectFrom('lists')
    .select(['kind', 'terms'])
    .where('id', '=', listId)
    .executeTakeFirst()
  if (list?.kind !== ('readers' satisfies ListKind)) return { most: batches.run, of: () => undefined }
  if ((list.terms as ListTerms).tell === 'later') {
    const hash = await hashPassword(randomBytes(32).toString('base64'))
    return { most: batches.run, of: () => ({ plain: undefined, hash }) }
  }
  const { count } = await db
    .selectFrom('list_rows')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('list_id', '=', listId)
    .where('state', '=', 'good')
    .executeTakeFirstOrThrow()
  const made = await Promise.all(
    Array.from({ length: Math.min(Number(count), batches.run) }, async () => {
      const plain = generatePassword()
      return { plain, hash: await hashPassword(plain) }
    }),
  )
  return { most: made.length, of: (place) => made[place] }
}
