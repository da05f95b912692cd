import { randomUUID } from 'node:crypto'
import { Logger, runOnce } from 'graphile-worker'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { smsError } from '../../../tests/support/sms-gateway.ts'
import type { App } from '../../app.ts'
import { spacedCardNumber } from '../cards/cards.ts'
import { writeSetting } from '../settings/settings.ts'
import { after, days } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, openDatabase, openPool } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { app, gateway, mail, network, useGateways } from './gateways.fixtures.ts'
import type { Driver } from './driver.ts'
import type { Enclose } from './messages.commands.ts'
import { createMessages } from './messages.commands.ts'
import type { Channel } from './messages.ts'
import { attemptLimit, crashAllowance } from './messages.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'
import { createMessageTexts } from './stored-texts.ts'
import { usageThisMonth } from './usage.ts'

useGateways()
afterEach(async () => {
  app.setTime(testStart)
  await app.db.deleteFrom('refused_addresses').execute()
})

/** The real ways out, to servers on loopback. */
const realDrivers = (): Record<Channel, Driver> => ({
  email: createSmtpDriver({
    url: mail.url,
    from: 'Смарт-библиотека <noreply@library.test>',
    messageIdHost: 'library.test',
  }),
  sms: createSmscDriver(gateway.url),
})
/**
 * The sending part of a process; without a database of its own it works on the app's.
 * @param enclose runs while a message is being written
 */
const sender = (
  drivers: Partial<Record<Channel, Driver>> = realDrivers(),
  db: Database = app.db,
  enclose: Enclose = async () => [],
) =>
  createMessages({
    db,
    clock: app.clock,
    sealer: app.sealer,
    origin: app.origin,
    texts: createMessageTexts(app.db),
    enclose,
    drivers: { email: drivers.email, sms: drivers.sms },
  })
const send = (id: string) => sender().send(id)

