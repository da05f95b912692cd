import type { Database, Transaction } from './db.ts'
import { sql } from './db.ts'

/**
 * Every job of the system and what it carries: ids only, never personal data. Each may run twice, also at
 * once: a worker that was only slow may be taken for dead.
 */
export interface Jobs {
  'messages:send': { messageId: string }
  'messages:poll': { messageId: string }
  'credentials:send-code': { cardNumber: string; channel: 'sms' | 'email' }
  'staff:send-link': { staffId: string }
  'applications:tell-overdue': Record<string, never>
  'circulation:close-due': Record<string, never>
  'readers:finish-merges': Record<string, never>
  'sessions:sweep': Record<string, never>
  'destructions:due': Record<string, never>
  'drafts:expire': Record<string, never>
  'letters:daily': Record<string, never>
  'lists:check': { listId: string }
  'lists:run': { listId: string }
  'lists:expire': Record<string, never>
  'audit:follow': Record<string, never>
  'backups:due': Record<string, never>
  'backups:make': Record<string, never>
  'jobs:free-abandoned': Record<string, never>
  'watching:look': Record<string, never>
  'watching:certificate': Record<string, never>
}

export type JobName = keyof Jobs
export type JobTasks = { [Name in JobName]: (payload: Jobs[Name]) => Promise<void> }

/**
 * Adds a job inside the caller's transaction: it exists if and only if the change commits.
 * @param options.runAt not before this moment (now when left out)
 * @param options.priority the higher, the later among what is due (0 when left out)
 */
export async function addJob<Name extends JobName>(
  tx: Transaction,
  name: Name,
  payload: Jobs[Name],
  options: { runAt?: Date; maxAttempts?: number; key?: string; priority?: number } = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, payload := ${JSON.stringify(payload)}::json,
    run_at := ${options.runAt ?? null}::timestamptz, max_attempts := ${options.maxAttempts ?? 25}::int,
    job_key := ${options.key ?? null}::text, priority := ${options.priority ?? 0}::int)`.execute(tx)
}

/**
 * Gives back to the queue the jobs that a killed worker had under way: by itself it would wait four hours
 * for them. A worker that has held a job for five minutes is taken for dead.
 * @param alone true when no other worker can be at work: then whatever is held was left behind
 */
export async function freeAbandonedJobs(db: Database, alone: boolean): Promise<void> {
  await sql`select graphile_worker.force_unlock_workers(array(
    select distinct locked_by from graphile_worker.jobs
    where locked_by is not null and (${alone} or locked_at < now() - interval '5 minutes')))`.execute(db)
}
