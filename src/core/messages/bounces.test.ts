import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { finalBounces, postfix } from '../../../tests/support/bounces.ts'
import { startImapServer } from '../../../tests/support/imap-server.ts'
import type { MailServer } from '../../../tests/support/mail-server.ts'
import { startMailServer } from '../../../tests/support/mail-server.ts'
import type { SmsGateway } from '../../../tests/support/sms-gateway.ts'
import { smsError, startSmsGateway } from '../../../tests/support/sms-gateway.ts'
import { eventually } from '../../../tests/support/system.ts'
import { messageOf, queueOne, registeredReader, statesOf } from '../../../tests/support/told-readers.ts'
import { startIntake } from '../intake/intake.ts'
import { parseMail } from '../intake/mail.ts'
import { doneFolder } from '../intake/mailbox.ts'
import { makeCode } from '../readers/recovery-codes.ts'
import { after, minutes } from '../shared/clock.ts'
import { inTransaction } from '../shared/db.ts'
import { createLog } from '../shared/log.ts'
import { authorise } from '../staff/actors.ts'
import { addressRefused } from './again.commands.ts'
import { createBounceHandler } from './bounces.ts'
import { createMessages } from './messages.commands.ts'
import type { Channel } from './messages.ts'
import { createPolling } from './polling.commands.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'
import { createMessageTexts } from './stored-texts.ts'

let app: TestApp
let network: TestNetwork
let mail: MailServer
let gateway: SmsGateway

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  ;[mail, gateway] = await Promise.all([startMailServer(), startSmsGateway()])
})
afterEach(async () => {
  await mail.close()
  await gateway.close()
  await app.db.deleteFrom('refused_addresses').execute()
})

const deps = () => ({
  db: app.db,
  clock: app.clock,
  sealer: app.sealer,
  origin: app.origin,
  texts: createMessageTexts(app.db),
  drivers: {
    email: createSmtpDriver({ url: mail.url, from: 'Б <books@library.test>', messageIdHost: 'library.test' }),
    sms: createSmscDriver(gateway.url),
  },
})
const send = (id: string) => createMessages(deps()).send(id)
const handler = () => createBounceHandler({ clock: app.clock })
const handle = (raw: string) =>
  inTransaction(app.db, async (tx) =>
    handler().handle(tx, await parseMail({ bytes: Buffer.from(raw), headOnly: false })),
  )

const newEmail = () => `anna-${randomUUID().slice(0, 8)}@reader.test`
const newPhone = () => `+7910${String(1_000_000 + Math.floor(Math.random() * 8_999_999))}`

/** A reader to whom a code was sent by one channel; the other has nothing to do with it yet. */
async function toldBy(channel: Channel, contacts: { email?: string; phone?: string } = {}) {
  const to = { email: newEmail(), phone: newPhone(), ...contacts }
  const reader = await registeredReader(app, network, to)
  await inTransaction(app.db, (tx) => makeCode(tx, app.sealer, app.clock(), reader.readerId))
  const recipient = channel === 'sms' ? to.phone : to.email
  const id = await queueOne(app, { channel, event: 'reader.code', recipient, readerId: reader.readerId })
  return { ...reader, ...to, id, states: () => statesOf(app, reader.readerId, 'reader.code') }
}

/** One whose letter is out, and what comes back with it. */
async function written(contacts: { email?: string; phone?: string } = {}) {
  const reader = await toldBy('email', contacts)
  await send(reader.id)
  const messageId = (mail.received.at(-1)?.messageId ?? '').replaceAll(/[<>]/g, '')
  return { ...reader, letter: { messageId, to: reader.email } }
}

const marks = async () =>
  (
    await app.db
      .selectFrom('refused_addresses')
      .select(['channel', 'address', 'fault'])
      .orderBy('channel')
      .execute()
  ).map(({ channel, address, fault }) => `${channel} ${address} ${fault}`)

