import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import type { EmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { startEmbeddedPostgres } from '../../src/core/shared/postgres/embedded.ts'
import type { Point } from '../../src/core/shared/points.ts'
import { demoPassword } from '../../src/demo/people.ts'
import type { FormClient } from '../support/form-client.ts'
import { createVisitor, fieldOf } from '../support/form-client.ts'
import { onServer } from '../support/server-commands.ts'
import type { RunningSystem } from '../support/system.ts'
import { eventually, newDataDir, removeDataDir, startSystem } from '../support/system.ts'

const origin = 'http://library.test'
/** In a registration: the look for the same person is done, and nothing is written yet. */
const point: Point = 'register:checked'
const rounds = 200
/** Rounds that are under way at once; each holds a connection of either process. */
const together = 5

let serverFolder: string
let server: EmbeddedPostgres
let databaseUrl: string
let dataDir: string
let webs: RunningSystem[]
/** The test's own connection: it holds the point's lock. */
let gate: pg.Client

beforeAll(async () => {
  await ensureBuild()
  webs = []
  serverFolder = await mkdtemp(join(tmpdir(), 'smart-same-person-'))
  server = await startEmbeddedPostgres({ dataDir: serverFolder })
  await onServer(server.url, 'create database region')
  databaseUrl = Object.assign(new URL(server.url), { pathname: '/region' }).href
  dataDir = await newDataDir()
  const env = { DATABASE_URL: databaseUrl, ORIGIN: origin, SMART_DEMO: '1', SMART_TEST_WAIT_AT: point }
  for (let count = 0; count < 2; count += 1) webs.push(await startSystem({ role: 'web', dataDir, env }))
  gate = new pg.Client({ connectionString: databaseUrl })
  await gate.connect()
})
afterAll(async () => {
  await gate?.end()
  for (const web of webs) await web.stop()
  await server?.stop()
  await rm(serverFolder, { recursive: true, force: true })
  await removeDataDir(dataDir)
})

const at = (place: 0 | 1): string => webs[place]?.origin ?? ''

async function staff(name: string, place: 0 | 1): Promise<FormClient> {
  const client = createVisitor(origin).at(at(place))
  await client.post('/staff/sign-in', { email: `${name}@demo.test`, password: demoPassword })
  return client
}

/** Somebody's questionnaire from a library; its page. */
async function send(
  librarian: FormClient,
  form: Record<string, string>,
  person: { fullName: string; birthDate: string },
): Promise<string> {
  const { status, location } = await librarian.post('/staff/applications/new', {
    ...form,
    formKey: randomUUID(),
    ...person,
    email: '',
    phone: '',
    consentGiven: 'on',
  })
  if (status !== 303) throw new Error(`the questionnaire was not sent: ${status}`)
  return location.replace('?sent', '')
}

async function newForm(librarian: FormClient): Promise<Record<string, string>> {
  const page = await librarian.get('/staff/applications/new')
  return { libraryId: fieldOf(page, 'libraryId'), consentVersion: fieldOf(page, 'consentVersion') }
}

const lock = (what: 'pg_advisory_lock' | 'pg_advisory_unlock') =>
  gate.query(`select ${what}(hashtextextended($1, 0))`, [point])

/** How many transactions wait at the point, all of them open and none of them committed. */
async function waiting(): Promise<number> {
  const { rows } = await gate.query<{ count: number }>(
    `select count(*)::int as count from pg_locks
     where locktype = 'advisory' and not granted
       and (classid::bigint << 32) + objid::bigint = hashtextextended($1, 0)`,
    [point],
  )
  return rows[0]?.count ?? 0
}

/** Registers both questionnaires of several rounds, each pair at the same moment in both processes. */
async function registerTogether(operators: [FormClient, FormClient], pairs: [string, string][]) {
  await lock('pg_advisory_lock')
  const answers = pairs.flatMap((pair) =>
    pair.map((path, place) => operators[place]?.post(`${path}?/register`, { revision: '1' })),
  )
  await eventually(async () => ((await waiting()) === answers.length ? true : undefined))
  await lock('pg_advisory_unlock')
  return (await Promise.all(answers)).map((answer) => answer?.status)
}

const letters = 'абвгдежзик'

/** Somebody else in each round, whose name has letters only. */
function personOf(round: number) {
  const word = [...String(round).padStart(3, '0')].map((digit) => letters[Number(digit)]).join('')
  const birthDate = new Date(Date.UTC(1960, 0, 1 + round)).toISOString().slice(0, 10)
  return { fullName: `Одновременный ${word}`, birthDate }
}

describe(`the same person sent by two libraries and registered through two processes, ${rounds} times`, () => {
  it('is exactly one reader and one possible duplicate each time, though both transactions were open', async () => {
    const librarians = [await staff('librarian', 0), await staff('librarian2', 1)] as const
    const forms = [await newForm(librarians[0]), await newForm(librarians[1])] as const
    const operators: [FormClient, FormClient] = [await staff('operator', 0), await staff('operator', 1)]
    const statuses: (number | undefined)[] = []
    for (let first = 0; first < rounds; first += together) {
      const people = Array.from({ length: together }, (_, place) => personOf(first + place))
      const pairs = await Promise.all(
        people.map((person) =>
          Promise.all([
            send(librarians[0], forms[0], person),
            send(librarians[1], forms[1], { ...person, fullName: person.fullName.toUpperCase() }),
          ]),
        ),
      )
      statuses.push(...(await registerTogether(operators, pairs)))
    }
    expect(statuses.toSorted()).toEqual([
      ...Array.from({ length: rounds }, () => 303),
      ...Array.from({ length: rounds }, () => 409),
    ])
    const { rows } = await onServer(
      databaseUrl,
      `select r.name_key, count(distinct r.id)::int as readers,
         count(*) filter (where a.state = 'registered' and a.reader_id = r.id)::int as registered,
         count(*) filter (where a.state = 'sent' and a.duplicate_of = r.id)::int as duplicates
       from readers r join applications a on lower(a.full_name) = lower(r.full_name)
       where r.full_name ilike 'одновременный %' group by r.name_key`,
    )
    expect(rows).toHaveLength(rounds)
    for (const row of rows) expect(row).toMatchObject({ readers: 1, registered: 1, duplicates: 1 })
  })
})
