import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { inLine } from '../../../tests/support/in-line.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const changer = () => authorise(network.librarian, 'cards.replace')
const signIn = (reader: RegisteredReader, cardNumber = reader.card) =>
  app.sessions.signInReader(
    { cardNumber, password: reader.password },
    { address: `203.0.113.${Math.floor(Math.random() * 250)}`, userAgent: 'Firefox' },
  )
const cardsOf = (reader: RegisteredReader) =>
  app.db
    .selectFrom('cards')
    .select(['number', 'state'])
    .where('reader_id', '=', reader.actor.readerId)
    .orderBy('issued_at')
    .orderBy('number')
    .execute()
const validOf = async (reader: RegisteredReader) =>
  (await cardsOf(reader)).filter(({ state }) => state === 'issued').map(({ number }) => number)
const replace = (
  reader: RegisteredReader,
  more: {
    card?: string
    ending?: 'lost' | 'damaged' | 'replaced'
    stockCard?: string
    signOut?: boolean
  } = {},
) =>
  app.readers.replaceCard(changer(), reader.actor.readerId, {
    card: reader.card,
    ending: 'lost',
    stockCard: undefined,
    signOut: false,
    ...more,
  })
async function stockCard(libraryId = network.bui): Promise<string> {
  const manager = authorise(network.operator, 'cards.manage')
  const { batchId } = await app.cards.makeBatch(manager, { formKey: randomUUID(), libraryId, count: 1 })
  const { number } = await app.db
    .selectFrom('cards')
    .select('number')
    .where('batch_id', '=', batchId)
    .executeTakeFirstOrThrow()
  const holder = authorise(network.operator, 'cards.stock')
  await app.cards.receive(holder, { libraryId, first: number, last: number })
  return number
}

