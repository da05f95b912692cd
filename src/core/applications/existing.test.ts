import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { authorise } from '../staff/actors.ts'
import type { SameInput, SendInput } from './applications.schemas.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const decider = () => authorise(network.operator, 'applications.decide')
const device = { address: '127.0.0.1', userAgent: 'test' }
const fullName = () => `Кузнецов ${[...randomUUID().replace(/[^a-f]/g, '')].join('')} Ильич`

async function sent(library: 'bui' | 'galich', change: Partial<SendInput>): Promise<string> {
  const actor = library === 'bui' ? network.librarian : network.otherLibrarian
  const input = questionnaire(network, change)
  return (await app.applications.send(authorise(actor, 'applications.write'), network[library], input)).id
}
const register = (id: string, change: { anotherPerson?: boolean; distinctFrom?: string[] } = {}) =>
  app.applications.register(decider(), id, {
    revision: 1,
    providerNumber: '',
    providerPassword: '',
    anotherPerson: false,
    ...change,
  })
const same = (id: string, readerId: string, change: Partial<SameInput> = {}) =>
  app.applications.same(decider(), id, {
    revision: 1,
    readerId,
    replaceEmail: false,
    replacePhone: false,
    moveLibrary: false,
    ...change,
  })
/** A reader of Буй and a questionnaire about him from Галич, with contacts of its own. */
async function known(change: Partial<SendInput> = {}) {
  const person = { fullName: fullName(), email: 'old@reader.test', phone: '+79101110001' }
  const { readerId } = await register(await sent('bui', person))
  const again = { ...person, email: 'new@reader.test', phone: '+79101110002', ...change }
  return { readerId, id: await sent('galich', again), card: await validCard(readerId), person }
}
const reader = (id: string) =>
  app.db.selectFrom('readers').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const cardsOf = (readerId: string) =>
  app.db
    .selectFrom('cards')
    .select(['number', 'state'])
    .where('reader_id', '=', readerId)
    .orderBy('number')
    .execute()
const validCard = async (readerId: string) =>
  (await cardsOf(readerId)).find(({ state }) => state === 'issued')?.number ?? ''
async function password(readerId: string): Promise<string> {
  const { sealed } = await app.db
    .selectFrom('sealed_passwords')
    .select('sealed')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .executeTakeFirstOrThrow()
  return app.sealer.open(sealed, `${readerId}/initial`)
}
const signIn = (cardNumber: string, typed: string) =>
  app.sessions.signInReader({ cardNumber, password: typed }, device)
const readersNamed = (name: string) =>
  app.db.selectFrom('readers').select('id').where('full_name', '=', name).execute()
/** Everything of a reader's that the decision may touch. */
const everythingOf = async (readerId: string) => ({
  reader: await reader(readerId),
  cards: await cardsOf(readerId),
  password: await password(readerId),
  changes: await app.db.selectFrom('reader_changes').selectAll().where('reader_id', '=', readerId).execute(),
  consents: await app.db.selectFrom('consents').select('id').where('reader_id', '=', readerId).execute(),
})

