import type { Transaction } from './db.ts'
import { sql } from './db.ts'

/** Every job of the system and what it carries: ids only, never personal data. */
export interface Jobs {
  'messages:send': { messageId: string }
  'circulation:close-due': Record<string, never>
  'sessions:sweep': Record<string, never>
}

export type JobName = keyof Jobs
export type JobTasks = { [Name in JobName]: (payload: Jobs[Name]) => Promise<void> }

/**
 * Adds a job inside the caller's transaction: it exists if and only if the change commits.
 * @param runAt not before this moment (now when left out)
 */
export async function addJob<Name extends JobName>(
  tx: Transaction,
  name: Name,
  payload: Jobs[Name],
  options: { runAt?: Date; maxAttempts?: number; key?: string } = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, payload := ${JSON.stringify(payload)}::json,
    run_at := ${options.runAt ?? null}::timestamptz, max_attempts := ${options.maxAttempts ?? 25}::int,
    job_key := ${options.key ?? null}::text)`.execute(tx)
}
