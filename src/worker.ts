import { setTimeout as pause } from 'node:timers/promises'
import type { Runner } from 'graphile-worker'
import { Logger, run } from 'graphile-worker'
import type { App } from './app.ts'
import type { JobName, JobTasks } from '#core/shared/jobs.ts'
import { startIntake } from '#core/intake/intake.ts'
import { minutes, seconds } from '#core/shared/clock.ts'
import { freeAbandonedJobs } from '#core/shared/jobs.ts'
import { errorFacts } from '#core/shared/log.ts'

export interface Worker {
  stop(): Promise<void>
}

/** Repeated by the clock; any number of workers agree on each tick through the database. */
const crontab = `
* * * * * jobs:free-abandoned
* * * * * audit:follow
*/5 * * * * circulation:close-due
7 * * * * applications:tell-overdue
17 3 * * * sessions:sweep
27 3 * * * readers:finish-merges
*/10 * * * * destructions:due
27 3 * * * drafts:expire
37 6 * * * letters:daily
37 3 * * * lists:expire
*/10 * * * * backups:due
* * * * * watching:look
23 * * * * watching:certificate
`

/** Works the queue and reads the mailbox until it is stopped; jobs under way are finished first. */
export async function startWorker(app: App): Promise<Worker> {
  const tasks: JobTasks = {
    'messages:send': ({ messageId }) => app.messages.send(messageId),
    'messages:poll': ({ messageId }) => app.messages.poll(messageId),
    'credentials:send-code': ({ cardNumber, channel }) => app.credentials.sendCode(cardNumber, channel),
    'staff:send-link': ({ staffId }) => app.staffing.sendLink(staffId),
    'circulation:close-due': async () => {
      const closed = await app.circulation.closeDueLoans()
      if (closed > 0) app.log.info({ closed }, 'loans due')
    },
    'applications:tell-overdue': async () => {
      const overdue = await app.queue.tellOverdue()
      if (overdue > 0) app.log.info({ overdue }, 'questionnaires wait too long')
    },
    'readers:finish-merges': async () => {
      const finished = await app.readers.finishMerges()
      if (finished > 0) app.log.info({ finished }, 'merges final')
    },
    'sessions:sweep': () => app.sweep(),
    'destructions:due': async () => {
      const carriedOut = await app.destructions.carryOutDue()
      if (carriedOut > 0) app.log.info({ carriedOut }, 'destructions due')
    },
    'drafts:expire': async () => {
      const expired = await app.drafts.expire()
      if (expired > 0) app.log.info({ expired }, 'drafts expired')
    },
    'letters:daily': async () => {
      const reminded = await app.letters.days.remind()
      const expired = await app.letters.days.expire()
      if (reminded + expired > 0) app.log.info({ reminded, expired }, 'letters with questionnaires')
    },
    'lists:check': ({ listId }) => app.lists.checkBatch(listId),
    'lists:run': ({ listId }) => app.lists.runBatch(listId),
    'lists:expire': async () => {
      const expired = await app.lists.expire()
      if (expired > 0) app.log.info({ expired }, 'lists expired')
    },
    'audit:follow': async () => {
      if (!(await app.auditHead.follow()))
        app.log.error('the log is not whole: npm run smart -- audit verify')
    },
    'backups:due': async () => warnOfBackup(app, await app.backups.makeDue()),
    'backups:make': async () => warnOfBackup(app, await app.backups.makeAsked()),
    'jobs:free-abandoned': () => freeAbandonedJobs(app.db, false),
    'watching:look': () => app.watching.lookAgain(),
    'watching:certificate': () => app.watching.lookAtCertificate(),
  }
  const queue = await keepWorking(app, tasks)
  const { db, clock, log } = app
  const url = app.environment.intakeImapUrl
  const intake = url
    ? startIntake({ db, clock, log, url, handlers: app.mailHandlers, parse: app.parseMail })
    : undefined
  return {
    async stop() {
      await intake?.stop()
      app.backups.stop()
      await queue.stop()
    },
  }
}

/** A queue that has ended by itself, as when the database went away in the middle of a job, begins anew. */
async function keepWorking(app: App, tasks: JobTasks): Promise<Worker> {
  const { log } = app
  const stopping = new AbortController()
  const { signal } = stopping
  let runner = await startRunner(app, tasks)

  async function again(): Promise<Runner> {
    for (let wait = leastPause; ; wait = Math.min(wait * 2, mostPause)) {
      await pause(wait, undefined, { signal })
      try {
        return await startRunner(app, tasks)
      } catch (error) {
        log.warn({ fault: errorFacts(error), again: wait }, 'the queue can’t be worked')
      }
    }
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await runner.promise.catch(() => undefined)
      if (signal.aborted) return
      log.warn('the queue has ended; it begins anew')
      runner = await again()
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
  return {
    async stop() {
      stopping.abort()
      // It may have ended by itself, and another may have begun in the meantime.
      await runner.stop().catch(() => undefined)
      await watching
      await runner.stop().catch(() => undefined)
    },
  }
}

const leastPause = seconds(1)
const mostPause = minutes(1)

async function startRunner(app: App, tasks: JobTasks): Promise<Runner> {
  // Our own database serves this process alone.
  await freeAbandonedJobs(app.db, app.environment.databaseUrl === undefined)
  return run({
    pgPool: app.pool,
    concurrency: 4,
    noHandleSignals: true,
    pollInterval: 2000,
    crontab,
    logger: new Logger(() => (level, message) => {
      if (level === 'error' || level === 'warning') app.log.warn({ queue: message })
    }),
    taskList: Object.fromEntries(
      Object.entries(tasks).map(([name, task]) => [name, counted(app, name, task)]),
    ),
  })
}

function warnOfBackup({ log }: App, fault: string | undefined): void {
  if (fault !== undefined) log.warn({ fault }, 'backup failed')
}

/** A task whose failures are counted; the queue itself sees to the next attempt. */
const counted =
  (app: App, name: string, task: (payload: never) => Promise<void>) =>
  async (payload: unknown): Promise<void> => {
    try {
      await task(payload as never)
    } catch (error) {
      app.metrics.failedJob(name as JobName)
      throw error
    }
  }