describe('the same person', () => {
  it('keeps card and record, gets a new password, and no second reader is made', async () => {
    const { readerId, id, card, person } = await known()
    const old = await password(readerId)
    expect(await same(id, readerId)).toEqual({ readerId })
    expect(await readersNamed(person.fullName)).toEqual([{ id: readerId }])
    expect(await cardsOf(readerId)).toEqual([{ number: card, state: 'issued' }])
    await expect(signIn(card, old)).rejects.toThrow('wrong_credentials')
    await signIn(card, await password(readerId))
    const details = await app.applications.details(authorise(network.otherLibrarian, 'applications.read'), id)
    expect(details).toMatchObject({ state: 'registered', outcome: 'existing', cardNumber: card })
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })

  it('is signed out everywhere, also where the old password was being checked at that moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { readerId, id, card } = await known()
      const old = await password(readerId)
      const session = await signIn(card, old)
      const [late] = await Promise.allSettled([signIn(card, old), same(id, readerId)])
      expect(await app.sessions.actor(session.token)).toBeUndefined()
      if (late.status === 'fulfilled') expect(await app.sessions.actor(late.value.token)).toBeUndefined()
    }
  })

  it('has only those contacts replaced that were ticked, and is told there and nowhere else', async () => {
    for (const [ticked, email, phone] of [
      [{}, 'old@reader.test', '+79101110001'],
      [{ replaceEmail: true }, 'new@reader.test', '+79101110001'],
      [{ replacePhone: true }, 'old@reader.test', '+79101110002'],
    ] as const) {
      const { readerId, id } = await known()
      await same(id, readerId, ticked)
      expect(await reader(readerId)).toMatchObject({ email, phone })
      const messages = await app.db
        .selectFrom('messages')
        .select(['event', 'recipient'])
        .where('application_id', '=', id)
        .orderBy('recipient')
        .execute()
      expect(messages).toEqual([
        { event: 'reader.credentials', recipient: phone },
        { event: 'library.existing', recipient: 'library003@library.test' },
        { event: 'reader.credentials', recipient: email },
      ])
    }
  })

  it('moves to the library where he came when the operator says so, with the reason noted', async () => {
    const { readerId, id } = await known()
    await same(id, readerId, { moveLibrary: true, replacePhone: true })
    expect((await reader(readerId)).library_id).toBe(network.galich)
    const changes = await app.db
      .selectFrom('reader_changes')
      .select(['fields', 'application_id', 'changed_by'])
      .where('reader_id', '=', readerId)
      .execute()
    expect(changes).toEqual([
      { fields: ['phone', 'library_id'], application_id: id, changed_by: network.operator.staffId },
    ])
  })

  it('has the new consent on his record, and the year of his registration begins anew', async () => {
    const { readerId, id } = await known()
    const { renewed_at: before } = await reader(readerId)
    app.setTime('2027-05-01T09:00:00Z')
    await same(id, readerId)
    expect((await everythingOf(readerId)).consents).toHaveLength(2)
    expect((await reader(readerId)).renewed_at.getTime()).toBeGreaterThan(before.getTime())
  })

  it('gets a new card where no valid one is left, of the library where he came', async () => {
    const { readerId, id, card } = await known()
    await app.db.updateTable('cards').set({ state: 'lost' }).where('number', '=', card).execute()
    await same(id, readerId)
    const cards = await cardsOf(readerId)
    expect(cards).toContainEqual({ number: card, state: 'lost' })
    expect(await validCard(readerId)).toMatch(/^2003\d{9}$/)
  })

  it('can be had only once, and not on an old page', async () => {
    const { readerId, id } = await known()
    await expect(same(id, readerId, { revision: 2 })).rejects.toThrow('changed_meanwhile')
    const outcomes = await Promise.allSettled([same(id, readerId), same(id, readerId)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('isn’t somebody whose record is gone, merged or about to be destroyed', async () => {
    const { readerId, id } = await known()
    await expect(same(id, randomUUID())).rejects.toThrow('readers.gone')
    const other = await known()
    await app.db
      .updateTable('readers')
      .set({ merged_into: other.readerId })
      .where('id', '=', readerId)
      .execute()
    await expect(same(id, readerId)).rejects.toThrow('readers.gone')
    await app.db
      .insertInto('destructions')
      .values({
        reader_id: other.readerId,
        card_numbers: [],
        library_id: network.bui,
        reason: 'revoked',
        asked_at: app.clock(),
        due_at: app.clock(),
      })
      .execute()
    await expect(same(other.id, other.readerId)).rejects.toThrow('readers.leaving')
  })
})

describe('taking the same person back', () => {
  it('leaves everything as it was, and the questionnaire waits again', async () => {
    const { readerId, id, card } = await known()
    await app.db.updateTable('cards').set({ state: 'lost' }).where('number', '=', card).execute()
    const before = await everythingOf(readerId)
    await same(id, readerId, { replaceEmail: true, replacePhone: true, moveLibrary: true })
    await app.applications.undo(decider(), id, { revision: 2 })
    const { cards, ...after } = await everythingOf(readerId)
    expect({ ...after, cards: before.cards }).toEqual(before)
    expect(cards.filter(({ state }) => state === 'issued')).toEqual([])
    const details = await app.applications.details(authorise(network.operator, 'applications.read'), id)
    expect(details).toMatchObject({ state: 'sent', outcome: null, readerId: null, messages: [] })
    await same(id, readerId, { revision: 3 })
  })

  it('leaves what was mended since', async () => {
    const { readerId, id } = await known()
    await same(id, readerId, { replaceEmail: true, replacePhone: true })
    await app.db.updateTable('readers').set({ phone: '+79101119999' }).where('id', '=', readerId).execute()
    await app.applications.undo(decider(), id, { revision: 2 })
    expect(await reader(readerId)).toMatchObject({ email: 'old@reader.test', phone: '+79101119999' })
  })

  it('is refused once the new password was used', async () => {
    const { readerId, id, card } = await known()
    await same(id, readerId)
    await signIn(card, await password(readerId))
    await expect(app.applications.undo(decider(), id, { revision: 2 })).rejects.toThrow('undo_seen')
  })
})

describe('another person', () => {
  it('is registered beside the one on record, and the pair isn’t brought up again', async () => {
    const { readerId, person } = await known()
    const id = await sent('galich', person)
    const other = await register(id, { anotherPerson: true })
    const pairs = await app.db
      .selectFrom('distinct_readers')
      .select(['first_id', 'second_id'])
      .where((eb) => eb.or([eb('first_id', '=', readerId), eb('second_id', '=', readerId)]))
      .execute()
    expect(pairs.flatMap((pair) => [pair.first_id, pair.second_id]).toSorted()).toEqual(
      [readerId, other.readerId].toSorted(),
    )
    const [entry] = await app.db.selectFrom('audit_log').selectAll().orderBy('seq', 'desc').limit(1).execute()
    expect(entry).toMatchObject({
      action: 'applications.register',
      details: { anotherPerson: true, distinct: [readerId] },
    })
  })

  it('is stopped by whoever wasn’t shown when that was decided', async () => {
    const { readerId, person } = await known()
    const [first, second] = [await sent('bui', person), await sent('galich', person)]
    await register(first, { anotherPerson: true, distinctFrom: [readerId] })
    await expect(register(second, { anotherPerson: true, distinctFrom: [readerId] })).rejects.toThrow(
      'possible_duplicate',
    )
    expect(await readersNamed(person.fullName)).toHaveLength(2)
  })

  it('is needed also where only a namesake of the same person is left', async () => {
    const { readerId, person } = await known()
    await register(await sent('bui', person), { anotherPerson: true })
    await app.db.deleteFrom('readers').where('id', '=', readerId).execute()
    await expect(register(await sent('bui', person))).rejects.toThrow('possible_duplicate')
    await register(await sent('galich', person), { anotherPerson: true })
    const numbers = await app.db
      .selectFrom('readers')
      .select('namesake')
      .where('full_name', '=', person.fullName)
      .orderBy('namesake')
      .execute()
    expect(numbers).toEqual([{ namesake: 1 }, { namesake: 2 }])
  })
})