/** A new reader's card and password, and the ids of the messages about it. */
async function registered(
  on: App = app,
  there: TestNetwork = network,
  provider = { number: '', password: '' },
) {
  const fullName = `Кузнецова ${randomUUID().replaceAll(/[^a-f]/g, '')}`
  const { id } = await on.applications.send(
    authorise(there.librarian, 'applications.write'),
    there.bui,
    questionnaire(there, {
      fullName,
      ...(provider.number && { handoverGiven: true, handoverVersion: there.handoverVersion }),
    }),
  )
  const { readerId } = await on.applications.register(authorise(there.operator, 'applications.decide'), id, {
    revision: 1,
    providerNumber: provider.number,
    providerPassword: provider.password,
    anotherPerson: false,
  })
  const { number } = await on.db
    .selectFrom('cards')
    .select('number')
    .where('reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  const { sealed } = await on.db
    .selectFrom('sealed_passwords')
    .select('sealed')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .executeTakeFirstOrThrow()
  const messageId = async (channel: Channel, event: string) => {
    const row = await on.db
      .selectFrom('messages')
      .select('id')
      .where('application_id', '=', id)
      .where('channel', '=', channel)
      .where('event', '=', event)
      .executeTakeFirstOrThrow()
    return row.id
  }
  return {
    applicationId: id,
    readerId,
    fullName,
    number,
    password: on.sealer.open(sealed, `${readerId}/initial`),
    email: await messageId('email', 'reader.registered'),
    sms: await messageId('sms', 'reader.registered'),
    libraryEmail: await messageId('email', 'library.registered'),
  }
}

const kept = (id: string, on: App = app) =>
  on.db
    .selectFrom('messages')
    .select(['state', 'attempts', 'fault', 'gateway_id', 'sent_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()

/** A process that dies at this point of an attempt leaves exactly this behind: nothing more is noted. */
const death = new Error('the process died')
const dyingAfter = (driver: Driver): Driver => ({
  ...driver,
  async send(message) {
    await driver.send(message)
    throw death
  },
})
const dyingBefore = (driver: Driver): Driver => ({ ...driver, send: () => Promise.reject(death) })

describe('what is sent', () => {
  it('a registered reader gets number and password by e-mail, out of the seal', async () => {
    const reader = await registered()
    await send(reader.email)
    expect(mail.received).toHaveLength(1)
    const [{ to, subject, text } = { to: [], subject: '', text: '' }] = mail.received
    expect(to).toEqual(['anna@reader.test'])
    expect(subject).toBe('Ваш читательский билет Смарт-библиотеки')
    expect(text).toContain(`Здравствуйте, ${reader.fullName}!`)
    expect(text).toContain(
      `Номер читательского билета: ${spacedCardNumber(reader.number)}\nПароль: ${reader.password}\n`,
    )
    expect(text).toContain('http://library.test/sign-in')
    expect(text).not.toContain('учётная запись')
  })

  it('a registered reader gets number and password by SMS', async () => {
    const reader = await registered()
    await send(reader.sms)
    expect(gateway.taken).toMatchObject([
      {
        phone: '+79101234567',
        text: `Смарт-библиотека http://library.test\nБилет ${reader.number}\nПароль ${reader.password}`,
      },
    ])
  })

  it('an outside provider’s account is told with the card, and apart from it', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.name', 'Литбиблиотека'))
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.address', 'https://lit.test'))
    const reader = await registered(app, network, { number: '777-5', password: 'провайдер-Ж' })
    await send(reader.email)
    await send(reader.sms)
    expect(mail.received[0]?.text).toContain(
      'Ещё одна учётная запись, «Литбиблиотека» (https://lit.test):\nНомер: 777-5\nПароль: провайдер-Ж\n',
    )
    expect(mail.received[0]?.text).toContain(reader.password)
    expect(gateway.taken[0]?.text).toContain(
      `\nПароль ${reader.password}\nЛитбиблиотека: 777-5, пароль провайдер-Ж`,
    )
  })

  it('after the first sign-in the messages say that the password has been shown', async () => {
    const reader = await registered()
    await app.sessions.signInReader(
      { cardNumber: reader.number, password: reader.password },
      { address: '203.0.113.7', userAgent: '' },
    )
    await send(reader.email)
    await send(reader.sms)
    expect(mail.received[0]?.text).toContain('\nПароль: уже показан; новый даст ваша библиотека\n')
    expect(gateway.taken[0]?.text).toMatch(/\nПароль уже показан; новый даст ваша библиотека$/)
    expect(JSON.stringify([mail.received, gateway.taken])).not.toContain(reader.password)
  })

  it('two weeks after the registration no message carries the password any more', async () => {
    const reader = await registered()
    app.setTime(after(new Date(testStart), days(14)))
    await send(reader.email)
    expect(mail.received[0]?.text).toContain('\nПароль: уже показан')
  })

  it('the library learns where to look, and nothing about the person', async () => {
    const reader = await registered()
    await send(reader.libraryEmail)
    const [{ to, text } = { to: [], text: '' }] = mail.received
    expect(to).toEqual(['library002@library.test'])
    expect(text).toContain(`http://library.test/staff/applications/${reader.applicationId}\n`)
    for (const personal of [reader.fullName, reader.number, spacedCardNumber(reader.number), reader.password])
      expect(text).not.toContain(personal)
  })

  it('a reader whose card is no longer valid isn’t sent it', async () => {
    const reader = await registered()
    await app.db.updateTable('cards').set({ state: 'lost' }).where('number', '=', reader.number).execute()
    await send(reader.email)
    await send(reader.sms)
    expect(await kept(reader.email)).toMatchObject({ state: 'failed', fault: 'no_valid_card' })
    expect(await kept(reader.sms)).toMatchObject({ state: 'failed', fault: 'no_valid_card' })
    expect([...mail.received, ...gateway.taken]).toEqual([])
  })

  it('a reader who is gone is sent nothing', async () => {
    const reader = await registered()
    await app.db.deleteFrom('readers').where('id', '=', reader.readerId).execute()
    await send(reader.email)
    expect(mail.received).toEqual([])
  })
})

describe('how an attempt ends', () => {
  it('a message that was taken is sent', async () => {
    const { email, sms } = await registered()
    await send(email)
    await send(sms)
    expect(await kept(email)).toEqual({
      state: 'sent',
      attempts: 1,
      fault: null,
      gateway_id: `<${email}@library.test>`,
      sent_at: new Date(testStart),
    })
    expect(await kept(sms)).toMatchObject({ state: 'sent', gateway_id: String(gateway.taken[0]?.id) })
  })

  it('after a temporary fault it is queued with the attempt counted, and the queue hears of it', async () => {
    const { email, sms } = await registered()
    mail.refuse('recipient', 450)
    gateway.behave('send', smsError(3))
    await expect(send(email)).rejects.toMatchObject({ code: 'smtp_rcpt450' })
    await expect(send(sms)).rejects.toMatchObject({ code: 'sms_3' })
    await expect(send(sms)).rejects.toMatchObject({ code: 'sms_3' })
    expect(await kept(email)).toMatchObject({ state: 'queued', attempts: 1, fault: 'smtp_rcpt450' })
    expect(await kept(sms)).toMatchObject({ state: 'queued', attempts: 2, fault: 'sms_3' })
    mail.recover()
    gateway.recover()
    await send(email)
    await send(sms)
    expect(await kept(email)).toMatchObject({ state: 'sent', attempts: 2, fault: null })
    expect(await kept(sms)).toMatchObject({ state: 'sent', attempts: 3, fault: null })
    expect([mail.received.length, gateway.taken.length]).toEqual([1, 1])
    // Nothing of this was in doubt, so nothing had to be asked.
    expect(gateway.asked).not.toContain('status')
  })

  it('after a permanent fault it has failed, and isn’t tried again', async () => {
    const { email, sms } = await registered()
    mail.refuse('recipient', 550)
    gateway.behave('send', smsError(7))
    await send(email)
    await send(sms)
    mail.recover()
    gateway.recover()
    await send(email)
    await send(sms)
    expect(await kept(email)).toMatchObject({
      state: 'failed',
      attempts: 1,
      fault: 'smtp_550',
      sent_at: null,
    })
    expect(await kept(sms)).toMatchObject({ state: 'failed', attempts: 1, fault: 'sms_7' })
    expect([...mail.received, ...gateway.taken]).toEqual([])
  })

  it('when the last attempt is over it has failed, rather than waiting for one that never comes', async () => {
    const { email, sms } = await registered()
    await app.db
      .updateTable('messages')
      .set({ attempts: attemptLimit - 1 })
      .where('id', 'in', [email, sms])
      .execute()
    mail.refuse('recipient', 450)
    gateway.behave('send', 'taken_unanswered')
    await send(email)
    await send(sms)
    expect(await kept(email)).toMatchObject({ state: 'failed', fault: 'smtp_rcpt450' })
    // It may have arrived: of an SMS that nobody could be asked about nothing else can be said.
    expect(await kept(sms)).toMatchObject({ state: 'uncertain', fault: 'sms_unreachable' })
  })

  it('when the program itself breaks at the last attempt it ends as well, and somebody sees it', async () => {
    const reader = await registered()
    const broken = (driver: Driver): Driver => ({ ...driver, send: () => Promise.reject(new Error('a bug')) })
    const { email, sms } = realDrivers()
    for (const [id, drivers, state] of [
      [reader.email, { email: broken(email), sms }, 'failed'],
      // Whether it went out, only the gateway could say.
      [reader.sms, { email, sms: broken(sms) }, 'uncertain'],
    ] as const) {
      await expect(sender(drivers).send(id)).rejects.toThrow('a bug')
      expect(await kept(id)).toMatchObject({ state: 'sending' })
      await app.db
        .updateTable('messages')
        .set({ attempts: attemptLimit - 1 })
        .where('id', '=', id)
        .execute()
      await expect(sender(drivers).send(id)).rejects.toThrow('a bug')
      expect(await kept(id)).toMatchObject({ state, fault: 'broken' })
      await sender(drivers).send(id)
    }
    expect(await app.messages.unreachedBy(reader)).toBe(reader.email > reader.sms ? reader.email : reader.sms)
  })

  it('when the program breaks before the gateway has heard of it, nothing is in doubt: it goes, or has failed', async () => {
    const { sms } = await registered()
    const breaking = sender(realDrivers(), app.db, () => Promise.reject(new Error('a bug')))
    await expect(breaking.send(sms)).rejects.toThrow('a bug')
    expect(await kept(sms)).toMatchObject({ state: 'queued', attempts: 1, fault: 'broken' })
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'sent', attempts: 2, fault: null })
    expect(gateway.asked).toEqual(['send'])

    const last = (await registered()).sms
    await app.db
      .updateTable('messages')
      .set({ attempts: attemptLimit - 1 })
      .where('id', '=', last)
      .execute()
    await expect(breaking.send(last)).rejects.toThrow('a bug')
    expect(await kept(last)).toMatchObject({ state: 'failed', fault: 'broken' })
  })

  it('what a new password has stopped while it was being written doesn’t go, and its SMS isn’t counted', async () => {
    const { readerId, email, sms } = await registered()
    const used = async () => (await usageThisMonth(app.db, app.clock())).parts
    const before = await used()
    const give = () =>
      app.credentials.give(authorise(network.librarian, 'readers.new-password'), readerId, {
        email: 'his@own.test',
        phone: '+79107770009',
        identitySeen: true,
      })
    for (const id of [email, sms]) {
      const late = sender(realDrivers(), app.db, async () => {
        await give()
        return []
      })
      await late.send(id)
    }
    expect([mail.received, gateway.asked]).toEqual([[], []])
    expect(await kept(email)).toMatchObject({ state: 'failed', fault: 'password_replaced' })
    expect(await used()).toBe(before)
  })

  it('what an attempt in the dark left in doubt stays so when the program breaks at the next', async () => {
    const { sms } = await registered()
    await expect(sender({ sms: dyingAfter(realDrivers().sms) }).send(sms)).rejects.toBe(death)
    const clueless: Driver = { ...realDrivers().sms, trace: async () => 'unknown' }
    const breaking = sender({ sms: clueless }, app.db, () => Promise.reject(new Error('a bug')))
    await expect(breaking.send(sms)).rejects.toThrow('a bug')
    expect(await kept(sms)).toMatchObject({ state: 'sending' })
  })

  it('a channel without a way out fails at once', async () => {
    const { email, sms } = await registered()
    await sender({}).send(email)
    await sender({ email: realDrivers().email }).send(sms)
    expect(await kept(email)).toMatchObject({ state: 'failed', fault: 'not_configured' })
    expect(await kept(sms)).toMatchObject({ state: 'failed', fault: 'not_configured' })
  })

  it('a message that was sent isn’t sent again', async () => {
    const { email, sms } = await registered()
    for (const id of [email, email, sms, sms]) await send(id)
    expect([mail.received.length, gateway.taken.length]).toEqual([1, 1])
    expect(await kept(email)).toMatchObject({ attempts: 1 })
  })

  it('a message that doesn’t exist is nothing to do', async () => {
    await send(randomUUID())
    expect(gateway.asked).toEqual([])
  })
})