describe('a letter that comes back', () => {
  it.each(Object.entries(finalBounces))('by %s goes the other way, once', async (name, bounce) => {
    const reader = await written()
    expect(await handle(bounce(reader.letter))).toBe('taken')
    expect(await handle(bounce(reader.letter))).toBe('taken')
    expect(await reader.states()).toEqual({
      email: expect.stringMatching(/^undelivered: bounce_5\./) as string,
      sms: 'queued',
    })
    // The words of RFC 3464’s example say nothing of the address.
    expect(await marks()).toHaveLength(name === 'RFC 3464' ? 0 : 1)
  })

  it('into the mailbox is taken out of it, and all that isn’t one stays', async () => {
    const reader = await written()
    const server = await startImapServer()
    server.deliver(postfix({ messageId: `${randomUUID()}@library.test`, to: reader.email }))
    server.deliver(postfix(reader.letter))
    const intake = startIntake({
      db: app.db,
      clock: app.clock,
      log: createLog('silent'),
      url: server.url,
      handlers: app.mailHandlers,
      parse: app.parseMail,
    })
    await eventually(async () => (server.mailsIn(doneFolder).length === 1 ? true : undefined))
    await intake.stop()
    expect(server.mailsIn('INBOX').map(({ uid }) => uid)).toEqual([1])
    expect(await reader.states()).toEqual({ email: 'undelivered: bounce_5.1.1', sms: 'queued' })
    await server.close()
  })

  it('before its sending was noted stays one that came back', async () => {
    const reader = await toldBy('email')
    const { email } = deps().drivers
    await createMessages({
      ...deps(),
      drivers: {
        sms: undefined,
        email: {
          ...email,
          async send(message) {
            const sent = await email.send(message)
            await handle(postfix({ messageId: `${message.id}@library.test`, to: message.recipient }))
            return sent
          },
        },
      },
    }).send(reader.id)
    expect(await reader.states()).toEqual({ email: 'undelivered: bounce_5.1.1', sms: 'queued' })
  })

  it.each([
    ['a full mailbox', { status: '5.2.2', answer: '552 5.2.2 Mailbox full' }, 'bounce_5.2.2'],
    ['a policy', { status: '5.7.1', answer: '550 5.7.1 Rejected as spam' }, 'bounce_5.7.1'],
    ['a server given up on', { status: '4.4.1', answer: 'connection timed out' }, 'bounce_4.4.1'],
  ])('for %s says nothing of the address', async (_, facts, fault) => {
    const reader = await written()
    expect(await handle(postfix(reader.letter, { action: 'failed', ...facts }))).toBe('taken')
    expect(await reader.states()).toEqual({ email: `undelivered: ${fault}`, sms: 'queued' })
    expect(await marks()).toEqual([])
  })

  it('only late isn’t one: nothing changes', async () => {
    const reader = await written()
    const late = postfix(reader.letter, { action: 'delayed', status: '4.4.1', answer: 'timed out' })
    expect(await handle(late)).toBe('taken')
    expect(await reader.states()).toEqual({ email: 'sent' })
  })

  it('of another Message-ID, of another recipient, of no message of ours changes nothing', async () => {
    const reader = await written()
    const strange = [
      { ...reader.letter, messageId: `${randomUUID()}@library.test` },
      { ...reader.letter, messageId: `x${reader.letter.messageId}` },
      { ...reader.letter, messageId: '019abf00@library.test' },
      { ...reader.letter, to: newEmail() },
    ]
    for (const letter of strange)
      for (const bounce of Object.values(finalBounces)) expect(await handle(bounce(letter))).toBe('not mine')
    expect(await reader.states()).toEqual({ email: 'sent' })
    expect(await marks()).toEqual([])
  })

  it('can’t be forged: between two of our Message-IDs of one moment lie 62 bits of chance', async () => {
    const { rows } = await app.pool.query<{ id: string }>(
      `select column_default as id from information_schema.columns where table_name = 'messages' and column_name = 'id'`,
    )
    expect(rows[0]?.id).toBe('uuidv7()')
    const { rows: ids } = await app.pool.query<{ id: string }>(
      'select uuidv7()::text as id from generate_series(1, 1000)',
    )
    // RFC 9562 §5.7: variant and 62 random bits.
    const chance = ids.map(({ id }) => BigInt(`0x${id.slice(19).replace('-', '')}`))
    expect(new Set(chance).size).toBe(1000)
    for (let bit = 0n; bit < 62n; bit += 1n) {
      const ones = chance.filter((value) => (value >> bit) & 1n).length
      expect(ones).toBeGreaterThan(350)
      expect(ones).toBeLessThan(650)
    }
  })

  it('to a contact that was replaced meanwhile marks nothing', async () => {
    const reader = await written()
    await app.db.updateTable('readers').set({ email: null }).where('id', '=', reader.readerId).execute()
    await handle(postfix(reader.letter))
    expect(await marks()).toEqual([])
  })

  it('to a reader who is leaving is told nobody else, and marks nothing', async () => {
    const reader = await written()
    await app.destructions.revokeOnPaper(authorise(network.operator, 'destructions.ask'), reader.readerId)
    await handle(postfix(reader.letter))
    expect(await reader.states()).toEqual({ email: 'undelivered: bounce_5.1.1' })
    expect(await marks()).toEqual([])
  })

  it('to a library is undelivered, and later letters to it go all the same', async () => {
    const { applicationId } = await registeredReader(app, network, { email: newEmail(), phone: newPhone() })
    const { id, recipient } = await app.db
      .selectFrom('messages')
      .select(['id', 'recipient'])
      .where('application_id', '=', applicationId)
      .where('event', '=', 'library.registered')
      .executeTakeFirstOrThrow()
    await send(id)
    await handle(postfix({ messageId: `${id}@library.test`, to: recipient }))
    const kept = await app.db.selectFrom('messages').select('state').where('id', '=', id).executeTakeFirst()
    expect(kept?.state).toBe('undelivered')
    expect(await marks()).toEqual([])
  })
})

