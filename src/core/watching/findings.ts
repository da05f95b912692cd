import { isThisMachine } from '../shared/addresses.ts'
import { after, days, hours, minutes, seconds } from '../shared/clock.ts'
import { silence } from '../shared/readiness.ts'
import type { DiskUse } from './disks.ts'
import type { ChannelState, Facts, ProcessState } from './facts.ts'

export const findingCodes = [
  'storage_away',
  'worker_silent',
  'worker_lost',
  'queue_stuck',
  'jobs_late',
  'disk_full_soon',
  'uploads_full_soon',
  'backups_full_soon',
  'email_refused',
  'sms_refused',
  'mailbox_unread',
  'questionnaires_late',
  'messages_uncertain',
  'backup_failed',
  'backup_missing',
  'backup_old',
  'audit_broken',
  'certificate_ending',
  'certificate_untrusted',
  'certificate_unseen',
  'plain_http',
  'clock_skew',
  'database_newer',
] as const
export type FindingCode = (typeof findingCodes)[number]

/** Something that is wrong with the system, for the administrator; its sentences are in `locales/`. */
export interface Finding {
  code: FindingCode
  /** Readers or libraries are kept from something already, or will be within days. */
  grave: boolean
  /** Left out where the facts don't tell: then since it was seen first. */
  since?: Date | undefined
  /** For the sentence: counts, codes, bytes. */
  values: Readonly<Record<string, string | number>>
}

const gigabyte = 1024 ** 3
/** Less is enough for a day or so; PostgreSQL stops at nothing. */
const disk = { grave: gigabyte, low: 5 * gigabyte, lowShare: 0.1, graveShare: 0.5 }
const refusedLimit = hours(1)
const queueLimit = minutes(5)
const jobLimit = minutes(15)
const mailboxLimit = minutes(30)
const clockLimit = seconds(30)
const auditLimit = minutes(10)
/** A nightly backup may be late by a day; whoever makes them by hand is reminded after a week. */
const backupLimit = (nightly: boolean) => days(nightly ? 2 : 7)
const certificate = { grave: days(3), soon: days(14) }

type Rule = (facts: Facts) => Finding | undefined

const ago = ({ now }: Facts, milliseconds: number) => after(now, -milliseconds)
const lives = ({ silentFor }: ProcessState) => silentFor <= silence
const workers = ({ processes }: Facts) => processes.filter(({ works }) => works)
const livingWorkers = (facts: Facts) => workers(facts).filter(lives)
/** What happened before the present processes started tells nothing of them. */
const upFor = (processes: ProcessState[]) => Math.max(0, ...processes.map((each) => each.upFor))

const workerSilent: Rule = (facts) => {
  if (livingWorkers(facts).length > 0) return undefined
  const last = Math.min(...workers(facts).map(({ silentFor }) => silentFor))
  return {
    code: 'worker_silent',
    grave: true,
    since: Number.isFinite(last) ? ago(facts, last) : undefined,
    values: {},
  }
}

/** One of several is gone, and none has come in its place. */
const workerLost: Rule = (facts) => {
  const living = livingWorkers(facts)
  const lost = workers(facts).filter(
    (each) => !lives(each) && living.every(({ upFor }) => upFor > each.silentFor),
  )
  if (living.length === 0 || lost.length === 0) return undefined
  const first = Math.max(...lost.map(({ silentFor }) => silentFor))
  return {
    code: 'worker_lost',
    grave: false,
    since: ago(facts, first),
    values: { lost: lost.length, left: living.length },
  }
}

const queueStuck: Rule = (facts) => {
  const living = livingWorkers(facts)
  const age = facts.queueAge ?? upFor(living)
  if (Math.min(age, upFor(living)) <= queueLimit) return undefined
  return {
    code: 'queue_stuck',
    grave: true,
    since: ago(facts, age),
    values: { waiting: facts.jobs.waiting },
  }
}

/** The queue moves, but not fast enough. Where it stands still that is said already. */
const jobsLate: Rule = (facts) => {
  const { oldestAge, waiting } = facts.jobs
  if (oldestAge === null || oldestAge <= jobLimit) return undefined
  if (livingWorkers(facts).length === 0 || queueStuck(facts)) return undefined
  return { code: 'jobs_late', grave: false, since: ago(facts, oldestAge), values: { waiting } }
}

/** @param stops whether people are kept from something once it is full */
const fullSoon =
  (code: FindingCode, use: DiskUse, stops: boolean): Rule =>
  ({ disks }) => {
    const found = disks.find((each) => each.use === use)
    if (!found) return undefined
    const { free, total } = found
    // A small disk that is nearly empty is small, not full.
    const last = free < Math.min(disk.grave, total * disk.graveShare)
    if (!last && (free >= disk.low || free >= total * disk.lowShare)) return undefined
    return { code, grave: last && stops, values: { free, total } }
  }

/** One reader's full mailbox is his own affair; so many at once are no chance. */
const severalReceivers = 3

