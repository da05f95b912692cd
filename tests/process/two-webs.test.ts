import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import type { EmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { startEmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import type { Point } from '../../src/core/shared/points.ts'
import { demoLibraries } from '../../src/demo/libraries.ts'
import { demoApplications, demoPassword, demoReaders, demoStaff } from '../../src/demo/people.ts'
import { leaveForUndo } from '../support/at-once.ts'
import { createVisitor, fieldOf } from '../support/form-client.ts'
import { onServer } from '../support/server-commands.ts'
import type { Credentials } from '../support/steps.ts'
import { credentialsOf } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import {
  eventually,
  newDataDir,
  outboxOf,
  removeDataDir,
  startSystem,
  untilKilled,
} from '../support/system.ts'

/** What people see in the address bar, whichever process answers. */
const origin = 'http://library.test'
/** All of the demonstration region: those of its readers, and those that wait. */
const questionnaires = demoReaders.length + demoApplications.length

let serverFolder: string
let server: EmbeddedPostgres
let databaseUrl: string
let dataDir: string
let systems: RunningSystem[]
let a: RunningSystem
let b: RunningSystem
let worker: RunningSystem
/** How many questionnaires each web process found when it opened. */
let foundAtOpening: number[]

beforeAll(async () => {
  await ensureBuild()
  systems = []
  // The binaries of the embedded server stand in for a server that the region runs itself.
  serverFolder = await mkdtemp(join(tmpdir(), 'smart-two-webs-'))
  server = await startEmbeddedPostgres({ dataDir: serverFolder })
  await onServer(server.url, 'create database region')
  databaseUrl = Object.assign(new URL(server.url), { pathname: '/region' }).href
  dataDir = await newDataDir()
  foundAtOpening = []
  ;[a, b, worker] = await Promise.all([opened(), opened(), start('worker')])
  await leaveForUndo(databaseUrl, 0)
})
afterAll(async () => {
  for (const system of systems) await system.stop()
  await server?.stop()
  await rm(serverFolder, { recursive: true, force: true })
  await removeDataDir(dataDir)
})

async function start(role: 'web' | 'worker', killAt?: Point): Promise<RunningSystem> {
  const system = await startSystem({
    role,
    dataDir,
    env: {
      DATABASE_URL: databaseUrl,
      ORIGIN: origin,
      SMART_DEMO: '1',
      ...(killAt && { SMART_TEST_KILL_AT: killAt }),
    },
  })
  systems.push(system)
  return system
}

async function opened(): Promise<RunningSystem> {
  const web = await start('web')
  foundAtOpening.push(await count('applications'))
  return web
}

const count = async (what: string): Promise<number> => {
  const { rows } = await onServer(databaseUrl, `select count(*)::int as count from ${what}`)
  return (rows as { count: number }[])[0]?.count ?? 0
}

const nothingUnsent = () =>
  eventually(async () =>
    (await count(`messages where state in ('queued', 'sending')`)) === 0 ? true : undefined,
  )

describe('two web processes and a worker, started at the same moment on an empty database', () => {
  it('have made one demonstration region and one key', async () => {
    expect(await count('libraries')).toBe(demoLibraries.length)
    // One more is invited.
    expect(await count('staff')).toBe(demoStaff.length + 1)
    expect(await count('readers')).toBe(demoReaders.length)
    expect(await count('applications')).toBe(questionnaires)
    expect(await count('publications')).toBe(await count('(select distinct title from publications) as t'))
    expect((await readdir(dataDir)).filter((name) => name.startsWith('secret'))).toEqual(['secret.key'])
  })

  it('open only when the whole region is there, whichever of them fills it', () => {
    expect(foundAtOpening).toEqual([questionnaires, questionnaires])
  })

  it('are ready, and the worker has told every reader', async () => {
    for (const web of [a, b]) expect((await fetch(`${web.origin}/readyz`)).status).toBe(200)
    await nothingUnsent()
    expect((await outboxOf(a.origin)).length).toBe(await count('messages'))
  })

  it('start no database of their own in the data folder', async () => {
    expect(await readdir(dataDir)).not.toContain('postgres')
  })
})

describe('the path of a reader leads over any of the processes', () => {
  const librarian = createVisitor(origin)
  const operator = createVisitor(origin)
  const reader = createVisitor(origin)
  let application: string
  let credentials: Credentials
  let book: string
  let chapter: string

  it('a librarian signed in at A is signed in at B, and sends the questionnaire through A', async () => {
    await librarian
      .at(a.origin)
      .post('/staff/sign-in', { email: 'librarian@demo.test', password: demoPassword })
    expect((await librarian.at(b.origin).get('/staff')).status).toBe(200)
    const form = await librarian.at(b.origin).get('/staff/applications/new')
    const sent = await librarian.at(a.origin).post('/staff/applications/new', {
      fullName: 'Двойных Агния Павловна',
      birthDate: '1984-02-29',
      email: '',
      phone: '8 910 000-22-01',
      formKey: fieldOf(form, 'formKey'),
      libraryId: fieldOf(form, 'libraryId'),
      consentVersion: fieldOf(form, 'consentVersion'),
      consentGiven: 'on',
    })
    expect(sent.status).toBe(303)
    application = sent.location.replace('?sent', '')
  })

  it('an operator signed in at A registers the reader through B', async () => {
    await operator
      .at(a.origin)
      .post('/staff/sign-in', { email: 'operator@demo.test', password: demoPassword })
    expect((await operator.at(b.origin).get('/staff/applications')).text).toContain(application)
    const answer = await operator.at(b.origin).post(`${application}?/register`, { revision: '1' })
    expect(answer.status).toBe(303)
  })

  it('the worker, which has sealed nothing, opens the password and delivers it', async () => {
    credentials = await credentialsOf(a.origin, '+79100002201')
    expect(credentials.number).toMatch(/^\d{13}$/)
  })

  it('the reader signs in at A and borrows at B', async () => {
    const signedIn = await reader
      .at(a.origin)
      .post('/sign-in', { cardNumber: credentials.number, password: credentials.password })
    expect([signedIn.status, signedIn.location]).toEqual([303, '/shelf'])
    const found = await reader.at(b.origin).get(`/search?q=${encodeURIComponent('летопись погоды')}`)
    book = /\/books\/[0-9a-f-]{36}/.exec(found.text)?.[0] ?? ''
    expect((await reader.at(b.origin).post(`${book}?/borrow`, {})).status).toBe(200)
  })

  it('reads at A what was borrowed at B, and gives it back at B', async () => {
    const page = await reader.at(a.origin).get(book)
    const reading = /\/read\/[0-9a-f-]{36}/.exec(page.text)?.[0] ?? ''
    const opened = await reader.at(a.origin).get(reading)
    chapter = /^<([^>]+\.xhtml)>/.exec(opened.link)?.[1] ?? ''
    const text = await reader.at(a.origin).get(chapter)
    expect(text.status).toBe(200)
    expect(text.text).toContain('января')
    const loan = reading.replace('/read/', '')
    expect((await reader.at(b.origin).post('/shelf?/giveBack', { loan })).status).toBe(200)
  })

  it('A, which has just read it, refuses the text at once', async () => {
    expect((await reader.at(a.origin).get(chapter)).status).toBe(403)
  })

  it('signing out at B signs out at A', async () => {
    expect((await reader.at(a.origin).get('/shelf')).status).toBe(200)
    await reader.at(b.origin).post('/sign-out', {})
    expect((await reader.at(a.origin).get('/shelf')).location).toContain('/sign-in')
  })
})

describe('limits and queue are one for all processes', () => {
  it('five wrong passwords at A use up the tries at B', async () => {
    const guess = async (web: RunningSystem) =>
      (await createVisitor(origin).at(web.origin).post('/sign-in', { cardNumber: '42', password: 'wrong' }))
        .status
    const statuses = []
    for (const web of [a, a, a, a, a, b]) statuses.push(await guess(web))
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })

  it('messages wait while no worker runs, and go out once one does', async () => {
    await worker.stop()
    const [path] = await waitingPaths()
    const operator = createVisitor(origin).at(b.origin)
    await operator.post('/staff/sign-in', { email: 'operator@demo.test', password: demoPassword })
    expect((await operator.post(`${path}?/register`, { revision: '1' })).status).toBe(303)
    expect(await count(`messages where state = 'queued'`)).toBeGreaterThan(0)
    worker = await start('worker')
    await nothingUnsent()
  })

  it('what a killed worker had under way, another worker finishes', async () => {
    await worker.stop()
    const dying = await start('worker', 'sms:claimed')
    const [path] = await waitingPaths(`and phone is not null`)
    const operator = createVisitor(origin).at(a.origin)
    await operator.post('/staff/sign-in', { email: 'operator@demo.test', password: demoPassword })
    expect((await operator.post(`${path}?/register`, { revision: '1' })).status).toBe(303)
    await untilKilled(dying)
    expect(await count(`messages where state = 'sending'`)).toBeGreaterThan(0)
    // Five minutes go by.
    await onServer(
      databaseUrl,
      `update graphile_worker._private_jobs set locked_at = locked_at - interval '5 minutes'
       where locked_at is not null`,
    )
    worker = await start('worker')
    await nothingUnsent()
    expect(await count(`messages where state = 'sent'`)).toBe(await count('messages'))
  })
})

/** Pages of questionnaires that wait for the operator, and that no reader on record resembles. */
async function waitingPaths(narrowed = ''): Promise<string[]> {
  const { rows } = await onServer(
    databaseUrl,
    `select id from applications where state = 'sent' and full_name not like 'Громова%' ${narrowed} order by id`,
  )
  return (rows as { id: string }[]).map(({ id }) => `/staff/applications/${id}`)
}