describe('a refusal at once', () => {
  it.each([
    [550, '5.1.1 no such user', true],
    [550, 'invalid mailbox: user not found', true],
    [550, '5.7.1 rejected by policy', false],
    [552, '5.2.2 mailbox full', false],
    [550, 'refused', false],
  ])('%i %s: the address is marked — %s', async (code, answer, marked) => {
    const reader = await toldBy('email')
    mail.refuse('recipient', code, answer)
    await send(reader.id)
    expect(await reader.states()).toEqual({ email: `failed: smtp_${code}`, sms: 'queued' })
    expect(await marks()).toEqual(marked ? [`email ${reader.email} smtp_${code}`] : [])
  })

  it.each([
    [7, true],
    [8, false],
  ])('of an SMS with the code %i: the number is marked — %s', async (code, marked) => {
    const reader = await toldBy('sms')
    gateway.behave('send', smsError(code))
    await send(reader.id)
    expect(await marks()).toEqual(marked ? [`sms ${reader.phone} sms_${code}`] : [])
  })

  it.each([
    [22, true],
    [20, false],
  ])(
    'of an SMS that a gateway took, with the status %i: the number is marked — %s',
    async (status, marked) => {
      const reader = await toldBy('sms')
      await send(reader.id)
      gateway.status = status
      await createPolling({ ...deps(), clock: () => after(app.clock(), minutes(1)) }).poll(reader.id)
      expect(await reader.states()).toMatchObject({ sms: expect.stringContaining('undelivered') as string })
      expect(await marks()).toEqual(marked ? [`sms ${reader.phone} no_such_number`] : [])
    },
  )
})

