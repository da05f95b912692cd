import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testStart } from '../../../tests/support/app.ts'
import { smsError } from '../../../tests/support/sms-gateway.ts'
import { messageOf, queueOne, registeredReader, statesOf } from '../../../tests/support/told-readers.ts'
import { makeCode } from '../readers/recovery-codes.ts'
import { writeSetting } from '../settings/settings.ts'
import { after, days, minutes } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { app, gateway, mail, network, useGateways } from './gateways.fixtures.ts'
import { createMessages } from './messages.commands.ts'
import type { Channel } from './messages.ts'
import { createPolling } from './polling.commands.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'
import { createMessageTexts } from './stored-texts.ts'
import { usageThisMonth } from './usage.ts'

useGateways()
afterEach(async () => {
  app.setTime(testStart)
  await app.db.deleteFrom('settings').execute()
  await app.db.deleteFrom('sms_usage').execute()
  await app.db.deleteFrom('refused_addresses').execute()
})

const phone = '+79101234567'
const email = 'anna@reader.test'
const drivers = () => ({
  email: createSmtpDriver({ url: mail.url, from: 'Б <noreply@library.test>', messageIdHost: 'library.test' }),
  sms: createSmscDriver(gateway.url),
})
const deps = (db: Database = app.db) => ({
  db,
  clock: app.clock,
  sealer: app.sealer,
  origin: app.origin,
  drivers: drivers(),
  texts: createMessageTexts(app.db),
})
const send = (id: string, db?: Database) => createMessages(deps(db)).send(id)
const poll = (id: string, db?: Database) => createPolling(deps(db)).poll(id)

/** A reader who has asked for a code by one channel: the other has nothing to do with it yet. */
async function codeBy(channel: Channel, contacts: { email?: string; phone?: string } = {}) {
  const reader = await registeredReader(app, network, contacts)
  await inTransaction(app.db, (tx) => makeCode(tx, app.sealer, app.clock(), reader.readerId))
  const recipient = channel === 'sms' ? phone : email
  const id = await queueOne(app, { channel, event: 'reader.code', recipient, readerId: reader.readerId })
  return { ...reader, id, states: () => statesOf(app, reader.readerId, 'reader.code') }
}
const sendOther = async (readerId: string, channel: Channel) =>
  send((await messageOf(app, readerId, 'reader.code', channel)).id)
const jobsAbout = async (id: string) => {
  const { rows } = await app.pool.query<{ task: string; in: number }>(
    `select t.identifier as task, round(extract(epoch from run_at - $2::timestamptz))::int as in
     from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
     where payload->>'messageId' = $1 order by run_at`,
    [id, app.clock()],
  )
  return rows
}

describe('the other way', () => {
  it('an SMS that fails for good goes on as an e-mail, with its job, and once', async () => {
    const reader = await codeBy('sms')
    gateway.behave('send', smsError(7))
    await send(reader.id)
    await send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'failed: sms_7', email: 'queued' })
    const { id } = await messageOf(app, reader.readerId, 'reader.code', 'email')
    expect(await jobsAbout(id)).toMatchObject([{ task: 'messages:send' }])
    await send(id)
    expect(mail.received.map(({ to }) => to)).toEqual([[email]])
  })

  it('an e-mail that fails for good goes on as an SMS', async () => {
    const reader = await codeBy('email')
    mail.refuse('recipient', 550)
    await send(reader.id)
    await sendOther(reader.readerId, 'sms')
    expect(await reader.states()).toEqual({ email: 'failed: smtp_550', sms: 'sent' })
    expect(gateway.taken.map((sms) => sms.phone)).toEqual([phone])
  })

  it('a channel that isn’t set up is a failure for good too', async () => {
    const reader = await codeBy('sms')
    await createMessages({ ...deps(), drivers: { ...drivers(), sms: undefined } }).send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'failed: not_configured', email: 'queued' })
  })

  it('both failing ends it: there is no third way', async () => {
    const reader = await codeBy('sms')
    gateway.behave('send', smsError(7))
    mail.refuse('recipient', 550)
    await send(reader.id)
    await sendOther(reader.readerId, 'email')
    expect(await reader.states()).toEqual({ sms: 'failed: sms_7', email: 'failed: smtp_550' })
  })

  it('isn’t taken where both channels were told at once', async () => {
    const { readerId } = await registeredReader(app, network)
    gateway.behave('send', smsError(7))
    await send((await messageOf(app, readerId, 'reader.registered', 'sms')).id)
    expect(await statesOf(app, readerId, 'reader.registered')).toEqual({
      sms: 'failed: sms_7',
      email: 'queued',
    })
  })

  it('isn’t taken where the reader has no address', async () => {
    const reader = await codeBy('sms', { email: '' })
    gateway.behave('send', smsError(7))
    await send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'failed: sms_7' })
  })

  it('isn’t taken by SMS without the consent that the region asks for', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.handoverFor', 'provider_and_sms'))
    const reader = await codeBy('email')
    mail.refuse('recipient', 550)
    await send(reader.id)
    expect(await reader.states()).toEqual({ email: 'failed: smtp_550' })
  })

  it('an SMS that may not go for want of a consent goes as an e-mail', async () => {
    const reader = await codeBy('sms')
    await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.handoverFor', 'provider_and_sms'))
    await send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'failed: no_consent', email: 'queued' })
    expect(gateway.asked).toEqual([])
  })

  it('isn’t taken for an event that the other channel has no words for', async () => {
    const { readerId } = await registeredReader(app, network)
    const event = 'reader.password-changed'
    const id = await queueOne(app, { channel: 'email', event, recipient: email, readerId })
    mail.refuse('recipient', 550)
    await send(id)
    expect(await statesOf(app, readerId, event)).toEqual({ email: 'failed: smtp_550' })
  })

  it('what nobody is helped by doesn’t go the other way', async () => {
    const reader = await codeBy('sms')
    app.setTime(after(new Date(testStart), minutes(31)))
    await send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'failed: code_expired' })
  })

  it('a reader who is leaving is told nothing more', async () => {
    const reader = await codeBy('sms')
    const held = gateway.hold('send')
    gateway.behave('send', smsError(7))
    const sending = send(reader.id)
    await held.arrived
    await app.destructions.revokeOnPaper(authorise(network.operator, 'destructions.ask'), reader.readerId)
    held.release()
    await sending
    expect(Object.keys(await reader.states())).toEqual(['sms'])
  })

  it('of any number that note the failure together exactly one goes on', async () => {
    const other = await app.twin()
    for (let round = 0; round < 5; round += 1) {
      const reader = await codeBy('sms')
      await send(reader.id)
      gateway.status = 20
      gateway.behave('send', smsError(7))
      const dbs = [app.db, other.db, app.db, other.db]
      await Promise.allSettled(dbs.flatMap((db) => [poll(reader.id, db), send(reader.id, db)]))
      // Whoever met another one at it is tried again by the queue.
      await poll(reader.id)
      expect(await reader.states()).toEqual({ sms: 'undelivered: undelivered', email: 'queued' })
      gateway.recover()
    }
  })
})

