import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailServer } from '../../../tests/support/mail-server.ts'
import { startMailServer } from '../../../tests/support/mail-server.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { createChannelTests } from '../messages/channel-tests.ts'
import { createSmtpDriver } from '../messages/smtp.driver.ts'
import { authorise } from '../staff/actors.ts'
import { createMissingQueries } from './missing.queries.ts'

let app: TestApp
let network: TestNetwork
let mail: MailServer
beforeEach(async () => {
  app = await createTestApp()
  mail = await startMailServer()
})
afterEach(async () => {
  await mail.close()
  await app.dispose()
})

const admin = () => authorise(network.admin, 'settings.change')
const configures = () => authorise(network.admin, 'messages.configure')
const missing = (channels: readonly ('email' | 'sms')[] = ['email'], originKnown = true) =>
  createMissingQueries({ db: app.db, channels, originKnown }).missing(admin())

describe('what is missing until the first questionnaire', () => {
  it('is found in what is there, part by part, until nothing is', async () => {
    network = await createTestNetwork(app)
    expect(await missing()).toEqual(['address', 'channel_test'])
    await app.db.updateTable('libraries').set({ address: 'Кострома' }).where('kind', '=', 'central').execute()
    expect(await missing()).toEqual(['channel_test'])
    expect(await missing([], false)).toEqual(['channel', 'origin'])
    await app.db
      .insertInto('channel_tests')
      .values({ channel: 'email', at: app.clock(), fault: 'smtp_535' })
      .execute()
    expect(await missing()).toEqual(['channel_test'])
    await app.db.updateTable('channel_tests').set({ fault: null }).execute()
    expect(await missing()).toEqual([])
  })

  it('counts whoever works here: a disabled operator is none', async () => {
    network = await createTestNetwork(app)
    await app.db.updateTable('libraries').set({ address: 'Кострома' }).execute()
    const disable = (id: string) =>
      app.db.updateTable('staff').set({ disabled_at: app.clock() }).where('id', '=', id).execute()
    await disable(network.operator.staffId)
    expect(await missing([], true)).toEqual(['operator', 'channel'])
    await disable(network.librarian.staffId)
    await disable(network.otherLibrarian.staffId)
    expect(await missing([], true)).toEqual(['librarian', 'operator', 'channel'])
  })
})

describe('a test message', () => {
  const tests = () => {
    const { db, clock, audit } = app
    const driver = createSmtpDriver({ url: mail.url, from: 'Библиотека <a@b.test>', messageIdHost: 'b.test' })
    return { driver, ...createChannelTests({ db, clock, audit, drivers: { email: driver, sms: undefined } }) }
  }

  it('goes to the address that was typed, and that it went is kept', async () => {
    network = await createTestNetwork(app)
    const { driver, test, channels } = tests()
    await test(configures(), 'email', 'admin@library.test')
    driver.close?.()
    expect(mail.received.map(({ to, subject }) => [to, subject])).toEqual([
      [['admin@library.test'], 'Смарт-библиотека: Проверка связи'],
    ])
    expect(await channels(configures())).toEqual([
      { channel: 'email', ready: true, test: expect.objectContaining({ at: app.clock(), fault: null }) },
      { channel: 'sms', ready: false, test: undefined },
    ])
    const logged = await app.db.selectFrom('audit_log').select(['action', 'details']).execute()
    expect(logged).toEqual([{ action: 'messages.test', details: { channel: 'email', fault: null } }])
  })

  it('that a server refuses keeps the reason, and nobody’s address is in the log', async () => {
    network = await createTestNetwork(app)
    mail.refuse('credentials', 535)
    const { driver, test, channels } = tests()
    await test(configures(), 'email', 'admin@library.test')
    driver.close?.()
    expect((await channels(configures()))[0]?.test?.fault).toBe('smtp_535')
    const logged = await app.db.selectFrom('audit_log').select('details').execute()
    expect(JSON.stringify(logged)).not.toContain('admin@')
  })

  it('asks for a way out', async () => {
    network = await createTestNetwork(app)
    await expect(tests().test(configures(), 'sms', '+79101234567')).rejects.toMatchObject({
      code: 'messages.channel_missing',
      status: 409,
    })
  })
})
