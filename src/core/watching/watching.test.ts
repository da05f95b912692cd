import { createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { openDatabase, openPool, sql } from '../shared/db.ts'
import { createReadiness } from '../shared/readiness.ts'
import { authorise } from '../staff/actors.ts'
import { certificateOf, createCertificateLook, lastCertificateLook } from './certificate.ts'
import { selfSigned } from './certificate.fixtures.ts'
import { isFull, lookOnce } from './disks.ts'
import { gatherFacts } from './facts.ts'
import { createMetrics } from './metrics.ts'
import { startHeartbeat } from './heartbeat.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const state = () => app.watching.state(authorise(network.admin, 'system.watch'))
const codes = async () => (await state()).findings.map(({ code }) => code)
const worker = () => startHeartbeat(app, { role: 'worker', works: true, readsMail: false })
const silentSince = (minutes: number) =>
  sql`update processes set seen_at = now() - ${minutes} * interval '1 minute'`.execute(app.db)

describe('a process', () => {
  it('is there from its start until it takes leave', async () => {
    expect(await codes()).toContain('worker_silent')
    const beating = await worker()
    expect(await codes()).not.toContain('worker_silent')
    await beating.stop()
    expect(await codes()).toContain('worker_silent')
  })

  it('that was killed is missed, since its last sign, until another comes in its place', async () => {
    const killed = await worker()
    await silentSince(5)
    const silent = (await state()).findings.find(({ code }) => code === 'worker_silent')
    const ago = app.clock().getTime() - (silent?.since.getTime() ?? 0)
    expect(Math.round(ago / 60_000)).toBe(5)
    const next = await worker()
    expect(await codes()).not.toContain('worker_silent')
    expect(await codes()).not.toContain('worker_lost')
    await Promise.all([killed.stop(), next.stop()])
  })

  it('says how far its clock is from the database’s', async () => {
    const beating = await worker()
    // The test's clock stands still; the database's goes on.
    expect(await codes()).toContain('clock_skew')
    await beating.stop()
  })
})

describe('readiness', () => {
  it('needs a worker; one that has been silent for a minute is away', async () => {
    const asked = async () => (await app.twin()).readiness()
    expect(await asked()).toEqual({ database: true, storage: true, worker: false })
    const beating = await worker()
    expect(await asked()).toEqual({ database: true, storage: true, worker: true })
    await silentSince(2)
    expect(await asked()).toMatchObject({ database: true, worker: false })
    await beating.stop()
  })
})

describe('findings', () => {
  const since = async () =>
    (await state()).findings.find(({ code }) => code === 'database_newer')?.since.toISOString()
  const newer = '0999-from-the-future.sql'

  it('keep the moment at which they were seen first, and begin anew after they had gone', async () => {
    await sql`insert into migrations (name) values (${newer})`.execute(app.db)
    const first = new Date(testStart).toISOString()
    expect(await since()).toBe(first)
    app.setTime('2026-11-24T12:00:00Z')
    expect(await since()).toBe(first)
    await sql`delete from migrations where name = ${newer}`.execute(app.db)
    expect(await since()).toBeUndefined()
    await sql`insert into migrations (name) values (${newer})`.execute(app.db)
    expect(await since()).toBe('2026-11-24T12:00:00.000Z')
    await sql`delete from migrations where name = ${newer}`.execute(app.db)
    app.setTime(testStart)
  })

  it('are told all the same while the database takes no writes', async () => {
    await sql`create function full_disk() returns trigger language plpgsql as
      $$ begin raise exception using errcode = '53100', message = 'could not extend file'; end $$`.execute(
      app.db,
    )
    await sql`create trigger full_disk before insert or update or delete on findings
      for each statement execute function full_disk()`.execute(app.db)
    expect(await codes()).toContain('worker_silent')
    await sql`drop trigger full_disk on findings`.execute(app.db)
  })

  const waits = (recipient: string, fault: string) =>
    app.db
      .insertInto('messages')
      .values({
        channel: 'email',
        event: 'reader.registered',
        recipient,
        state: 'queued',
        attempts: 4,
        fault,
        created_at: new Date('2026-11-24T07:30:00Z'),
      })
      .execute()
  const mailRefused = async () => (await state()).findings.find(({ code }) => code === 'email_refused')

  it('of mail: a reader’s full mailbox is none, three in a row are', async () => {
    await waits('anna@reader.test', 'smtp_rcpt452')
    await waits('anna@reader.test', 'smtp_rcpt452')
    await waits('vera@reader.test', 'smtp_rcpt450')
    expect(await mailRefused()).toBeUndefined()
    await waits('olga@reader.test', 'smtp_rcpt451')
    expect(await mailRefused()).toMatchObject({ values: { count: 4 } })
    // Others took their letters meanwhile: these mailboxes are full, and the mail goes.
    await app.db
      .insertInto('messages')
      .values({
        channel: 'email',
        event: 'reader.registered',
        recipient: 'sonya@reader.test',
        state: 'sent',
        created_at: new Date('2026-11-24T07:30:00Z'),
        sent_at: new Date('2026-11-24T07:31:00Z'),
      })
      .execute()
    expect(await mailRefused()).toBeUndefined()
    await app.db.deleteFrom('messages').execute()
  })

  it('of mail: refused for an hour, found with its reason', async () => {
    await waits('anna@reader.test', 'smtp_535')
    expect(await mailRefused()).toMatchObject({
      since: new Date('2026-11-24T07:30:00Z'),
      values: { count: 1, fault: 'smtp_535' },
    })
  })

  it('of disks: each file system is looked at once, and what isn’t there is left out', async () => {
    const uses = async (dataDir: string, backupDir: string) => {
      const { disks } = await gatherFacts(app.db, { now: app.clock(), origin: undefined, dataDir, backupDir })
      return disks.map(({ use }) => use)
    }
    // /proc is a file system of its own on every Linux.
    expect(await uses(tmpdir(), tmpdir())).toEqual(['data'])
    expect(await uses(tmpdir(), '/proc')).toEqual(['data', 'backups'])
    expect(await uses('/proc', tmpdir())).toEqual(['data', 'uploads'])
    expect(await uses(tmpdir(), join(tmpdir(), 'not-there-yet'))).toEqual(['data'])
  })

  it('of disks: one that is too full for a database is told from others, and from one that can’t be asked', async () => {
    // /proc never has space.
    expect(await Promise.all(['/proc', tmpdir(), '/not-there'].map(isFull))).toEqual([true, false, false])
  })

  it('of disks: one that doesn’t answer is asked once, however often the others are looked at', async () => {
    let asked = 0
    let answer = () => {}
    const hung = () => {
      asked += 1
      return new Promise<never>((_, reject) => (answer = () => reject(new Error('at last'))))
    }
    const both = [lookOnce('/mnt/away', hung), lookOnce('/mnt/away', hung)]
    expect(asked).toBe(1)
    answer()
    await expect(Promise.all(both)).rejects.toThrow('at last')
    lookOnce('/mnt/away', hung).catch(() => {})
    expect(asked).toBe(2)
    answer()
  })

  it('the job that goes through the queue says that it moves', async () => {
    await sql`insert into signs (name, at) values ('queue', now() - interval '1 hour')`.execute(app.db)
    await app.watching.lookAgain()
    expect((await app.watching.facts()).queueAge).toBeLessThan(60_000)
  })
})

describe('metrics', () => {
  it('count questionnaires, jobs, messages and requests, and tell nothing of a person', async () => {
    await app.applications.send(
      authorise(network.librarian, 'applications.write', network.bui),
      network.bui,
      questionnaire(network),
    )
    app.metrics.request('staff', 503, 0.2)
    app.metrics.failedJob('messages:send')
    const { type, text } = await app.metrics.expose()
    expect(type).toContain('text/plain; version=0.0.4')
    for (const line of [
      'smart_questionnaires_waiting 1',
      'smart_messages_waiting{channel="email"} 1',
      'smart_messages_refused{channel="email"} 1',
      'smart_messages_last_day{channel="email",state="queued"} 1',
      'smart_up{part="database"} 1',
      'smart_up{part="worker"} 0',
      'smart_workers 0',
      'smart_jobs{state="failed"} 0',
      'smart_job_failures_total{job="messages:send"} 1',
      'smart_http_request_duration_seconds_count{group="staff",status="503"} 1',
      'smart_unexpected_errors_total 0',
    ])
      expect(text.split('\n')).toContain(line)
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
      'smart_disk_free_bytes{use="data"}',
      'smart_disk_size_bytes{use="data"}',
    ])
      expect(text).toMatch(new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} \\d`, 'm'))
    for (const theirs of ['Смирнова', 'anna@', '79101234567', network.bui, 'library.test'])
      expect(text).not.toContain(theirs)
  })

  it('of a database that is away are left out; those of the process are there', async () => {
    const pool = openPool('postgres://nobody@127.0.0.1:1/none')
    const db = openDatabase(pool)
    const readiness = createReadiness(db, app.storage)
    const facts = () => gatherFacts(db, { now: app.clock(), origin: undefined, dataDir: '/', backupDir: '/' })
    const { text } = await createMetrics({ pool, facts, readiness }).expose()
    await db.destroy()
    expect(text).toContain('smart_up{part="database"} 0')
    expect(text).not.toContain('smart_questionnaires_waiting')
    expect(text).toContain('process_resident_memory_bytes')
  })
})

describe('the certificate of the own address', () => {
  it('is seen with its end, and that browsers don’t trust it; what doesn’t answer is said', async () => {
    const server = createServer({ cert: selfSigned.cert, key: selfSigned.key })
    // Whoever looks hangs up at once.
    server.on('tlsClientError', () => {}).on('secureConnection', (socket) => socket.on('error', () => {}))
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const { port } = server.address() as AddressInfo
    const origin = `https://localhost:${port}`
    expect(await certificateOf(origin)).toEqual({
      validUntil: selfSigned.until,
      fault: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    })
    await createCertificateLook({ db: app.db, clock: app.clock, origin })()
    expect(await lastCertificateLook(app.db, origin)).toMatchObject({ validUntil: selfSigned.until })
    expect(await lastCertificateLook(app.db, 'https://other.test')).toBeUndefined()
    await new Promise((resolve) => server.close(resolve))
    expect(await certificateOf(origin)).toEqual({ validUntil: undefined, fault: 'ECONNREFUSED' })
    // What is mended, or gone, is known at the next look.
    await createCertificateLook({ db: app.db, clock: app.clock, origin })()
    expect(await lastCertificateLook(app.db, origin)).toMatchObject({ fault: 'ECONNREFUSED' })
  })
})