describe('deliveries', () => {
  const asked = () => gateway.asked.filter((question) => question === 'status').length
  /** When the next questions are planned, in seconds from now. */
  const pollsOf = async (id: string) =>
    (await jobsAbout(id)).filter(({ task }) => task === 'messages:poll').map((job) => job.in)
  const pass = (count: number) => app.setTime(after(app.clock(), minutes(count)))

  it('an SMS that was delivered is', async () => {
    const reader = await codeBy('sms')
    await send(reader.id)
    expect(await pollsOf(reader.id)).toEqual([60])
    pass(1)
    await poll(reader.id)
    expect(await reader.states()).toEqual({ sms: 'delivered' })
    await poll(reader.id)
    expect(asked()).toBe(1)
  })

  it('one that came to nobody goes the other way', async () => {
    const reader = await codeBy('sms')
    await send(reader.id)
    gateway.status = 20
    pass(1)
    await poll(reader.id)
    await sendOther(reader.readerId, 'email')
    expect(await reader.states()).toEqual({ sms: 'undelivered: undelivered', email: 'sent' })
    expect(mail.received).toHaveLength(1)
  })

  it('is asked about after growing pauses, for a day, whatever the gateway is like meanwhile', async () => {
    const reader = await codeBy('sms')
    await send(reader.id)
    gateway.status = 0
    const pauses: number[] = []
    for (let polls = 0; polls < 20; polls += 1) {
      const [next = 0] = await pollsOf(reader.id)
      if (next <= 0) break
      pauses.push(next / 60)
      pass(next / 60)
      gateway.passMinute()
      gateway.behave('status', polls % 2 ? 'broken' : 'works')
      await poll(reader.id)
    }
    expect(pauses.slice(0, 9)).toEqual([1, 2, 4, 8, 15, 30, 60, 120, 240])
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses)
    expect(app.clock().getTime() - new Date(testStart).getTime()).toBeLessThan(days(1) + minutes(240))
    expect(await reader.states()).toEqual({ sms: 'sent' })
  })

  it('is asked about at most once in half a minute, however often the job runs', async () => {
    const other = await app.twin()
    const reader = await codeBy('sms')
    await send(reader.id)
    gateway.status = 0
    pass(1)
    await Promise.allSettled([app.db, other.db, app.db].map((db) => poll(reader.id, db)))
    for (let again = 0; again < 8; again += 1) await poll(reader.id)
    expect(asked()).toBe(1)
    expect(await pollsOf(reader.id)).toEqual([120])
  })
})