describe('a card that is replaced', () => {
  it.each(['lost', 'damaged', 'replaced'] as const)(
    '%s: signs in no more, as a wrong password doesn’t; the new one does with the old password',
    async (ending) => {
      const reader = await registeredReader(app, network)
      const { token } = await signIn(reader)
      await replace(reader, { ending })
      const [now = ''] = await validOf(reader)
      expect(await cardsOf(reader)).toContainEqual({ number: reader.card, state: ending })
      await expect(signIn(reader)).rejects.toThrow('sessions.wrong_credentials')
      expect((await signIn(reader, now)).token).toBeTruthy()
      // Nobody is signed out by that.
      expect(await app.sessions.actor(token)).toMatchObject({ readerId: reader.actor.readerId })
    },
  )

  it('is told to the reader on every way, by its new number and without the password', async () => {
    const reader = await registeredReader(app, network, {
      email: 'replaced@reader.test',
      phone: '+79103330001',
    })
    await replace(reader)
    const [now = ''] = await validOf(reader)
    const messages = await app.db
      .selectFrom('messages')
      .select(['id', 'channel', 'recipient'])
      .where('event', '=', 'reader.card-replaced')
      .where('reader_id', '=', reader.actor.readerId)
      .orderBy('channel')
      .execute()
    expect(messages.map(({ channel, recipient }) => [channel, recipient])).toEqual([
      ['email', 'replaced@reader.test'],
      ['sms', '+79103330001'],
    ])
    for (const { id, recipient } of messages) {
      await app.messages.send(id)
      const text = (await app.messages.outbox()).find(({ to }) => to === recipient)?.text ?? ''
      expect(text.replaceAll(' ', '')).toContain(now)
      expect(text).not.toContain(reader.password)
    }
  })

  it('and replaced once more before he was told, is told once, by the number that holds', async () => {
    const phone = '+79103330002'
    const reader = await registeredReader(app, network, { email: 'twice@reader.test', phone })
    await replace(reader)
    await replace(reader, { card: (await validOf(reader))[0] ?? '' })
    const waiting = await app.db
      .selectFrom('messages')
      .select('id')
      .where('event', '=', 'reader.card-replaced')
      .where('recipient', '=', phone)
      .execute()
    expect(waiting).toHaveLength(1)
    await app.messages.send(waiting[0]?.id ?? '')
    const text = (await app.messages.outbox()).find(({ to }) => to === phone)?.text ?? ''
    expect(text.replaceAll(' ', '')).toContain((await validOf(reader))[0])
  })

  it('ends every session where that is asked for', async () => {
    const reader = await registeredReader(app, network)
    const { token } = await signIn(reader)
    await replace(reader, { signOut: true })
    expect(await app.sessions.actor(token)).toBeUndefined()
  })

  it('gives a card of the library’s stock, and only of that', async () => {
    const reader = await registeredReader(app, network)
    const theirs = await stockCard(network.galich)
    await expect(replace(reader, { stockCard: theirs })).rejects.toThrow('cards.not_in_stock')
    expect(await validOf(reader)).toEqual([reader.card])
    const own = await stockCard()
    await replace(reader, { stockCard: own })
    expect(await validOf(reader)).toEqual([own])
    const another = await registeredReader(app, network)
    await expect(replace(another, { stockCard: own })).rejects.toThrow('cards.stock_card_taken')
  })

  it('of the stock goes to one of two readers', async () => {
    const [a, b] = [await registeredReader(app, network), await registeredReader(app, network)]
    const number = await stockCard()
    const both = await Promise.allSettled([
      replace(a, { stockCard: number }),
      replace(b, { stockCard: number }),
    ])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('leaves one valid card when two librarians replace it at the same moment', async () => {
    const reader = await registeredReader(app, network)
    const again = () => replace(reader)
    expect(await inLine(app, reader.actor.readerId, again, again)).toEqual(['done', 'readers.card_changed'])
    expect(await validOf(reader)).toHaveLength(1)
    expect(await cardsOf(reader)).toHaveLength(2)
  })
})

describe('a blocked card', () => {
  it('doesn’t sign in until it is unblocked, and can be replaced', async () => {
    const reader = await registeredReader(app, network)
    const id = reader.actor.readerId
    await app.readers.blockCard(changer(), id, reader.card)
    await expect(signIn(reader)).rejects.toThrow('sessions.wrong_credentials')
    await app.readers.unblockCard(changer(), id, reader.card)
    expect((await signIn(reader)).token).toBeTruthy()
    await app.readers.blockCard(changer(), id, reader.card)
    await replace(reader)
    expect(await validOf(reader)).toHaveLength(1)
    await expect(app.readers.unblockCard(changer(), id, reader.card)).rejects.toThrow('readers.card_changed')
  })

  it('of a reader who has revoked his consent stays blocked', async () => {
    const reader = await registeredReader(app, network)
    await app.destructions.revokeOwn(reader.actor)
    const unblock = app.readers.unblockCard(changer(), reader.actor.readerId, reader.card)
    await expect(unblock).rejects.toThrow('readers.leaving')
    await expect(replace(reader)).rejects.toThrow('readers.leaving')
  })
})

describe('another library’s librarian', () => {
  it('changes no card, not even of a reader whom he has looked up', async () => {
    const reader = await registeredReader(app, network)
    const theirs = authorise(network.otherLibrarian, 'cards.replace')
    const block = () => app.readers.blockCard(theirs, reader.actor.readerId, reader.card)
    await expect(block()).rejects.toThrow('shared.not_found')
    const { otherLibrarian } = network
    await app.readers.find(
      authorise(otherLibrarian, 'readers.read'),
      authorise(otherLibrarian, 'readers.find-exact'),
      { query: reader.card, birthDate: '' },
    )
    await expect(block()).rejects.toThrow('staff.not_allowed')
  })
})

describe('the log', () => {
  it('names each change by its kind and never by the number', async () => {
    const reader = await registeredReader(app, network)
    await replace(reader, { ending: 'damaged', signOut: true })
    const entry = await app.db
      .selectFrom('audit_log')
      .select(['action', 'details'])
      .where('subject_id', '=', reader.actor.readerId)
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      action: 'readers.replace-card',
      details: { ending: 'damaged', fromStock: false, signedOut: true },
    })
  })
})
