import { tmpdir } from 'node:os'
import type { Channel } from '../messages/messages.ts'
import { readSettings } from '../settings/settings.ts'
import { after, hours } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { unknownMigrations } from '../shared/migrate.ts'
import type { CertificateFacts } from './certificate.ts'
import { lastCertificateLook } from './certificate.ts'
import type { DiskState } from './disks.ts'
import { diskStates } from './disks.ts'

export interface ProcessState {
  works: boolean
  readsMail: boolean
  /** Milliseconds since its last sign, and since it started. */
  silentFor: number
  upFor: number
  /** Of the database's clock, in milliseconds. */
  clockAhead: number
}

export interface ChannelState {
  /** In the queue, and not for a reason of ours such as quiet hours. */
  waiting: number
  lastSentAt: Date | null
  /** Refused for a reason that holds for every message: the server is away, credentials, sender, money. */
  refused: Refusals
  /** Refused for the receiver's address, of those that were queued since anything was sent. */
  refusedAddresses: Refusals
}

/** Messages that were refused and will be tried again. */
export interface Refusals {
  count: number
  /** How many addresses or numbers they go to. */
  receivers: number
  /** The first one's time, and the latest reason. */
  since: Date | null
  fault: string | null
}

/** What the rules and the metrics look at. All of it counts and moments; nothing of a person. */
export interface Facts {
  now: Date
  processes: ProcessState[]
  /**
   * Milliseconds since a job went through the queue, since the mailbox was looked through, since the log was found to
   * go on from its head outside the database; null: never.
   */
  queueAge: number | null
  mailboxAge: number | null
  auditAge: number | null
  /** `waiting` are due now; `failed` won't be tried again. */
  jobs: { waiting: number; failed: number; oldestAge: number | null }
  channels: Record<Channel, ChannelState>
  /** Of the last day. */
  messages: { channel: Channel; state: string; count: number }[]
  uncertain: { count: number; oldestAt: Date | null }
  questionnaires: { waiting: number; overdue: number; oldestAt: Date | null; hoursLimit: number }
  /** When the newest backup of each end was begun. */
  backups: { doneAt: Date | null; failedAt: Date | null; nightly: boolean }
  newerMigrations: string[]
  certificate: CertificateFacts | undefined
  /** Each file system once; left out where it can't be told. */
  disks: DiskState[]
  /** Where people reach the system; undefined when only this computer does. */
  origin: string | undefined
}

/** An attempt or two may fail on the way: a server that asks to come again (RFC 6647) is none that refuses. */
const triedInEarnest = 3

/** Asks all of it at once; the database is asked a dozen small questions, none of which reads a table that grows. */
export async function gatherFacts(
  db: Database,
  place: { now: Date; origin: string | undefined; dataDir: string; backupDir: string },
): Promise<Facts> {
  const { now, origin, dataDir, backupDir } = place
  const [
    settings,
    processes,
    signs,
    jobs,
    email,
    sms,
    messages,
    uncertain,
    backups,
    newerMigrations,
    certificate,
    disks,
  ] = await Promise.all([
    readSettings(db),
    processStates(db),
    signAges(db),
    jobState(db),
    channelState(db, 'email'),
    channelState(db, 'sms'),
    lastDaysMessages(db, now),
    uncertainMessages(db),
    backupEnds(db),
    unknownMigrations(db),
    lastCertificateLook(db, origin),
    diskStates([
      ['data', dataDir],
      ['uploads', tmpdir()],
      ['backups', backupDir],
    ]),
  ])
  const hoursLimit = settings['queue.hoursLimit']
  return {
    now,
    processes,
    queueAge: signs.get('queue') ?? null,
    mailboxAge: signs.get('mailbox') ?? null,
    auditAge: signs.get('audit') ?? null,
    jobs,
    channels: { email, sms },
    messages,
    uncertain,
    questionnaires: { ...(await waitingQuestionnaires(db, after(now, -hours(hoursLimit)))), hoursLimit },
    backups: { ...backups, nightly: settings['backup.nightly'] },
    newerMigrations,
    certificate,
    disks,
    origin,
  }
}

/** A moment's age in milliseconds, by the database's clock. */
const ageOf = (column: string) =>
  sql<number>`(extract(epoch from clock_timestamp() - ${sql.ref(column)}) * 1000)::float8`

async function processStates(db: Database): Promise<ProcessState[]> {
  const rows = await db
    .selectFrom('processes')
    .select([
      'works',
      'reads_mail',
      'clock_ahead',
      ageOf('seen_at').as('silent_for'),
      ageOf('started_at').as('up_for'),
    ])
    .where('seen_at', '>', sql<Date>`clock_timestamp() - interval '1 day'`)
    .execute()
  return rows.map((row) => ({
    works: row.works,
    readsMail: row.reads_mail,
    silentFor: row.silent_for,
    upFor: row.up_for,
    clockAhead: row.clock_ahead,
  }))
}