describe('the quiet hours', () => {
  beforeEach(() =>
    inTransaction(app.db, async (tx) => {
      await writeSetting(tx, 'sms.quietFrom', '22:00')
      await writeSetting(tx, 'sms.quietTo', '09:00')
    }),
  )
  /** 23:30 in Moscow. */
  const night = '2026-11-24T20:30:00Z'

  it('an SMS waits until their end without losing an attempt; an e-mail goes', async () => {
    const { readerId } = await registeredReader(app, network)
    const { id } = await messageOf(app, readerId, 'reader.registered', 'sms')
    app.setTime(night)
    await send(id)
    await send(id)
    await send((await messageOf(app, readerId, 'reader.registered', 'email')).id)
    expect(await messageOf(app, readerId, 'reader.registered', 'sms')).toMatchObject({
      state: 'queued',
      fault: 'quiet_hours',
      attempts: 0,
    })
    const morning = (await jobsAbout(id)).filter((job) => job.in > 0)
    expect(morning).toEqual([{ task: 'messages:send', in: 9.5 * 3600 }])
    app.setTime('2026-11-25T06:00:00Z')
    await send(id)
    expect(await statesOf(app, readerId, 'reader.registered')).toEqual({ sms: 'sent', email: 'sent' })
  })

  it('a code goes all the same: whoever asked for it is awake', async () => {
    app.setTime(night)
    const reader = await codeBy('sms')
    await send(reader.id)
    expect(await reader.states()).toEqual({ sms: 'sent' })
  })
})

describe('a month’s parts', () => {
  const limit = (parts: number) => inTransaction(app.db, (tx) => writeSetting(tx, 'sms.partsPerMonth', parts))
  /** A code's text is 2 parts long. */
  const codes = (count: number) => Promise.all(Array.from({ length: count }, () => codeBy('sms')))

  it('are counted, and beyond them an SMS goes as an e-mail', async () => {
    await limit(5)
    const readers = await codes(3)
    for (const { id } of readers) await send(id)
    expect(await Promise.all(readers.map(({ states }) => states()))).toEqual([
      { sms: 'sent' },
      { sms: 'sent' },
      { sms: 'failed: sms_month_full', email: 'queued' },
    ])
    expect(await usageThisMonth(app.db, app.clock())).toEqual({ parts: 4, most: 5, warns: true, ended: true })
  })

  it('warn from four fifths on, before they end; then it is said that they have', async () => {
    await limit(10)
    const usage = async () => {
      const { warns, ended } = await usageThisMonth(app.db, app.clock())
      return ended ? 'ended' : warns ? 'warns' : 'enough'
    }
    const seen: string[] = []
    for (const { id } of await codes(6)) {
      await send(id)
      seen.push(await usage())
    }
    expect(seen).toEqual(['enough', 'enough', 'enough', 'warns', 'ended', 'ended'])
    await limit(20)
    expect(await usage()).toBe('enough')
  })

  it('that are too few put a reader without e-mail on his library’s desk, and stop no other way', async () => {
    await app.db.deleteFrom('messages').execute()
    await limit(1)
    const alone = await registeredReader(app, network, { email: '' })
    await send((await messageOf(app, alone.readerId, 'reader.registered', 'sms')).id)
    expect(await statesOf(app, alone.readerId, 'reader.registered')).toEqual({
      sms: 'failed: sms_month_full',
    })
    const unreached = await app.messages.unreachedBy(alone)
    expect(unreached).toBeDefined()
    await app.messages.settle(authorise(network.librarian, 'messages.send'), unreached ?? '')
    // He has been told; the month is over all the same.
    expect(await usageThisMonth(app.db, app.clock())).toMatchObject({ ended: true })
    const both = await registeredReader(app, network)
    for (const channel of ['sms', 'email'] as const)
      await send((await messageOf(app, both.readerId, 'reader.registered', channel)).id)
    expect(await statesOf(app, both.readerId, 'reader.registered')).toMatchObject({ email: 'sent' })
    expect(await app.messages.unreachedBy(both)).toBeUndefined()
    expect(await usageThisMonth(app.db, app.clock())).toMatchObject({ warns: true, ended: true })
  })

  it('are never exceeded, however many go at once', async () => {
    await limit(6)
    const other = await app.twin()
    const readers = await codes(8)
    await Promise.all(readers.map(({ id }, index) => send(id, index % 2 ? other.db : app.db)))
    expect(gateway.taken).toHaveLength(3)
    expect(await usageThisMonth(app.db, app.clock())).toMatchObject({ parts: 6 })
  })

  it('are taken once however often an SMS is tried, and given back by one that never went', async () => {
    const [reader] = await codes(1)
    gateway.behave('send', smsError(3))
    await expect(send(reader?.id ?? '')).rejects.toThrow('sms_3')
    await expect(send(reader?.id ?? '')).rejects.toThrow('sms_3')
    expect(await usageThisMonth(app.db, app.clock())).toMatchObject({ parts: 2, warns: false })
    gateway.behave('send', smsError(7))
    await send(reader?.id ?? '')
    expect(await usageThisMonth(app.db, app.clock())).toMatchObject({ parts: 0 })
  })

  it('begin anew with the month in the region’s zone', async () => {
    await limit(2)
    const [first, second] = await codes(2)
    app.setTime('2026-11-24T09:10:00Z')
    await send(first?.id ?? '')
    await app.db
      .updateTable('recovery_codes')
      .set({ expires_at: new Date('2027-01-01') })
      .execute()
    // 00:30 of 1 December in Moscow.
    app.setTime('2026-11-30T21:30:00Z')
    await send(second?.id ?? '')
    expect(gateway.taken).toHaveLength(2)
  })
})
