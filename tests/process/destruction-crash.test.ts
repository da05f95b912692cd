import { describe, expect, it } from 'vitest'
import { useDyingDemo } from '../support/dying-demo.ts'
import type { FormClient } from '../support/form-client.ts'
import { createFormClient } from '../support/form-client.ts'
import { demoPassword } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import { expectWholeLog } from '../support/whole-log.ts'

const { start, sql } = useDyingDemo()

async function operatorOf(system: RunningSystem): Promise<FormClient> {
  const client = createFormClient(system.origin)
  await client.post('/staff/sign-in', { email: 'operator@demo.test', password: demoPassword })
  return client
}

const name = 'Громова Алёна Игоревна'

/** What there is of the person, and of the destruction. */
async function traces() {
  const [row] = await sql<Record<string, string | number>>(
    `select (select id from readers where full_name = $1) as reader,
       (select id from destructions limit 1) as destruction,
       (select count(*) from readers where full_name = $1)::int as readers,
       (select count(*) from applications where full_name = $1 and reader_id is not null)::int as questionnaires,
       (select count(*) from loans where reader_id is null)::int as "forgottenLoans",
       (select count(*) from destructions where done_at is not null)::int as done,
       (select count(*) from audit_log where action = 'destructions.carry-out')::int as audited`,
    [name],
  )
  return row ?? {}
}

/** Revokes the reader's consent on paper; how a press of «Уничтожить данные» is sent. */
async function revoked(system: RunningSystem) {
  const operator = await operatorOf(system)
  await operator.post(`/staff/readers/${(await traces())['reader']}?/revoke`, { signed: 'on' })
  const id = String((await traces())['destruction'])
  return (by: FormClient) => by.post('/staff/destructions?/carryOut', { id, sure: 'on' })
}

const whole = { readers: 1, questionnaires: 1, forgottenLoans: 0, done: 0, audited: 0 }
const gone = { readers: 0, questionnaires: 0, done: 1, audited: 1 }

describe('a destruction while the process is killed', () => {
  it('just before its commit has destroyed nothing; pressed again it is carried out whole', async () => {
    const killed = await start('destruction:erased')
    const press = await revoked(killed)
    await expect(press(await operatorOf(killed))).rejects.toThrow()
    await killed.exited

    const system = await start()
    expect(await traces()).toMatchObject(whole)
    expect((await press(await operatorOf(system))).status).toBe(200)
    expect(await traces()).toMatchObject(gone)
    expect(Number((await traces())['forgottenLoans'])).toBeGreaterThan(0)
    await expectWholeLog(system)
  })

  it('just after its commit is carried out, once', async () => {
    const killed = await start('destruction:committed')
    const press = await revoked(killed)
    await expect(press(await operatorOf(killed))).rejects.toThrow()
    await killed.exited

    const system = await start()
    expect(await traces()).toMatchObject(gone)
    expect((await press(await operatorOf(system))).status).toBe(409)
    expect(await traces()).toMatchObject(gone)
    await expectWholeLog(system)
  })
})