describe('while an address takes nothing', () => {
  const refused = async (channel: Channel, contacts: { email?: string; phone?: string } = {}) => {
    const reader = await toldBy(channel, contacts)
    await app.db
      .insertInto('refused_addresses')
      .values({
        channel,
        address: channel === 'sms' ? reader.phone : reader.email,
        since: app.clock(),
        fault: 'bounce_5.1.1',
      })
      .execute()
    return reader
  }

  it.each(['email', 'sms'] as const)('no %s goes there: it goes the other way', async (channel) => {
    const reader = await refused(channel)
    await send(reader.id)
    const other = channel === 'sms' ? 'email' : 'sms'
    expect(await reader.states()).toEqual({ [channel]: 'failed: address_refused', [other]: 'queued' })
    expect([mail.received.length, gateway.taken.length]).toEqual([0, 0])
    await send((await messageOf(app, reader.readerId, 'reader.code', other)).id)
    expect(await reader.states()).toMatchObject({ [other]: 'sent' })
  })

  it('and the other one neither, messages end: nothing goes round in circles', async () => {
    const reader = await refused('email')
    await app.db
      .insertInto('refused_addresses')
      .values({ channel: 'sms', address: reader.phone, since: app.clock(), fault: 'sms_7' })
      .execute()
    await send(reader.id)
    await send((await messageOf(app, reader.readerId, 'reader.code', 'sms')).id)
    expect(await reader.states()).toEqual({
      email: 'failed: address_refused',
      sms: 'failed: address_refused',
    })
  })

  it('a letter isn’t sent once more: the librarian is told what to do', async () => {
    const reader = await refused('email')
    const { id } = await messageOf(app, reader.readerId, 'reader.registered', 'email')
    await send(id)
    const again = app.messages.again(authorise(network.librarian, 'messages.send'), id)
    await expect(again).rejects.toThrow(addressRefused().code)
  })

  it('the list of messages and the record say so, to the reader too', async () => {
    const reader = await refused('email')
    const librarian = authorise(network.librarian, 'messages.read')
    const { messages } = await app.messages.list(librarian, { library: network.bui })
    const own = messages.filter(({ readerId }) => readerId === reader.readerId)
    expect(own.find(({ channel }) => channel === 'email')?.addressRefused).toBe(true)
    expect(own.find(({ channel }) => channel === 'sms')?.addressRefused).toBe(false)
    const record = await app.readers.open(authorise(network.librarian, 'readers.read'), reader.readerId)
    const since = { email: app.clock(), sms: null }
    expect(await app.messages.refused.ofRecord(record)).toEqual(since)
    const actor = { kind: 'reader', readerId: reader.readerId, fullName: '', birthDate: '' } as const
    expect(await app.messages.refused.own(actor)).toEqual(since)
  })

  it('the mark goes with the contact, once nobody has it any more', async () => {
    const reader = await refused('email')
    const sister = await registeredReader(app, network, { email: reader.email, phone: newPhone() })
    const replace = (id: string) =>
      app.db.updateTable('readers').set({ email: newEmail() }).where('id', '=', id).execute()
    await replace(reader.readerId)
    expect(await marks()).toHaveLength(1)
    await replace(sister.readerId)
    expect(await marks()).toEqual([])
  })

  it('the mark stays when something else of the record changes', async () => {
    const reader = await refused('email')
    await app.db.updateTable('readers').set({ phone: null }).where('id', '=', reader.readerId).execute()
    expect(await marks()).toHaveLength(1)
  })

  it('“the address is right” ends the mark, audited once; another library can’t say so', async () => {
    const reader = await refused('email')
    const trust = (by: typeof network.librarian) =>
      app.messages.refused.trust(authorise(by, 'readers.mend'), reader.readerId, 'email')
    await expect(trust(network.otherLibrarian)).rejects.toThrow('shared.not_found')
    expect(await marks()).toHaveLength(1)
    await trust(network.librarian)
    await trust(network.librarian)
    expect(await marks()).toEqual([])
    const audited = await app.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'readers.trust-contact')
      .where('subject_id', '=', reader.readerId)
      .execute()
    expect(audited).toEqual([{ details: { channel: 'email' } }])
    await send(reader.id)
    expect(await reader.states()).toEqual({ email: 'sent' })
  })
})