describe('after a death in the dark', () => {
  it('an e-mail goes again and is the same one to its receiver', async () => {
    const { email } = await registered()
    const { email: driver } = realDrivers()
    await expect(sender({ email: dyingAfter(driver) }).send(email)).rejects.toBe(death)
    expect(await kept(email)).toMatchObject({ state: 'sending' })
    await send(email)
    expect(await kept(email)).toMatchObject({ state: 'sent', attempts: 2 })
    const ids = mail.received.map(({ messageId }) => messageId)
    expect(ids).toEqual([`<${email}@library.test>`, `<${email}@library.test>`])
  })

  it('an SMS that the gateway took is sent, without a second one', async () => {
    const { sms } = await registered()
    await expect(sender({ sms: dyingAfter(realDrivers().sms) }).send(sms)).rejects.toBe(death)
    expect(await kept(sms)).toMatchObject({ state: 'sending' })
    gateway.passMinute()
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'sent', fault: null, sent_at: new Date(testStart) })
    expect(gateway.asked).toEqual(['send', 'status'])
    expect(gateway.taken).toHaveLength(1)
  })

  it('an SMS that the gateway doesn’t know goes once', async () => {
    const { sms } = await registered()
    await expect(sender({ sms: dyingBefore(realDrivers().sms) }).send(sms)).rejects.toBe(death)
    await send(sms)
    await send(sms)
    expect(gateway.asked).toEqual(['status', 'send'])
    expect(await kept(sms)).toMatchObject({ state: 'sent' })
    expect(gateway.taken).toHaveLength(1)
  })

  it('an SMS that the gateway can’t tell about is uncertain, and never goes again', async () => {
    const { sms } = await registered()
    await expect(sender({ sms: dyingBefore(realDrivers().sms) }).send(sms)).rejects.toBe(death)
    gateway.behave('status', smsError(1))
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'uncertain', fault: 'unconfirmed', sent_at: null })
    gateway.recover()
    await send(sms)
    expect(gateway.asked).toEqual(['status'])
    expect(await kept(sms)).toMatchObject({ state: 'uncertain' })
  })

  it.each(['taken_unanswered', 'html', 'silent'] as const)(
    'the answer to an SMS being %j is the dark too: the gateway is asked, not guessed about',
    async (behaviour) => {
      const { sms } = await registered()
      gateway.behave('send', behaviour)
      const driver = behaviour === 'silent' ? createSmscDriver(gateway.url, 200) : realDrivers().sms
      await expect(sender({ sms: driver }).send(sms)).rejects.toMatchObject({ code: 'sms_unreachable' })
      expect(await kept(sms)).toMatchObject({ state: 'sending', attempts: 1, fault: 'sms_unreachable' })
      gateway.recover()
      await send(sms)
      expect(await kept(sms)).toMatchObject({ state: 'sent', attempts: 2, fault: null })
      expect(gateway.taken).toHaveLength(1)
    },
  )

  it('as long as the gateway can’t be asked, the SMS waits', async () => {
    const { sms } = await registered()
    gateway.behave('send', 'taken_unanswered')
    await expect(send(sms)).rejects.toThrow('sms_unreachable')
    gateway.recover()
    gateway.behave('status', 'broken')
    await expect(send(sms)).rejects.toThrow('sms_unreachable')
    gateway.behave('status', smsError(9))
    await expect(send(sms)).rejects.toThrow('sms_9')
    expect(await kept(sms)).toMatchObject({ state: 'sending', attempts: 3, fault: 'sms_9' })
    gateway.recover()
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'sent' })
    expect(gateway.taken).toHaveLength(1)
  })

  it('“too many requests” doesn’t mean that this SMS was taken', async () => {
    const { sms } = await registered()
    gateway.behave('send', smsError(9))
    await expect(send(sms)).rejects.toThrow('sms_9')
    expect(await kept(sms)).toMatchObject({ state: 'sending' })
    gateway.recover()
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'sent' })
    expect(gateway.taken).toHaveLength(1)
  })
})

