import { randomUUID } from 'node:crypto'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { leaveForUndo } from '../../tests/support/at-once.ts'
import { signIn } from '../../tests/support/http.ts'
import { startMailServer } from '../../tests/support/mail-server.ts'
import { onServer } from '../../tests/support/server-commands.ts'
import { startSmsGateway } from '../../tests/support/sms-gateway.ts'
import { demoPassword } from '../../tests/support/steps.ts'
import { startSystem } from '../../tests/support/system.ts'
import { keepAlive, pace } from './load.ts'
import type { Row } from './rows.ts'
import { figure, milliseconds } from './rows.ts'

const waiting = 10_000
const decided = 100_000
const lanes = 4
const people = 200
const pageLimit = 100

type Sql = (command: string, values?: unknown[]) => Promise<Record<string, unknown>[]>
type Asking = ReturnType<typeof keepAlive>['ask']

/** A demonstration region of its own, whose messages go to an SMTP server and an SMS gateway on loopback. */
export async function queueRows(): Promise<Row[]> {
  const [mail, gateway] = await Promise.all([startMailServer(), startSmsGateway()])
  const system = await startSystem({ env: { SMART_DEMO: '1', SMTP_URL: mail.url, SMS_URL: gateway.url } })
  const { ask, close } = keepAlive()
  try {
    const url = (await runningPostgres(system.dataDir)) ?? ''
    const sql: Sql = async (command, values = []) =>
      (await onServer(url, command, values)).rows as Record<string, unknown>[]
    const origin = system.origin.replace('localhost', '127.0.0.1')
    await leaveForUndo(url, 0)
    const handedOver = () => mail.received.length + gateway.taken.length
    const registrations = await registrationRow(origin, ask, sql, handedOver)
    await fillQueue(sql)
    return [await listRow(origin, ask, sql), registrations]
  } finally {
    close()
    await system.stop()
    await system.dispose()
    await Promise.all([mail.close(), gateway.close()])
  }
}

const session = async (origin: string, name: string) =>
  `staff=${await signIn(origin, '/staff/sign-in', { email: `${name}@demo.test`, password: demoPassword })}`

/** What operators really ask for, one page after the other; each look is audited. */
async function listRow(origin: string, ask: Asking, sql: Sql): Promise<Row> {
  const cookie = await session(origin, 'operator')
  const [library] = await sql(`select id from libraries where code = '012'`)
  const [middle] = await sql(
    `select id from applications where state = 'sent' order by sent_at, id offset ${waiting / 2} limit 1`,
  )
  const queries = [
    'state=sent',
    `state=sent&library=${library?.['id']}`,
    'state=sent&age=teen',
    'state=sent&waits=over',
    `state=sent&library=${library?.['id']}&age=child&waits=day`,
    `state=sent&after=${middle?.['id']}`,
    `state=sent&age=adult&after=${middle?.['id']}`,
    'state=returned',
    'state=all',
  ]
  const look = async (turn: number) => {
    const path = `/staff/applications?${queries[turn % queries.length]}`
    const { status } = await ask(origin + path, { headers: { cookie } })
    if (status !== 200) throw new Error(`${path} answered ${status}`)
  }
  await pace({ lanes: 1, milliseconds: 1000 }, look)
  const { p95 } = await pace({ lanes: 1, milliseconds: 5000 }, look)
  return {
    what: `${figure(waiting)} waiting questionnaires listed and filtered, p95 at the server`,
    measured: milliseconds(p95),
    limit: { text: `≤ ${milliseconds(pageLimit)}`, kept: p95 <= pageLimit },
    how: `the whole page, ${queries.length} filters and places in turn, beside ${figure(decided)} decided ones`,
  }
}

/** Librarian's form, operator's button, and the messages taken by their servers. */
async function registrationRow(
  origin: string,
  ask: Asking,
  sql: Sql,
  handedOver: () => number,
): Promise<Row> {
  const [librarian, operator] = [await session(origin, 'librarian'), await session(origin, 'operator')]
  const [of] = await sql(
    `select (select max(version) from consent_texts where kind = 'processing')::text as consent,
            (select max(version) from consent_texts where kind = 'handover')::text as handover,
            (select id from libraries where name like 'Буйская%') as library`,
  )
  const before = handedOver()
  const post = async (path: string, cookie: string, form: Record<string, string>) => {
    const { status, headers } = await ask(origin + path, { headers: { cookie }, form })
    if (status !== 303) throw new Error(`${path} answered ${status}`)
    return headers.location ?? ''
  }
  const oneReader = async (n: number) => {
    const sent = await post('/staff/applications/new', librarian, {
      formKey: randomUUID(),
      libraryId: String(of?.['library']),
      fullName: `Пробный ${nameOf(n)}`,
      birthDate: '1980-01-01',
      email: `reader${n}@reader.test`,
      phone: `+7910${String(1_000_000 + n)}`,
      consentGiven: 'on',
      consentVersion: String(of?.['consent']),
      handoverGiven: 'on',
      handoverVersion: String(of?.['handover'] ?? ''),
      guardianName: '',
      guardianRelation: '',
    })
    await post(`${sent.split('?')[0]}?/register`, operator, { revision: '1' })
  }
  const began = performance.now()
  let next = 0
  const lane = async () => {
    while (next < people) await oneReader(next++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const registered = people / ((performance.now() - began) / 1000)
  // To the reader by both ways, and to the library.
  const told = await until(() => handedOver() - before >= people * 3, 60_000)
  if (!told) throw new Error(`${handedOver() - before} of ${people * 3} messages were handed over`)
  const whole = people / ((performance.now() - began) / 1000)
  return {
    what: 'registrations, end to end',
    measured: `${figure(whole)}/s`,
    how: `questionnaire sent, registered (${figure(registered)}/s so far), three messages taken by an SMTP server and an SMS gateway on loopback; ${lanes} at a time, ${people} readers, argon2id each; no time left for taking back`,
  }
}

/** A name of its own for each number, in letters. */
const nameOf = (n: number) =>
  [...String(n).padStart(4, '0')].map((digit) => 'абвгдежзик'[Number(digit)]).join('')

/** Over all libraries and ages, waiting for up to four days. */
async function fillQueue(sql: Sql): Promise<void> {
  await sql(
    `insert into applications (library_id, form_key, content_hash, state, full_name, birth_date, created_by,
       sent_at, decided_by, decided_at)
     select l.ids[1 + n % cardinality(l.ids)], gen_random_uuid(), '\\x00',
       case when n <= $1::int then 'sent' when n % 40 = 0 then 'returned' when n % 41 = 0 then 'refused' else 'registered' end,
       'Читатель ' || n, date '1950-01-01' + (n * 7919) % 26000, s.id,
       now() - case when n <= $1::int then interval '1 minute' * (n % 6000) else interval '3 minutes' * n end,
       case when n > $1::int then s.id end, case when n > $1::int then now() - interval '2 minutes' * n end
     from generate_series(1, $1::int + $2::int) n, (select array(select id from libraries order by code) as ids) l,
       (select id from staff where email = 'librarian@demo.test') s`,
    [waiting, decided],
  )
  await sql('vacuum analyze applications')
}
