import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { startMailServer } from '../../tests/support/mail-server.ts'
import { onServer } from '../../tests/support/server-commands.ts'
import { smsError, startSmsGateway } from '../../tests/support/sms-gateway.ts'
import { startSystem } from '../../tests/support/system.ts'
import type { Row } from './rows.ts'
import { figure } from './rows.ts'

const count = 10_000
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
    await sql(`
      with reader as (select r.id, r.library_id from readers r
        join cards c on c.reader_id = r.id and c.state = 'issued' order by r.id limit 1),
      queued as (
        insert into messages (channel, event, recipient, reader_id, library_id, state, created_at)
        select case when n % 2 = 0 then 'sms' else 'email' end, 'reader.registered',
          case when n % 2 = 0 then '+7911' || (1000000 + n / 2) else 'r' || n || '@bench.test' end,
          reader.id, reader.library_id, 'queued', now()
        from generate_series(0, ${count - 1}) n, reader returning id)
      select graphile_worker.add_job('messages:send', json_build_object('messageId', id), max_attempts := 30)
      from queued`)
    await until(
      async () =>
        Number((await sql(`select count(*) as n from messages where fault = 'smtp_450'`))[0]?.['n']) >= 200,
      30_000,
    )
    mail.recover()
    await until(async () => (await unfinished()) === 0, 120_000)
    const took = (performance.now() - began) / 1000

    const [{ retried } = { retried: 0 }] = await sql(
      `select count(*) as retried from messages where attempts > 1`,
    )
    const arrived = [
      ...gateway.taken.slice(before.sms).map(({ phone }) => phone),
      ...mail.received.slice(before.email).map(({ messageId }) => messageId),
    ]
    const twice = arrived.length - new Set(arrived).size
    const lost = count - new Set(arrived).size
    return [
      {
        what: `${figure(count)} messages handed over, some of them refused at first`,
        measured: `${figure(count / took)}/s; ${lost} lost, ${twice} twice`,
        limit: { text: 'none lost, none twice', kept: lost === 0 && twice === 0 },
        how: `by turns SMS and e-mail, ${figure(Number(retried))} of them tried again; SMTP server and SMS gateway on loopback, one worker of 4 lanes`,
      },
    ]
  } finally {
    await system.stop()
    await system.dispose()
    await Promise.all([mail.close(), gateway.close()])
  }
}
