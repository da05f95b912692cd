import { randomBytes } from 'node:crypto'
import { rehashHomeCodes } from '../applications/home.commands.ts'
import { createAuditLog } from '../audit/audit.ts'
import { retireChainKey } from '../audit/retired-keys.ts'
import { resealCodes } from '../readers/recovery-codes.ts'
import { resealPasswords } from '../readers/readers.commands.ts'
import type { Clock } from '../shared/clock.ts'
import { CompiledQuery } from 'kysely'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { dropKey, existingMasterKey, keepKey, keyWith, putInForce } from '../shared/key-files.ts'
import { othersConnected } from '../shared/others-connected.ts'
import { reached } from '../shared/points.ts'
import { until } from '../shared/postgres/processes.ts'
import { silence } from '../shared/readiness.ts'
import type { Sealer } from '../shared/sealing.ts'
import { createSealer } from '../shared/sealing.ts'
import type { ConsoleActor } from '../staff/actors.ts'
import { renewLinks } from '../staff/links.ts'
import { resealSecrets } from '../staff-access/stored-totp.ts'
import { KeyFault, keyInForce } from './in-force.ts'

export interface Rotation {
  /** Of the key that went; undefined when it was lost. */
  before: string | undefined
  /** Staff members whose recovery codes are gone. */
  withoutCodes: number
  /** Staff members whose link doesn't work any more. */
  withoutLink: number
}

/**
 * Changes the installation's key for a new one: whatever the old one sealed is sealed anew, in one transaction.
 * The new key lies beside the old one before, and takes its place after; which of them is in force the database says.
 * @param options.lost the old key is gone: what it sealed goes, too, and the log can't be checked up to here
 * @throws KeyFault when the system runs, or the key isn't there (is there, for one that was lost)
 */
export async function rotateKey(
  deps: { db: Database; clock: Clock; dataDir: string },
  _actor: ConsoleActor,
  { lost }: { lost: boolean },
): Promise<Rotation> {
  const { db, clock, dataDir } = deps
  const from = lost ? undefined : createSealer(await keyInForce(db, dataDir))
  const key = randomBytes(32)
  const to = createSealer(key)
  await keepKey(dataDir, key)
  reached('key:kept')
  const change = inTransaction(db, async (tx) => {
    const wanted = await lockedKey(tx)
    await refuseRunning(tx)
    if (from && wanted !== from.fingerprint)
      throw new KeyFault('Ключ только что сменила другая команда. Повторите, если его нужно сменить ещё раз.')
    if (lost && (await (wanted === null ? existingMasterKey(dataDir) : keyWith(dataDir, wanted))))
      throw new KeyFault('Ключ на месте, и база им открывается: смените его без --lost.')
    const gone = from ? await sealAnew(tx, clock(), from, to) : await dropSealed(tx, clock(), to)
    await retireChainKey(tx, { from, to })
    await tx.updateTable('audit_head').set({ key: to.fingerprint }).execute()
    await createAuditLog(to).append(tx, {
      at: clock(),
      actor: { kind: 'system' },
      action: 'keys.rotate',
      subject: { kind: 'key', id: null },
      details: { lost },
    })
    reached('key:sealed')
    return { before: from?.fingerprint, ...gone }
  })
  const rotation = await change.catch(async (error: unknown) => {
    // Refused before anything was changed. After any other error the new key may be the one in force.
    if (error instanceof KeyFault) await dropKey(dataDir, to.fingerprint)
    throw error
  })
  reached('key:committed')
  await putInForce(dataDir, key)
  return rotation
}

/** From here on nobody begins: a start waits for this row. */
async function lockedKey(tx: Transaction): Promise<string | null> {
  const head = await tx.selectFrom('audit_head').select('key').forUpdate().executeTakeFirstOrThrow()
  return head.key
}

/** A connection that was closed may take the server a moment to end. */
const settling = 2000

/** A process at work remembers the old key. */
async function refuseRunning(tx: Transaction): Promise<void> {
  const alone = async () => {
    // Within a transaction PostgreSQL goes on telling what it told first.
    await sql`select pg_stat_clear_snapshot()`.execute(tx)
    return (await tx.executeQuery(CompiledQuery.raw(othersConnected))).rows.length === 0
  }
  const { rows: alive } = await sql`select from processes
    where seen_at > clock_timestamp() - ${silence} * interval '1 millisecond'`.execute(tx)
  if (alive.length > 0 || !(await until(alone, settling)))
    throw new KeyFault(
      'Смарт-библиотека работает, а ключ меняют на остановленной. Остановите все её процессы и повторите; если процесс убит, подождите минуту.',
    )
}

/** What comes from a key and is stored nowhere else, such as links and codes that were given out, ends with it. */
async function sealAnew(tx: Transaction, now: Date, from: Sealer, to: Sealer) {
  const change = { from, to }
  await resealPasswords(tx, change)
  await resealCodes(tx, change)
  await resealSecrets(tx, change)
  await rehashHomeCodes(tx, change)
  return endDerived(tx, now, to)
}

/** Nobody can open any of it again. */
async function dropSealed(tx: Transaction, now: Date, to: Sealer) {
  for (const table of ['sealed_passwords', 'recovery_codes', 'staff_totp'] as const)
    await tx.deleteFrom(table).execute()
  return endDerived(tx, now, to)
}

async function endDerived(tx: Transaction, now: Date, to: Sealer) {
  const { rows: holders } = await sql`select distinct staff_id from staff_recovery_codes`.execute(tx)
  await tx.deleteFrom('staff_recovery_codes').execute()
  await tx.deleteFrom('sign_in_failures').execute()
  return { withoutCodes: holders.length, withoutLink: await renewLinks(tx, now, to) }
}
