import { afterAll, beforeAll, expect, it } from 'vitest'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import type { Point } from '../../src/core/shared/points.ts'
import { newDemoDataDir } from '../support/demo.ts'
import { ask, signIn } from '../support/http.ts'
import { onServer } from '../support/server-commands.ts'
import { demoPassword } from '../support/steps.ts'
import { eventually, removeDataDir, startSystem, untilKilled } from '../support/system.ts'

const count = 120
let dataDir: string

beforeAll(async () => {
  dataDir = await newDemoDataDir()
})
afterAll(() => removeDataDir(dataDir))

const start = (killAt?: Point) =>
  startSystem({ dataDir, env: { SMART_DEMO: '1', ...(killAt && { SMART_TEST_KILL_AT: killAt }) } })
type System = Awaited<ReturnType<typeof start>>

async function sql<Row>(system: System, command: string, values: unknown[] = []): Promise<Row[]> {
  return (await onServer((await runningPostgres(system.dataDir)) ?? '', command, values)).rows as Row[]
}
const stateOf = async (system: System, id: string) =>
  (await sql<{ state: string }>(system, 'select state from lists where id = $1', [id]))[0]?.state

const cookieOf = async (system: System) =>
  `staff=${await signIn(system.origin, '/staff/sign-in', { email: 'operator@demo.test', password: demoPassword })}`

/** A list of readers that is checked and waits for its start. */
async function checkedList(system: System, cookie: string): Promise<string> {
  const letters = 'абвгдежзик'
  const rows = Array.from({ length: count }, (_, row) => {
    const word = [...String(row)].map((digit) => letters[Number(digit)]).join('')
    return `Падающий${word} Лев;${String(1 + (row % 28)).padStart(2, '0')}.03.${1930 + (row % 60)};${770_000 + row}`
  })
  const [library] = await sql<{ id: string }>(system, "select id from libraries where code = '002'")
  const [text] = await sql<{ version: number }>(
    system,
    "select max(version) as version from consent_texts where kind = 'processing'",
  )
  const { location } = await ask(
    system.origin,
    {
      path: '/staff/lists/new',
      form: { formKey: crypto.randomUUID(), kind: 'readers', libraryId: library?.id ?? '' },
      upload: {
        field: 'file',
        name: 'база.csv',
        bytes: new TextEncoder().encode(['ФИО;Дата рождения;Билет', ...rows].join('\n')),
      },
    },
    cookie,
  )
  const form = {
    'column-0': 'fullName',
    'column-1': 'birthDate',
    'column-2': 'cardNumber',
    consentGiven: 'on',
    consentVersion: String(text?.version),
    signedOn: '01.11.2026',
  }
  await ask(system.origin, { path: `${location}?/check`, form }, cookie)
  const id = location.slice(-36)
  await eventually(async () => ((await stateOf(system, id)) === 'checked' ? true : undefined))
  return id
}

it('a list goes on after kill -9 at any point of a batch: every reader once, every card his own', async () => {
  const first = await start('list:taken')
  const id = await checkedList(first, await cookieOf(first))
  // The answer may be lost with the process.
  await ask(first.origin, { path: `/staff/lists/${id}?/start`, form: {} }, await cookieOf(first)).catch(
    () => undefined,
  )
  await untilKilled(first)
  const second = await start('list:committed')
  await untilKilled(second)
  const third = await start()
  try {
    await eventually(async () => ((await stateOf(third, id)) === 'done' ? true : undefined))
    const [found] = await sql<Record<string, number>>(
      third,
      `select count(*)::int as rows, count(distinct reader_id)::int as readers,
         (select count(*)::int from readers where full_name like 'Падающий%') as records,
         (select count(*)::int from consents c join readers r on r.id = c.reader_id
            where r.full_name like 'Падающий%') as consents,
         (select count(*)::int from cards where number between '770000' and '770999' and state = 'issued') as cards,
         (select count(*)::int from audit_log where action = 'readers.take-over') as entries
       from list_rows where list_id = $1 and state = 'done'`,
      [id],
    )
    expect(found).toEqual({
      rows: count,
      readers: count,
      records: count,
      consents: count,
      cards: count,
      entries: count,
    })
  } finally {
    await third.dispose()
    await second.dispose()
    await first.dispose()
  }
})
