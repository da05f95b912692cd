import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { after, days, hours, minutes, seconds } from '../shared/clock.ts'
import type { DiskUse } from './disks.ts'
import type { Facts, ProcessState } from './facts.ts'
import type { FindingCode } from './findings.ts'
import { findingCodes, findingsIn } from './findings.ts'

const now = new Date('2026-11-24T09:00:00Z')
const before = (milliseconds: number) => after(now, -milliseconds)
const gigabyte = 1024 ** 3

const worker = (change: Partial<ProcessState> = {}): ProcessState => ({
  works: true,
  readsMail: true,
  silentFor: seconds(10),
  upFor: days(1),
  clockAhead: 20,
  ...change,
})
const none = { count: 0, receivers: 0, since: null, fault: null }
const channel = { waiting: 0, lastSentAt: null, refused: none, refusedAddresses: none }
const well: Facts = {
  now,
  processes: [worker()],
  queueAge: seconds(40),
  mailboxAge: minutes(1),
  jobs: { waiting: 0, failed: 0, oldestAge: null },
  channels: { email: channel, sms: channel },
  messages: [],
  uncertain: { count: 0, oldestAt: null },
  questionnaires: { waiting: 3, overdue: 0, oldestAt: before(hours(5)), hoursLimit: 48 },
  backups: { doneAt: before(hours(6)), failedAt: before(hours(30)), nightly: true },
  auditAge: minutes(1),
  newerMigrations: [],
  certificate: { at: before(hours(3)), validUntil: after(now, days(60)), fault: undefined },
  disks: [{ use: 'data', free: 100 * gigabyte, total: 200 * gigabyte }],
  origin: 'https://books.example.ru',
}
const found = (change: Partial<Facts>) => findingsIn({ ...well, ...change })
const codes = (change: Partial<Facts>) => found(change).map(({ code }) => code)
const refusals = (since: Date, receivers = 1, fault = 'smtp_535') => ({ count: 2, receivers, since, fault })
const refused = (since: Date, lastSentAt: Date | null = null): Partial<Facts> => ({
  channels: { email: { ...channel, waiting: 2, refused: refusals(since), lastSentAt }, sms: channel },
})
const refusedAddresses = (receivers: number, lastSentAt: Date | null = null): Partial<Facts> => ({
  channels: {
    email: {
      ...channel,
      refusedAddresses: refusals(before(hours(9)), receivers, 'smtp_rcpt452'),
      lastSentAt,
    },
    sms: channel,
  },
})
const disk = (free: number, total: number, use: DiskUse = 'data'): Partial<Facts> => ({
  disks: [
    ...well.disks.filter((each) => each.use !== use),
    { use, free: free * gigabyte, total: total * gigabyte },
  ],
})
const certificate = (validUntil: Date | undefined, fault?: string) => ({
  certificate: { at: now, validUntil, fault },
})

it('nothing is found where all is well', () => expect(found({})).toEqual([]))

