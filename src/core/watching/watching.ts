import type { Clock } from '../shared/clock.ts'
import { seconds } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import type { Log } from '../shared/log.ts'
import { errorFacts } from '../shared/log.ts'
import type { Readiness } from '../shared/readiness.ts'
import { remembered } from '../shared/remembered.ts'
import { noteSign } from '../shared/signs.ts'
import type { Authorised } from '../staff/actors.ts'
import { gatherFacts } from './facts.ts'
import type { Finding } from './findings.ts'
import { findingsIn } from './findings.ts'

/** A finding, and since when. */
export type StandingFinding = Finding & { since: Date }

export interface SystemState {
  /** When it was looked at. */
  at: Date
  findings: StandingFinding[]
}

export type Watching = ReturnType<typeof createWatching>

/** What is wrong with the system itself. */
export function createWatching(deps: {
  db: Database
  clock: Clock
  log: Log
  origin: string | undefined
  dataDir: string
  backupDir: string
  readiness: () => Promise<Readiness>
}) {
  const { db, clock, log, origin, dataDir, backupDir, readiness } = deps
  const facts = () => gatherFacts(db, { now: clock(), origin, dataDir, backupDir })

  async function look(): Promise<SystemState> {
    const [found, { storage }] = await Promise.all([facts(), readiness()])
    const findings = findingsIn(found)
    if (!storage) findings.unshift({ code: 'storage_away', grave: true, values: {} })
    const since = await standingSince(findings, found.now)
    return {
      at: found.now,
      findings: findings.map((finding) => ({
        ...finding,
        since: finding.since ?? since.get(finding.code) ?? found.now,
      })),
    }
  }

  /** Remembers what has come and forgets what has gone. A database that takes no more writes is told about, too. */
  async function standingSince(findings: readonly Finding[], now: Date): Promise<Map<string, Date>> {
    const codes = findings.map(({ code }) => code)
    try {
      const rows = await inTransaction(db, async (tx) => {
        await sql`delete from findings where code <> all(${codes}::text[])`.execute(tx)
        await sql`insert into findings (code, since) select code, ${now}::timestamptz
          from unnest(${codes}::text[]) as code order by code on conflict do nothing`.execute(tx)
        return tx.selectFrom('findings').selectAll().execute()
      })
      return new Map(rows.map(({ code, since }) => [code, since]))
    } catch (error) {
      log.warn({ fault: errorFacts(error) }, 'findings can’t be remembered')
      return new Map()
    }
  }

  const lately = remembered(look, seconds(20))
  return {
    facts,

    /** The job that goes through the queue each minute: that it does is what it says first. */
    async lookAgain(): Promise<void> {
      await noteSign(db, 'queue')
      await look()
    },

    /** Looks now. */
    state: (_actor: Authorised<'system.watch'>): Promise<SystemState> => look(),

    /** How many findings there are, as of a few seconds ago: the desk shows it each time. */
    async count(_actor: Authorised<'system.watch'>): Promise<{ all: number; grave: number }> {
      const { findings } = await lately()
      return { all: findings.length, grave: findings.filter(({ grave }) => grave).length }
    },
  }
}
