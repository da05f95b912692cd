import { Gauge, Registry } from 'prom-client'
import { silence } from '../shared/readiness.ts'
import type { Facts } from './facts.ts'

type Value = number | null | undefined
/** Values by what their labels say. */
type Labelled = [labels: Record<string, string>, value: Value][]

const inSeconds = (milliseconds: Value): Value =>
  typeof milliseconds === 'number' ? milliseconds / 1000 : undefined
const moment = (date: Date | null | undefined): Value => date && date.getTime() / 1000

/** The facts as metrics, made anew at each reading: what isn't known isn't there, rather than zero. */
export function systemMetrics(facts: Facts): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, values: Value | Labelled): void => {
    const all: Labelled = Array.isArray(values) ? values : [[{}, values]]
    const known = all.flatMap(([labels, value]) => (typeof value === 'number' ? [{ labels, value }] : []))
    if (known.length === 0) return
    const labelNames = Object.keys(known[0]?.labels ?? {})
    const made = new Gauge({ name: `smart_${name}`, help, labelNames, registers: [registry] })
    for (const { labels, value } of known) made.set(labels, value)
  }
  const { now, questionnaires, jobs, processes, disks } = facts
  const living = processes.filter(({ silentFor }) => silentFor <= silence)
  const channels = Object.entries(facts.channels)
  const byChannel = (value: (state: (typeof channels)[number][1]) => Value): Labelled =>
    channels.map(([channel, state]) => [{ channel }, value(state)])
  const { oldestAt } = questionnaires

  gauge('questionnaires_waiting', 'Questionnaires in the central library’s queue', questionnaires.waiting)
  gauge('questionnaires_overdue', 'Of those, the ones that wait longer than promised', questionnaires.overdue)
  gauge(
    'questionnaires_oldest_age_seconds',
    'Age of the one that waits longest',
    oldestAt ? inSeconds(now.getTime() - oldestAt.getTime()) : 0,
  )
  gauge('jobs', 'Jobs: due now, or given up', [
    [{ state: 'waiting' }, jobs.waiting],
    [{ state: 'failed' }, jobs.failed],
  ])
  gauge('jobs_oldest_age_seconds', 'How long the oldest job has been due', inSeconds(jobs.oldestAge ?? 0))
  gauge(
    'queue_pulse_age_seconds',
    'Since a job went through the queue; one does each minute',
    inSeconds(facts.queueAge),
  )
  gauge('mailbox_read_age_seconds', 'Since the mailbox was looked through', inSeconds(facts.mailboxAge))
  gauge(
    'workers',
    'Processes that work the queue and give signs of life',
    living.filter(({ works }) => works).length,
  )
  gauge(
    'clock_offset_seconds',
    'The most that a process’s clock differs from the database’s',
    inSeconds(Math.max(0, ...living.map(({ clockAhead }) => Math.abs(clockAhead)))),
  )
  gauge(
    'messages_last_day',
    'Messages of the last 24 hours',
    facts.messages.map(({ channel, state, count }) => [{ channel, state }, count]),
  )
  gauge(
    'messages_waiting',
    'Messages that wait to be sent',
    byChannel(({ waiting }) => waiting),
  )
  gauge(
    'messages_refused',
    'Of those, the ones refused three times or more',
    byChannel(({ refused, refusedAddresses }) => refused.count + refusedAddresses.count),
  )
  gauge(
    'messages_last_sent_timestamp_seconds',
    'When one was last taken',
    byChannel(({ lastSentAt }) => moment(lastSentAt)),
  )
  gauge('messages_uncertain', 'Messages of which nobody knows whether they went out', facts.uncertain.count)
  gauge(
    'audit_followed_age_seconds',
    'Since the log was found to go on from its head outside the database',
    inSeconds(facts.auditAge),
  )
  gauge(
    'backup_last_done_timestamp_seconds',
    'When the newest whole backup was begun',
    moment(facts.backups.doneAt),
  )
  gauge(
    'backup_last_failed_timestamp_seconds',
    'When the newest failed one was',
    moment(facts.backups.failedAt),
  )
  gauge(
    'disk_free_bytes',
    'Free space for data, uploads and backups, each disk once',
    disks.map(({ use, free }) => [{ use }, free]),
  )
  gauge(
    'disk_size_bytes',
    'Size of these disks',
    disks.map(({ use, total }) => [{ use }, total]),
  )
  gauge(
    'certificate_end_timestamp_seconds',
    'When the certificate of ORIGIN ends',
    moment(facts.certificate?.validUntil),
  )
  return registry
}