/** What is found, and the nearest facts in which it isn't. */
const rules: [FindingCode, about: string, wrong: Partial<Facts>, right: Partial<Facts>][] = [
  [
    'worker_silent',
    'no worker has given a sign for a minute',
    { processes: [worker({ silentFor: seconds(61) })] },
    { processes: [worker({ silentFor: seconds(60) })] },
  ],
  [
    'worker_silent',
    'no process works the queue',
    { processes: [worker({ works: false })] },
    { processes: [worker({ works: false }), worker()] },
  ],
  [
    'worker_lost',
    'one of two workers is gone, and none came since',
    { processes: [worker({ silentFor: minutes(5) }), worker()] },
    { processes: [worker({ silentFor: minutes(5) }), worker(), worker({ upFor: minutes(4) })] },
  ],
  ['queue_stuck', 'no job went through', { queueAge: minutes(6) }, { queueAge: minutes(5) }],
  [
    'queue_stuck',
    'no job has ever gone through',
    { queueAge: null },
    { queueAge: null, processes: [worker({ upFor: minutes(2) })] },
  ],
  [
    'queue_stuck',
    'nothing went through before the start, and not since',
    { queueAge: days(2), processes: [worker({ upFor: minutes(6) })] },
    { queueAge: days(2), processes: [worker({ upFor: minutes(1) })] },
  ],
  [
    'jobs_late',
    'a job has been due for long',
    { jobs: { waiting: 9, failed: 0, oldestAge: minutes(16) } },
    { jobs: { waiting: 9, failed: 5, oldestAge: minutes(15) } },
  ],
  ['disk_full_soon', 'a gigabyte is all there is', disk(0.9, 4), disk(1.1, 4)],
  ['disk_full_soon', 'a large disk is nearly full', disk(4.9, 100), disk(5.1, 100)],
  ['disk_full_soon', 'a small disk is half full', disk(0.49, 1), disk(0.99, 1)],
  [
    'uploads_full_soon',
    'there is a gigabyte left for what is uploaded',
    disk(0.9, 4, 'uploads'),
    disk(1.1, 4, 'uploads'),
  ],
  [
    'backups_full_soon',
    'the disk of the backups is nearly full',
    disk(4.9, 100, 'backups'),
    disk(5.1, 100, 'backups'),
  ],
  [
    'email_refused',
    'mail has been refused for an hour',
    refused(before(minutes(60))),
    refused(before(minutes(59))),
  ],
  [
    'email_refused',
    'nothing got through since',
    refused(before(hours(9)), before(minutes(61))),
    refused(before(hours(9)), before(minutes(5))),
  ],
  [
    'email_refused',
    'one address after the other takes nothing, and not only two readers’ full mailboxes',
    refusedAddresses(3),
    refusedAddresses(2),
  ],
  [
    'email_refused',
    'nothing got through to anybody since',
    refusedAddresses(3, before(minutes(61))),
    refusedAddresses(3, before(minutes(5))),
  ],
  [
    'sms_refused',
    'SMS have been refused for an hour',
    {
      channels: { email: channel, sms: { ...channel, refused: refusals(before(hours(2))) } },
    },
    { channels: { email: channel, sms: { ...channel, lastSentAt: before(days(9)) } } },
  ],
  [
    'mailbox_unread',
    'the mailbox hasn’t been read',
    { mailboxAge: minutes(31) },
    { mailboxAge: minutes(31), processes: [worker({ readsMail: false })] },
  ],
  [
    'mailbox_unread',
    'it was never read since the start',
    { mailboxAge: null },
    { mailboxAge: null, processes: [worker({ upFor: minutes(29) })] },
  ],
  [
    'questionnaires_late',
    'one waits longer than promised',
    { questionnaires: { waiting: 1, overdue: 1, oldestAt: before(hours(49)), hoursLimit: 48 } },
    { questionnaires: { waiting: 1, overdue: 0, oldestAt: before(hours(47)), hoursLimit: 48 } },
  ],
  [
    'messages_uncertain',
    'nobody knows of a message',
    { uncertain: { count: 1, oldestAt: before(hours(1)) } },
    { uncertain: { count: 0, oldestAt: null } },
  ],
  [
    'backup_failed',
    'the latest backup failed',
    { backups: { doneAt: before(hours(30)), failedAt: before(hours(6)), nightly: true } },
    { backups: { doneAt: before(hours(6)), failedAt: before(hours(30)), nightly: true } },
  ],
  [
    'backup_missing',
    'there is no backup',
    { backups: { doneAt: null, failedAt: null, nightly: false } },
    { backups: { doneAt: before(days(6)), failedAt: null, nightly: false } },
  ],
  [
    'backup_old',
    'two nights went without one',
    { backups: { doneAt: before(days(2) + 1), failedAt: null, nightly: true } },
    { backups: { doneAt: before(days(2)), failedAt: null, nightly: true } },
  ],
  [
    'backup_old',
    'nobody has made one by hand for a week',
    { backups: { doneAt: before(days(7) + 1), failedAt: null, nightly: false } },
    { backups: { doneAt: before(days(7)), failedAt: null, nightly: false } },
  ],
  [
    'audit_broken',
    'the log no longer goes on from its head outside',
    { auditAge: minutes(11) },
    { auditAge: minutes(11), processes: [worker({ upFor: minutes(9) })] },
  ],
  [
    'audit_broken',
    'it never did since the start',
    { auditAge: null },
    { auditAge: null, processes: [worker({ upFor: minutes(9) })] },
  ],
  [
    'certificate_ending',
    'two weeks are left',
    certificate(after(now, days(14))),
    certificate(after(now, days(15))),
  ],
  ['certificate_ending', 'it has ended', certificate(before(1), 'CERT_HAS_EXPIRED'), {}],
  [
    'certificate_untrusted',
    'browsers don’t trust it',
    certificate(after(now, days(60)), 'DEPTH_ZERO_SELF_SIGNED_CERT'),
    certificate(after(now, days(60))),
  ],
  [
    'certificate_unseen',
    'it can’t be looked at',
    certificate(undefined, 'ECONNREFUSED'),
    { certificate: undefined },
  ],
  [
    'plain_http',
    'people come over plain http',
    { origin: 'http://books.example.ru' },
    { origin: 'http://127.0.0.1:3000' },
  ],
  ['plain_http', 'or by a number', { origin: 'http://192.168.1.5:3000' }, { origin: undefined }],
  [
    'clock_skew',
    'a clock is ahead',
    { processes: [worker({ clockAhead: 30_001 })] },
    { processes: [worker({ clockAhead: 30_000 })] },
  ],
  [
    'clock_skew',
    'a clock is behind',
    { processes: [worker(), worker({ clockAhead: -90_000 })] },
    { processes: [worker(), worker({ clockAhead: -90_000, silentFor: minutes(5), works: false })] },
  ],
  [
    'database_newer',
    'a newer version has been at it',
    { newerMigrations: ['0999-later.sql'] },
    { newerMigrations: [] },
  ],
]