describe('workers at once', () => {
  it('while one sends an SMS another doesn’t, in whatever process', async () => {
    const { sms } = await registered()
    const other = await app.twin()
    const held = gateway.hold('send')
    const first = send(sms)
    await held.arrived
    await expect(sender(realDrivers(), other.db).send(sms)).rejects.toMatchObject({
      code: 'under_way',
      temporary: true,
    })
    held.release()
    await first
    await sender(realDrivers(), other.db).send(sms)
    expect(gateway.asked).toEqual(['send'])
    expect(await kept(sms)).toMatchObject({ state: 'sent', attempts: 1 })
  })

  it('of any number that begin together exactly one sends', async () => {
    const other = await app.twin()
    for (let round = 0; round < 5; round += 1) {
      const { sms, email } = await registered()
      const before = [gateway.taken.length, mail.received.length]
      const tries = [app.db, other.db, app.db, other.db].flatMap((db) => [
        sender(realDrivers(), db).send(sms),
        sender(realDrivers(), db).send(email),
      ])
      const outcomes = await Promise.allSettled(tries)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'under_way' })
      expect([gateway.taken.length, mail.received.length]).toEqual(before.map((count) => count + 1))
      expect([(await kept(sms)).attempts, (await kept(email)).attempts]).toEqual([1, 1])
    }
  })

  it('one that dies keeps nobody away: its hold on the message ends with its connection', async () => {
    const { sms } = await registered()
    const other = await app.twin()
    const held = gateway.hold('send')
    const dying = sender(realDrivers(), other.db).send(sms)
    await held.arrived
    const { rows } = await app.pool.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid, 10000) as ended from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    )
    expect(rows).toEqual([{ ended: true }])
    await send(sms)
    expect(await kept(sms)).toMatchObject({ state: 'sent', attempts: 2 })
    held.release()
    await expect(dying).rejects.toThrow()
    expect(gateway.asked).toEqual(['send', 'status', 'send'])
    expect(gateway.taken).toHaveLength(1)
  })

  it('an attempt needs one connection of the pool, so that full pools don’t wait for themselves', async () => {
    const pool = openPool(app.pool.options.connectionString ?? '', 1)
    const db = openDatabase(pool)
    const { email, sms } = await registered()
    await Promise.all([sender(realDrivers(), db).send(email), sender(realDrivers(), db).send(sms)])
    expect([mail.received.length, gateway.taken.length]).toEqual([1, 1])
    await db.destroy()
  })
})

