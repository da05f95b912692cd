import { describe, expect, it } from 'vitest'
import { useDyingDemo } from '../support/dying-demo.ts'
import { ask, signIn } from '../support/http.ts'
import { demoPassword } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { expectWholeLog } from '../support/whole-log.ts'

const { start, sql } = useDyingDemo()

const stored = async () =>
  (
    await sql(`select
      (select count(*) from provider_accounts)::int as accounts,
      (select count(distinct number) from provider_accounts)::int as numbers,
      (select count(*) from sealed_passwords where purpose = 'provider')::int as passwords,
      (select count(*) from audit_log where action = 'providers.register')::int as audited,
      (select count(distinct reader_id) from messages where event = 'reader.provider')::int as told`)
  )[0]

/** Sends the same filled-in list as the operator. */
async function send(system: RunningSystem): Promise<string> {
  const cookie = await signIn(system.origin, '/staff/sign-in', {
    email: 'operator@demo.test',
    password: demoPassword,
  })
  if ((await sql(`select from provider_registrations where state = 'sent'`)).length === 0)
    await ask(system.origin, { path: '/staff/provider?/make', form: { kind: 'register' } }, `staff=${cookie}`)
  const rows = await sql<{ id: string }>('select id from provider_registrations order by id')
  const lines = rows.map(({ id }, at) => `${String(id)};77${at};Пароль-${at}\n`)
  const bytes = new TextEncoder().encode(
    `Ключ строки (не менять);Номер читательского билета;Пароль\n${lines.join('')}`,
  )
  const upload = { field: 'file', name: 'spisok.csv', bytes }
  return (await ask(system.origin, { path: '/staff/provider?/receive', form: {}, upload }, `staff=${cookie}`))
    .text
}

describe('taking a filled-in list while the process is killed', () => {
  it.each(['provider:row', 'provider:committed'] as const)(
    'at %s: the same file afterwards gives everybody one number, and tells once',
    async (point) => {
      await expect(send(await start(point))).rejects.toThrow()
      const system = await start()
      const { accounts } = (await stored()) as { accounts: number }
      expect(accounts > 0).toBe(point === 'provider:committed')
      expect(await send(system)).toContain(point === 'provider:row' ? 'Принято: 8' : 'Приняты раньше: 8')
      expect(await stored()).toEqual({ accounts: 8, numbers: 8, passwords: 8, audited: 8, told: 8 })
      await expectWholeLog(system)
    },
    120_000,
  )
})