async function signAges(db: Database): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('signs')
    .select(['name', ageOf('at').as('age')])
    .execute()
  return new Map(rows.map(({ name, age }) => [name, age]))
}

async function jobState(db: Database): Promise<Facts['jobs']> {
  const { rows } = await sql<{ waiting: number; failed: number; oldest: number | null }>`
    select count(*) filter (where due)::int as waiting, count(*) filter (where spent)::int as failed,
      (extract(epoch from clock_timestamp() - min(run_at) filter (where due)) * 1000)::float8 as oldest
    from (select run_at, attempts >= max_attempts and locked_at is null as spent,
      attempts < max_attempts and locked_at is null and run_at <= clock_timestamp() as due
      from graphile_worker.jobs) j`.execute(db)
  const [found] = rows
  return { waiting: found?.waiting ?? 0, failed: found?.failed ?? 0, oldestAge: found?.oldest ?? null }
}

/** Why a message of ours rests by itself. */
const ownReasons = ['quiet_hours', 'awaits_provider']

/** What a mail server says of one address for the moment (`smtp.driver.ts`). */
const ofTheAddress = 'smtp_rcpt%'

async function channelState(db: Database, channel: Channel): Promise<ChannelState> {
  const { rows } = await sql<{
    waiting: number
    last_sent: Date | null
    refused: Refusals | null
    addresses: Refusals | null
  }>`with open as (
      select created_at, recipient, fault, attempts >= ${triedInEarnest} and fault is not null as refused
      from messages where channel = ${channel} and state in ('queued', 'sending')
        and (fault is null or fault <> all(${ownReasons}::text[]))),
    last as (select max(sent_at) as sent_at from messages where channel = ${channel} and sent_at is not null),
    refusals as (
      select fault like ${ofTheAddress} as of_address, count(*)::int as count,
        count(distinct recipient)::int as receivers, min(created_at) as since,
        (array_agg(fault order by created_at desc))[1] as fault
      from open, last
      -- Mailboxes that were full while others took their letters say nothing of the channel.
      where refused and (fault not like ${ofTheAddress} or created_at > coalesce(sent_at, '-infinity'))
      group by 1)
    select (select count(*)::int from open) as waiting,
      (select sent_at from last) as last_sent,
      (select to_json(r) from refusals r where not of_address) as refused,
      (select to_json(r) from refusals r where of_address) as addresses`.execute(db)
  const [found] = rows
  return {
    waiting: found?.waiting ?? 0,
    lastSentAt: found?.last_sent ?? null,
    refused: refusals(found?.refused),
    refusedAddresses: refusals(found?.addresses),
  }
}

/** JSON has its moments as text. */
const refusals = (found: Refusals | null | undefined): Refusals => ({
  count: found?.count ?? 0,
  receivers: found?.receivers ?? 0,
  since: found?.since ? new Date(found.since) : null,
  fault: found?.fault ?? null,
})

async function lastDaysMessages(db: Database, now: Date): Promise<Facts['messages']> {
  const rows = await db
    .selectFrom('messages')
    .select((eb) => ['channel', 'state', eb.fn.countAll<number>().as('count')])
    .where('created_at', '>', after(now, -hours(24)))
    .groupBy(['channel', 'state'])
    .execute()
  return rows.map(({ channel, state, count }) => ({ channel: channel as Channel, state, count }))
}

async function uncertainMessages(db: Database): Promise<Facts['uncertain']> {
  const found = await db
    .selectFrom('messages')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('created_at').as('oldest')])
    .where('state', '=', 'uncertain')
    .where('settled_at', 'is', null)
    .executeTakeFirst()
  return { count: found?.count ?? 0, oldestAt: found?.oldest ?? null }
}

async function waitingQuestionnaires(db: Database, overdueBefore: Date) {
  const found = await db
    .selectFrom('applications')
    .select((eb) => [
      eb.fn.countAll<number>().as('waiting'),
      eb.fn.countAll<number>().filterWhere('sent_at', '<', overdueBefore).as('overdue'),
      eb.fn.min('sent_at').as('oldest'),
    ])
    .where('state', '=', 'sent')
    .executeTakeFirst()
  return { waiting: found?.waiting ?? 0, overdue: found?.overdue ?? 0, oldestAt: found?.oldest ?? null }
}

async function backupEnds(db: Database): Promise<{ doneAt: Date | null; failedAt: Date | null }> {
  const found = await db
    .selectFrom('backups')
    .select((eb) => [
      eb.fn.max('started_at').filterWhere('state', '=', 'done').as('done'),
      eb.fn.max('started_at').filterWhere('state', '=', 'failed').as('failed'),
    ])
    .executeTakeFirst()
  return { doneAt: found?.done ?? null, failedAt: found?.failed ?? null }
}