describe.each(rules)('%s', (code, about, wrong, right) => {
  it(`is found where ${about}`, () => expect(codes(wrong)).toEqual([code]))
  it('isn’t found otherwise', () => expect(codes(right)).not.toContain(code))
})

it('every finding of the rules is tried both ways', () => {
  const tried = new Set(rules.map(([code]) => code))
  // The storage is asked, not judged by the facts.
  expect(findingCodes.filter((code) => !tried.has(code))).toEqual(['storage_away'])
})

describe('what is said', () => {
  it('says since when, as far as the facts tell', () => {
    const [silent] = found({ processes: [worker({ silentFor: minutes(7) })] })
    expect(silent?.since).toEqual(before(minutes(7)))
    const [mail] = found(refused(before(hours(9)), before(hours(2))))
    expect(mail).toMatchObject({ since: before(hours(2)), values: { count: 2, fault: 'smtp_535' } })
    const [late] = found(rules.find(([code]) => code === 'questionnaires_late')?.[2] ?? {})
    expect(late?.since).toEqual(before(hours(1)))
  })

  it('calls a full disk grave where people are kept from something', () => {
    const grave = (use: DiskUse) => found(disk(0.5, 4, use)).map((each) => each.grave)
    expect([grave('data'), grave('uploads'), grave('backups')]).toEqual([[true], [true], [false]])
  })

  it('has the grave first', () => {
    const both = { uncertain: { count: 1, oldestAt: now }, queueAge: hours(1) }
    expect(codes(both)).toEqual(['queue_stuck', 'messages_uncertain'])
  })

  it('of a silent worker is said once: not also that the queue stands still and nothing is read', () => {
    const gone = {
      processes: [worker({ silentFor: hours(2) })],
      queueAge: hours(2),
      mailboxAge: hours(2),
      auditAge: hours(2),
    }
    expect(codes({ ...gone, jobs: { waiting: 5, failed: 0, oldestAge: hours(2) } })).toEqual([
      'worker_silent',
    ])
  })

  it('names each thing once, whatever the processes are', () => {
    const span = fc.integer({ min: 0, max: days(2) })
    const process = fc.record({
      works: fc.boolean(),
      readsMail: fc.boolean(),
      silentFor: span,
      upFor: span,
      clockAhead: fc.integer({ min: -hours(1), max: hours(1) }),
    })
    const facts = fc.record({
      processes: fc.array(process, { maxLength: 4 }),
      queueAge: fc.option(span),
      mailboxAge: fc.option(span),
      auditAge: fc.option(span),
    })
    fc.assert(
      fc.property(facts, (change) => {
        const all = codes(change)
        expect(new Set(all).size).toBe(all.length)
        expect(all.includes('worker_silent') && all.includes('worker_lost')).toBe(false)
        for (const { since } of found(change)) expect(since === undefined || since <= now).toBe(true)
      }),
    )
  })
})