/** For an hour nothing has got through, and something that was refused waits. */
const refused =
  (code: FindingCode, channelOf: (facts: Facts) => ChannelState): Rule =>
  (facts) => {
    const { refused: whole, refusedAddresses, lastSentAt } = channelOf(facts)
    const manyAddresses = refusedAddresses.receivers >= severalReceivers
    const { count, since: first, fault } = whole.count === 0 && manyAddresses ? refusedAddresses : whole
    if (count === 0 || !first) return undefined
    const since = lastSentAt && lastSentAt > first ? lastSentAt : first
    if (facts.now.getTime() - since.getTime() < refusedLimit) return undefined
    return { code, grave: true, since, values: { count, fault: fault ?? 'unknown' } }
  }

const mailboxUnread: Rule = (facts) => {
  const readers = facts.processes.filter((each) => each.readsMail && lives(each))
  const age = facts.mailboxAge ?? upFor(readers)
  if (Math.min(age, upFor(readers)) <= mailboxLimit) return undefined
  return { code: 'mailbox_unread', grave: true, since: ago(facts, age), values: {} }
}

const questionnairesLate: Rule = ({ questionnaires: { overdue, oldestAt, hoursLimit } }) =>
  overdue === 0 || !oldestAt
    ? undefined
    : {
        code: 'questionnaires_late',
        grave: false,
        since: after(oldestAt, hours(hoursLimit)),
        values: { count: overdue, hours: hoursLimit },
      }

const messagesUncertain: Rule = ({ uncertain: { count, oldestAt } }) =>
  count === 0
    ? undefined
    : { code: 'messages_uncertain', grave: false, since: oldestAt ?? undefined, values: { count } }

const backupWrong: Rule = ({ now, backups: { doneAt, failedAt, nightly } }) => {
  if (failedAt && !(doneAt && doneAt > failedAt))
    return { code: 'backup_failed', grave: false, since: failedAt, values: {} }
  if (!doneAt) return { code: 'backup_missing', grave: false, values: {} }
  const since = after(doneAt, backupLimit(nightly))
  return since < now ? { code: 'backup_old', grave: false, since, values: {} } : undefined
}

/** Workers look at it each minute; while none does, that is what is wrong. */
const auditBroken: Rule = (facts) => {
  const { queueAge, auditAge } = facts
  if (queueAge === null || queueAge > queueLimit) return undefined
  const looking = upFor(livingWorkers(facts))
  const age = auditAge ?? looking
  if (Math.min(age, looking) <= auditLimit) return undefined
  return { code: 'audit_broken', grave: true, since: ago(facts, age), values: {} }
}

const certificateEnding: Rule = ({ now, certificate: seen }) => {
  if (!seen?.validUntil) return undefined
  const left = seen.validUntil.getTime() - now.getTime()
  if (left > certificate.soon) return undefined
  return {
    code: 'certificate_ending',
    grave: left <= certificate.grave,
    values: { until: seen.validUntil.toISOString() },
  }
}

const certificateUntrusted: Rule = (facts) => {
  const { certificate: seen, now } = facts
  // One that has ended isn't trusted either; that is said by the other rule.
  if (!seen?.validUntil || !seen.fault || seen.validUntil <= now) return undefined
  return { code: 'certificate_untrusted', grave: true, values: { fault: seen.fault } }
}

const certificateUnseen: Rule = ({ certificate: seen, origin }) =>
  !seen || seen.validUntil
    ? undefined
    : {
        code: 'certificate_unseen',
        grave: false,
        values: { fault: seen.fault ?? 'unknown', origin: origin ?? '' },
      }

const plainHttp: Rule = ({ origin }) =>
  origin && origin.startsWith('http:') && !isThisMachine(new URL(origin).hostname)
    ? { code: 'plain_http', grave: true, values: { origin } }
    : undefined

const clockSkew: Rule = (facts) => {
  const off = facts.processes.filter(lives).map(({ clockAhead }) => Math.abs(clockAhead))
  const most = Math.max(0, ...off)
  if (most <= clockLimit) return undefined
  return { code: 'clock_skew', grave: false, values: { seconds: Math.round(most / 1000) } }
}

const databaseNewer: Rule = ({ newerMigrations }) =>
  newerMigrations.length === 0
    ? undefined
    : { code: 'database_newer', grave: true, values: { name: newerMigrations.at(-1) ?? '' } }

const rules: readonly Rule[] = [
  workerSilent,
  workerLost,
  queueStuck,
  jobsLate,
  fullSoon('disk_full_soon', 'data', true),
  fullSoon('uploads_full_soon', 'uploads', true),
  fullSoon('backups_full_soon', 'backups', false),
  refused('email_refused', ({ channels }) => channels.email),
  refused('sms_refused', ({ channels }) => channels.sms),
  mailboxUnread,
  questionnairesLate,
  messagesUncertain,
  backupWrong,
  auditBroken,
  certificateEnding,
  certificateUntrusted,
  certificateUnseen,
  plainHttp,
  clockSkew,
  databaseNewer,
]

/** All that is wrong, the grave first. */
export const findingsIn = (facts: Facts): Finding[] =>
  rules.flatMap((rule) => rule(facts) ?? []).toSorted((one, other) => Number(other.grave) - Number(one.grave))