describe('in the queue', () => {
  let own: TestApp
  let there: TestNetwork
  beforeEach(async () => {
    own = await createTestApp()
    there = await createTestNetwork(own)
    // Jobs run by the database's clock, not by the test's.
    await inTransaction(own.db, (tx) => writeSetting(tx, 'queue.undoSeconds', 0))
  })
  afterEach(() => own.dispose())

  /** One real run of the queue: everything that is due, once. */
  const work = (): Promise<void> => {
    const { send } = createMessages({
      ...own,
      drivers: realDrivers(),
      texts: createMessageTexts(own.db),
    })
    return runOnce({
      pgPool: own.pool,
      noHandleSignals: true,
      logger: new Logger(() => () => {}),
      taskList: { 'messages:send': (payload) => send((payload as { messageId: string }).messageId) },
    })
  }
  const job = async (messageId: string) => {
    const { rows } = await own.pool.query<{
      attempts: number
      max_attempts: number
      pause: number
      last_error: string | null
    }>(
      `select attempts, max_attempts, last_error, extract(epoch from run_at - updated_at)::float8 as pause
       from graphile_worker._private_jobs where payload->>'messageId' = $1`,
      [messageId],
    )
    return rows[0]
  }
  const passPause = () => own.pool.query('update graphile_worker._private_jobs set run_at = now()')

  it('a message is tried again after growing pauses until it gets through, and then no more', async () => {
    const { email } = await registered(own, there)
    mail.refuse('recipient', 450)
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await passPause()
      await work()
      const failed = await job(email)
      expect(failed).toMatchObject({
        attempts: attempt,
        max_attempts: attemptLimit + crashAllowance,
        last_error: 'smtp_rcpt450',
      })
      expect(await kept(email, own)).toMatchObject({
        state: 'queued',
        attempts: attempt,
        fault: 'smtp_rcpt450',
      })
      expect(failed?.pause).toBeGreaterThanOrEqual(Math.exp(attempt) - 0.01)
    }
    mail.recover()
    await work()
    expect(await kept(email, own)).toMatchObject({ state: 'queued', attempts: 4 })
    await passPause()
    await work()
    expect(await kept(email, own)).toMatchObject({ state: 'sent', attempts: 5 })
    expect(await job(email)).toBeUndefined()
    expect(mail.received.filter(({ to }) => to.includes('anna@reader.test'))).toHaveLength(1)
  })

  it('a permanent fault ends the job as well', async () => {
    const { sms } = await registered(own, there)
    gateway.behave('send', smsError(7))
    await work()
    expect(await job(sms)).toBeUndefined()
    expect(await kept(sms, own)).toMatchObject({ state: 'failed' })
  })

  it('neither the queue nor any other table ever holds the password or a text', async () => {
    const { password, number } = await registered(own, there)
    const nothingKept = async (when: string) => {
      const { rows: tables } = await own.pool.query<{ name: string }>(
        `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
         where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
      )
      expect(tables.map(({ name }) => name)).toContain('graphile_worker._private_jobs')
      for (const { name } of tables) {
        const { rows } = await own.pool.query<{ text: string }>(`select t::text as text from ${name} t`)
        const all = rows.map(({ text }) => text).join('\n')
        expect(all.includes(password) || /Здравствуйте|Билет \d/.test(all), `${name} ${when}`).toBe(false)
        if (name.includes('job') || name === 'public.messages')
          expect(all.includes(number), `${name} ${when}`).toBe(false)
      }
    }
    await nothingKept('before')
    mail.refuse('text', 452)
    gateway.behave('send', 'taken_unanswered')
    await work()
    await nothingKept('after faults')
    mail.recover()
    gateway.recover()
    await passPause()
    await work()
    // It did go out, so that there was something to keep.
    expect(mail.received.map(({ text }) => text).join()).toContain(password)
    await nothingKept('after sending')
  })
})
