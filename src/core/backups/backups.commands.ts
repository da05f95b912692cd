import { join } from 'node:path'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { changeSettings } from '../settings/changing.ts'
import { readSettings, settingsOf } from '../settings/settings.ts'
import { addDays, dateIn, momentIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days, hours } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { addJob } from '../shared/jobs.ts'
import { oneAtATime } from '../shared/one-at-a-time.ts'
import type { Authorised } from '../staff/actors.ts'
import type { BackupRules } from './backups.schemas.ts'
import { settingOf } from './backups.schemas.ts'
import { BackupFault, writeFault } from './faults.ts'
import { backupName, earlierFiles, rotate } from './folder.ts'
import type { BackupSummary, Installation } from './making.ts'
import { writeBackup } from './making.ts'
import type { BackupTarget } from './target.ts'
import { isArchivePath, openTarget } from './target.ts'

/** Who wanted a backup: the clock, an administrator on the page, or a command. */
export type BackupCause = 'nightly' | 'page' | 'console'

const lockName = 'backups'
/** What became of backups is told for so long. */
const remembered = days(90)
const pauseAfterFailure = hours(1)

export function createBackups(
  deps: { db: Database; clock: Clock; audit: AuditLog; folder: string } & Installation,
) {
  const { db, clock, audit, folder } = deps
  const stopping = new AbortController()

  /**
   * One backup at a time, in whatever process.
   * @param place a folder of backups, or a file that ends in `.tar`
   * @throws BackupFault
   */
  async function make(cause: BackupCause, place: string): Promise<BackupSummary> {
    let summary: BackupSummary | undefined
    const alone = await oneAtATime(db, lockName, async () => {
      summary = await recorded(cause, place, async () => {
        const madeAt = clock()
        const target = await openFor(place, madeAt).catch((error: unknown) => {
          throw writeFault(error, place)
        })
        return writeBackup(deps, target, madeAt, stopping.signal)
      })
    })
    if (!alone || !summary)
      throw new BackupFault('busy', 'Резервная копия уже делается. Дождитесь её конца и повторите.')
    return summary
  }

  /** Notes what becomes of a backup, where the page and the desk see it. */
  async function recorded(
    cause: BackupCause,
    place: string,
    work: () => Promise<BackupSummary>,
  ): Promise<BackupSummary> {
    const startedAt = clock()
    const { id } = await inTransaction(db, async (tx) => {
      // Nobody else makes one now: whoever was at it has died.
      await tx
        .updateTable('backups')
        .set({ state: 'failed', fault: 'interrupted', ended_at: startedAt })
        .where('state', '=', 'running')
        .execute()
      await tx.deleteFrom('backups').where('started_at', '<', after(startedAt, -remembered)).execute()
      return tx
        .insertInto('backups')
        .values({ cause, place, started_at: startedAt, state: 'running' })
        .returning('id')
        .executeTakeFirstOrThrow()
    })
    const end = (
      change:
        | { state: 'done'; row_count: number; file_count: number; bytes: number; place: string }
        | { state: 'failed'; fault: string },
    ) =>
      inTransaction(db, async (tx) => {
        const at = clock()
        await tx
          .updateTable('backups')
          .set({ ...change, ended_at: at })
          .where('id', '=', id)
          .execute()
        await audit.append(tx, {
          at,
          actor: { kind: 'system' },
          action: 'backups.make',
          subject: { kind: 'backup', id },
          details: { cause, state: change.state },
        })
      })
    try {
      const summary = await work()
      const { rows, files, bytes, path } = summary
      await end({ state: 'done', row_count: rows, file_count: files, bytes, place: path })
      return summary
    } catch (error) {
      await end({ state: 'failed', fault: error instanceof BackupFault ? error.code : 'other' })
      throw error
    }
  }

  /** Into the installation's own folder, whose oldest backups then go. @returns why it failed */
  async function makeOwn(cause: 'nightly' | 'page'): Promise<string | undefined> {
    try {
      await make(cause, folder)
      const { 'backup.keep': keep } = await readSettings(db)
      await oneAtATime(db, lockName, () => rotate(folder, keep))
      return undefined
    } catch (error) {
      // What was noted is shown; a second try is the clock's or a person's.
      if (error instanceof BackupFault) return error.code
      throw error
    }
  }

  return {
    make,

    makeAsked: () => makeOwn('page'),

    /**
     * Makes the night's backup when its time has come: also later, when the machine was off, and again an hour after
     * one that failed.
     * @returns why it failed
     */
    async makeDue(): Promise<string | undefined> {
      const settings = await readSettings(db)
      if (!settings['backup.nightly']) return undefined
      const now = clock()
      const since = lastSlot(settings['region.timeZone'], settings['backup.time'], now)
      const tried = await db
        .selectFrom('backups')
        .select('id')
        .where('cause', 'in', ['nightly', 'page'])
        .where(({ eb, and, or }) =>
          or([
            and([eb('started_at', '>=', since), eb('state', '=', 'done')]),
            eb('started_at', '>', after(now, -pauseAfterFailure)),
          ]),
        )
        .executeTakeFirst()
      return tried ? undefined : makeOwn('nightly')
    },

    /** The button on the page: a worker makes one now. */
    ask: (actor: Authorised<'backups.manage'>): Promise<void> =>
      inTransaction(db, async (tx) => {
        await addJob(tx, 'backups:make', {}, { key: 'backups:make', maxAttempts: 1 })
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'backups.ask',
          subject: { kind: 'backup', id: null },
        })
      }),

    /** Changes what differs; what is left out stays. */
    change: (actor: Authorised<'backups.manage'>, rules: Partial<BackupRules>): Promise<void> =>
      inTransaction(db, async (tx) => {
        await changeSettings(tx, deps, actor, settingsOf(settingOf, rules))
      }),

    /** Breaks off the backup that this process makes; its next start makes it anew. */
    stop: () => stopping.abort(),
  }
}

async function openFor(place: string, madeAt: Date): Promise<BackupTarget> {
  return isArchivePath(place)
    ? openTarget(place)
    : openTarget(join(place, backupName(madeAt)), await earlierFiles(place))
}

/** The last moment at which the night's backup was due. */
function lastSlot(zone: string, time: string, now: Date): Date {
  const today = dateIn(zone, now)
  const slot = momentIn(zone, today, time)
  return slot <= now ? slot : momentIn(zone, addDays(today, -1), time)
}
