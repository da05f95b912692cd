import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { startMailServer } from '../../tests/support/mail-server.ts'
import { onServer } from '../../tests/support/server-commands.ts'
import { smsError, startSmsGateway } from '../../tests/support/sms-gateway.ts'
import { startSystem } from '../../tests/support/system.ts'
import type { Row } from './rows.ts'
import { figure } from './rows.ts'

const count = 10_000
/** In milliseconds; a busy machine may not get to the end. */
const longest = 300_000
/** Every tenth SMS is refused at first, and at the beginning every letter. */
const refusedEvery = 10

/** Messages of one region, by turns SMS and e-mail, to receivers on loopback that refuse some at first. */
export async function messageRows(): Promise<Row[]> {
  const [mail, gateway] = await Promise.all([startMailServer(), startSmsGateway()])
  const system = await startSystem({ env: { SMART_DEMO: '1', SMTP_URL: mail.url, SMS_URL: gateway.url } })
  try {
    const url = (await runningPostgres(system.dataDir)) ?? ''
    const sql = async (command: string) =>
      (await onServer(url, command, [])).rows as Record<string, unknown>[]
    const unfinished = async () =>
      Number((await sql(`select count(*) as n from messages where state in ('queued', 'sending')`))[0]?.['n'])
    await until(async () => (await unfinished()) === 0, 60_000)
    const before = { sms: gateway.taken.length, email: mail.received.length }

    const refused = new Set<unknown>()
    gateway.behave('send', ({ phones }) => {
      if (Number(String(phones).slice(-4)) % refusedEvery > 0 || refused.has(phones)) return 'works'
      refused.add(phones)
      return smsError(3)
    })
    mail.refuse('recipient', 450)
    const began = performance.now()
    // Each pair has a reader of its own: a message goes to where its reader can be reached by then.
    await sql(`
      with made as (
        insert into readers (library_id, full_name, name_key, birth_date, email, phone, password_hash,
          password_generated, created_at, renewed_at)
        select (select min(id::text)::uuid from libraries), 'Замерова Анна', 'bench ' || n, date '1990-01-01',
          'r' || n || '@bench.test', '+7911' || (1000000 + n), '', true, now(), now()
        from generate_series(1, ${count / 2}) n returning *),
      issued as (
        insert into cards (number, reader_id, state, issued_at)
        select right(phone, 7), id, 'issued', created_at from made),
      queued as (
        insert into messages (channel, event, recipient, reader_id, library_id, state, created_at)
        select channel, 'reader.registered', recipient, id, library_id, 'queued', created_at
        from made, lateral (values ('sms', phone), ('email', email)) contacts(channel, recipient) returning id)
      select graphile_worker.add_job('messages:send', json_build_object('messageId', id), max_attempts := 30)
      from queued`)
    await until(() => refused.size >= count / refusedEvery / 20, longest / 4)
    mail.recover()
    // What the receivers have is asked, not the database: it has enough to do.
    const handedOver = () => gateway.taken.length + mail.received.length - before.sms - before.email
    await until(() => handedOver() >= count, longest - (performance.now() - began))
    const took = (performance.now() - began) / 1000
    await until(async () => handedOver() < count || (await unfinished()) === 0, 5_000)

    // First what is noted, then what has come: a message on its way in between isn't lost.
    const noted = await sql(
      `select recipient, state, attempts from messages where recipient ~ '^(\\+7911|r\\d)'`,
    )
    const arrived = [
      ...gateway.taken.slice(before.sms).map(({ phone }) => phone),
      ...mail.received.slice(before.email).flatMap(({ to }) => to),
    ]
    const there = new Set(arrived)
    const sent = noted.filter(({ state }) => state === 'sent' || state === 'delivered')
    const lost = sent.filter(({ recipient }) => !there.has(String(recipient))).length
    const failed = noted.filter(({ state }) => state === 'failed' || state === 'uncertain').length
    const twice = arrived.length - there.size
    const waiting = count - there.size
    const retried = sent.filter(({ attempts }) => Number(attempts) > 1).length
    return [
      {
        what: `${figure(count)} messages handed over, some of them refused at first`,
        measured: `${figure(there.size / took)}/s; ${lost + failed} lost, ${twice} twice${waiting ? `; ${figure(waiting)} still in the queue after ${figure(took)} s` : ''}`,
        limit: { text: 'none lost, none twice', kept: lost + failed + twice + waiting === 0 },
        how: `by turns SMS and e-mail, ${figure(retried)} of them tried again; SMTP server and SMS gateway on loopback, one worker of 4 lanes`,
      },
    ]
  } finally {
    await system.stop()
    await system.dispose()
    await Promise.all([mail.close(), gateway.close()])
  }
}
