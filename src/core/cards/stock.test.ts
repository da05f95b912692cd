import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { registeredReader, unheardName } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'
import { lowStockSchema } from './low-stock.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const manager = () => authorise(network.operator, 'cards.manage')
const holder = () => authorise(network.librarian, 'cards.stock')
const looker = () => authorise(network.librarian, 'cards.read')
const writer = () => authorise(network.librarian, 'applications.write')
const decider = () => authorise(network.operator, 'applications.decide')

const make = (count: number, more: { libraryId?: string; orderId?: string; formKey?: string } = {}) =>
  app.cards.makeBatch(manager(), { formKey: randomUUID(), libraryId: network.bui, count, ...more })
const numbersOf = async (batchId: string) => {
  const rows = await app.db
    .selectFrom('cards')
    .select(['number', 'state', 'application_id'])
    .where('batch_id', '=', batchId)
    .orderBy('number')
    .execute()
  return rows
}
/** A batch that has come in; its numbers. */
async function received(count: number): Promise<string[]> {
  const { batchId } = await make(count)
  const numbers = (await numbersOf(batchId)).map(({ number }) => number)
  await app.cards.receive(holder(), {
    libraryId: network.bui,
    first: numbers[0] ?? '',
    last: numbers.at(-1) ?? '',
  })
  return numbers
}
const send = (stockCard?: string, libraryId = network.bui, actor = writer()) =>
  app.applications.send(actor, libraryId, questionnaire(network, { fullName: unheardName(), stockCard }))
const cardOf = (number = '') =>
  app.db
    .selectFrom('cards')
    .select(['state', 'reader_id', 'application_id'])
    .where('number', '=', number)
    .executeTakeFirstOrThrow()
const register = (id: string, revision = 1) =>
  app.applications.register(decider(), id, {
    revision,
    providerNumber: '',
    providerPassword: '',
    anotherPerson: false,
  })

describe('a batch', () => {
  it('has consecutive numbers that nobody is given meanwhile', async () => {
    const [{ batchId }, reader] = await Promise.all([make(50), registeredReader(app, network)])
    const numbers = (await numbersOf(batchId)).map(({ number }) => number)
    expect(new Set(numbers).size).toBe(50)
    expect(numbers).not.toContain(reader.card)
  })

  it('is made once, however often its form is sent; another one under its key is refused', async () => {
    const formKey = randomUUID()
    const [first, second] = await Promise.all([make(3, { formKey }), make(3, { formKey })])
    expect(second.batchId).toBe(first.batchId)
    await expect(make(4, { formKey })).rejects.toThrow('cards.batch_made')
  })

  it('is the library’s stock from the first scanned card to the last, in either order', async () => {
    const { batchId } = await make(10)
    const numbers = (await numbersOf(batchId)).map(({ number }) => number)
    const [first = '', ...rest] = numbers
    const eighth = rest[6] ?? ''
    const libraryId = network.bui
    expect(await app.cards.receive(holder(), { libraryId, first: eighth, last: first })).toEqual({
      received: 8,
      missing: 2,
    })
    await expect(app.cards.receive(holder(), { libraryId, first, last: eighth })).rejects.toThrow(
      'cards.already_received',
    )
    expect((await numbersOf(batchId)).filter(({ state }) => state === 'stock')).toHaveLength(8)
  })

  it('of another library can’t be taken in, nor two batches as one', async () => {
    const [theirs, one, two] = await Promise.all([make(2, { libraryId: network.galich }), make(2), make(2)])
    const firstOf = async ({ batchId }: { batchId: string }) => (await numbersOf(batchId))[0]?.number ?? ''
    const libraryId = network.bui
    const foreign = await firstOf(theirs)
    const receive = (first: string, last: string) => app.cards.receive(holder(), { libraryId, first, last })
    await expect(receive(foreign, foreign)).rejects.toThrow('cards.not_on_the_way')
    await expect(receive(await firstOf(one), await firstOf(two))).rejects.toThrow('cards.two_batches')
    const elsewhere = { libraryId: network.galich, first: foreign, last: foreign }
    await expect(app.cards.receive(holder(), elsewhere)).rejects.toThrow('staff.not_allowed')
  })

  it('is noted as sent once', async () => {
    const { batchId } = await make(1)
    await app.cards.send(manager(), batchId)
    await app.cards.send(manager(), batchId)
    const entries = await app.db
      .selectFrom('audit_log')
      .select('seq')
      .where('action', '=', 'cards.send')
      .where('subject_id', '=', batchId)
      .execute()
    expect(entries).toHaveLength(1)
  })
})

describe('a card that nobody has', () => {
  const writeOff = (first = '', last?: string, libraryId = network.bui) =>
    app.cards.writeOff(holder(), { libraryId, first, last, reason: 'damaged' })

  it('is written off alone or with those up to another one, on the way or in the drawer, in either order', async () => {
    const [one = '', two = '', three = '', four = ''] = await received(4)
    expect(await writeOff(one)).toEqual({ count: 1 })
    expect(await writeOff(four, two)).toEqual({ count: 3 })
    expect((await cardOf(three)).state).toBe('written_off')
    const { batchId } = await make(2)
    const [onTheWay] = await numbersOf(batchId)
    expect(await writeOff(onTheWay?.number)).toEqual({ count: 1 })
    const { details } = await app.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'cards.write-off')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(details).toMatchObject({ count: 1, reason: 'damaged' })
    const batch = (await app.cards.batches(looker())).find(({ id }) => id === batchId)
    expect(batch).toMatchObject({ received: 0, writtenOff: 1 })
  })

  it('is nobody’s from then on: no questionnaire, no pack that comes in, no second time', async () => {
    const [one = ''] = await received(1)
    await writeOff(one)
    await expect(send(one)).rejects.toThrow('cards.not_in_stock')
    await expect(writeOff(one)).rejects.toThrow('cards.already_written_off')
    const libraryId = network.bui
    await expect(app.cards.receive(holder(), { libraryId, first: one, last: one })).rejects.toThrow(
      'cards.already_received',
    )
    expect((await cardOf(one)).state).toBe('written_off')
  })

  it('stays while a questionnaire keeps it or a reader has it, with all others of the range', async () => {
    const [free = '', kept = ''] = await received(2)
    const { id } = await send(kept)
    await expect(writeOff(free, kept)).rejects.toThrow('cards.cards_kept')
    await register(id)
    await expect(writeOff(free, kept)).rejects.toThrow('cards.cards_given')
    expect((await cardOf(free)).state).toBe('stock')
  })

  it('goes to a questionnaire or is written off, never both, when both are asked at once', async () => {
    const numbers = await received(4)
    for (const number of numbers) {
      const [sent, gone] = await Promise.allSettled([send(number), writeOff(number)])
      expect([sent.status, gone.status].toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })

  it('is written off by its own library and the central one alone', async () => {
    const [one = ''] = await received(1)
    await expect(writeOff(one, undefined, network.galich)).rejects.toThrow('staff.not_allowed')
    const theirs = authorise(network.operator, 'cards.stock')
    const input = { libraryId: network.galich, first: one, reason: 'lost' as const }
    await expect(app.cards.writeOff(theirs, input)).rejects.toThrow('cards.not_the_librarys')
    expect(await app.cards.writeOff(theirs, { ...input, libraryId: network.bui })).toEqual({ count: 1 })
  })
})

describe('an order', () => {
  it('waits alone, shows on the desks, and is answered by a batch', async () => {
    await app.cards.order(holder(), { libraryId: network.bui, count: 40, note: '' })
    // A second click.
    await app.cards.order(holder(), { libraryId: network.bui, count: 40, note: '' })
    const again = app.cards.order(holder(), { libraryId: network.bui, count: 50, note: '' })
    await expect(again).rejects.toThrow('cards.order_waits')
    const [order] = await app.cards.orders(looker())
    expect((await app.cards.wants(authorise(network.operator, 'cards.read'))).orders).toBe(1)
    await make(40, { orderId: order?.id ?? '' })
    expect(await app.cards.orders(looker())).toEqual([])
    await expect(make(40, { orderId: order?.id ?? '' })).rejects.toThrow('cards.order_closed')
  })

  it('of a library that there isn’t is told as that', async () => {
    const order = { libraryId: randomUUID(), count: 5, note: '' }
    const theirs = authorise(network.operator, 'cards.stock')
    await expect(app.cards.order(theirs, order)).rejects.toThrow('shared.not_found')
  })

  it('is seen and called off by its own library', async () => {
    await app.cards.order(holder(), { libraryId: network.bui, count: 5, note: 'к лету' })
    const [order] = await app.cards.orders(looker())
    const other = network.otherLibrarian
    expect(await app.cards.orders(authorise(other, 'cards.read'))).toEqual([])
    const callOff = app.cards.callOff(authorise(other, 'cards.stock'), order?.id ?? '')
    await expect(callOff).rejects.toThrow('shared.not_found')
    await app.cards.callOff(holder(), order?.id ?? '')
    expect(await app.cards.orders(looker())).toEqual([])
  })
})

describe('a card of the stock', () => {
  it('is kept for its questionnaire and becomes the reader’s at registration', async () => {
    const [number] = await received(2)
    const { id } = await send(number)
    expect(await cardOf(number)).toMatchObject({ state: 'reserved', application_id: id })
    const { readerId } = await register(id)
    expect(await cardOf(number)).toMatchObject({ state: 'issued', reader_id: readerId })
  })

  it('is a generated number where none was scanned', async () => {
    const [number] = await received(1)
    const { readerId } = await register((await send()).id)
    expect((await cardOf(number)).state).toBe('stock')
    const card = await app.db
      .selectFrom('cards')
      .select(['state', 'batch_id'])
      .where('reader_id', '=', readerId)
      .executeTakeFirstOrThrow()
    expect(card).toEqual({ state: 'issued', batch_id: null })
  })

  it('goes to one of two questionnaires sent at the same moment', async () => {
    for (const number of await received(5)) {
      const sent = await Promise.allSettled([send(number), send(number)])
      expect(sent.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const refused = sent.find((each) => each.status === 'rejected')
      expect(String(refused?.reason)).toContain('cards.stock_card_taken')
      // Whoever came second has sent nothing.
      const kept = await cardOf(number)
      const winner = sent.find((each) => each.status === 'fulfilled')
      expect(kept.application_id).toBe(winner?.value.id)
    }
  })

  it('of another library’s stock is refused as one that isn’t there', async () => {
    const [number] = await received(1)
    const theirs = send(number, network.galich, authorise(network.otherLibrarian, 'applications.write'))
    await expect(theirs).rejects.toThrow('cards.not_in_stock')
    const { batchId } = await make(1)
    await expect(send((await numbersOf(batchId))[0]?.number)).rejects.toThrow('cards.not_in_stock')
  })

  it('goes back at refusal and withdrawal, stays at a return, and can be exchanged while mending', async () => {
    const [a, b, c, d] = await received(4)
    const refused = await send(a)
    await app.applications.refuse(decider(), refused.id, { revision: 1, reason: 'нет' })
    expect(await cardOf(a)).toMatchObject({ state: 'stock', application_id: null })

    const withdrawn = await send(b)
    await app.applications.withdraw(writer(), withdrawn.id, { revision: 1, reason: '' })
    expect(await cardOf(b)).toMatchObject({ state: 'stock', application_id: null })

    const returned = await send(c)
    await app.applications.return(decider(), returned.id, { revision: 1, reason: 'дата' })
    expect(await cardOf(c)).toMatchObject({ application_id: returned.id })
    const mended = questionnaire(network, { fullName: unheardName(), stockCard: d })
    await app.applications.resend(writer(), returned.id, { ...mended, revision: 2 })
    expect(await cardOf(c)).toMatchObject({ state: 'stock', application_id: null })
    expect(await cardOf(d)).toMatchObject({ application_id: returned.id })
  })

  it('is kept again when the registration or the refusal is taken back', async () => {
    const [a, b] = await received(2)
    const registered = await send(a)
    await register(registered.id)
    await app.applications.undo(decider(), registered.id, { revision: 2 })
    expect(await cardOf(a)).toEqual({ state: 'reserved', reader_id: null, application_id: registered.id })
    await register(registered.id, 3)
    expect((await cardOf(a)).state).toBe('issued')

    const refused = await send(b)
    await app.applications.refuse(decider(), refused.id, { revision: 1, reason: 'нет' })
    await app.applications.undo(decider(), refused.id, { revision: 2 })
    expect(await cardOf(b)).toMatchObject({ application_id: refused.id })
  })

  it('goes back when its bearer turns out to have a valid card, and to him when he has none', async () => {
    const [a, b] = await received(2)
    const known = await registeredReader(app, network)
    const same = (id: string) =>
      app.applications.same(decider(), id, {
        revision: 1,
        readerId: known.actor.readerId,
        replaceEmail: false,
        replacePhone: false,
        moveLibrary: false,
      })
    await same((await send(a)).id)
    expect(await cardOf(a)).toMatchObject({ state: 'stock', application_id: null })
    await app.db.updateTable('cards').set({ state: 'lost' }).where('number', '=', known.card).execute()
    const second = await send(b)
    await same(second.id)
    expect(await cardOf(b)).toMatchObject({ state: 'issued', reader_id: known.actor.readerId })
    await app.applications.undo(decider(), second.id, { revision: 2 })
    expect(await cardOf(b)).toEqual({ state: 'reserved', reader_id: null, application_id: second.id })
  })

  it('makes a repeated form with another card a question', async () => {
    const [a, b] = await received(2)
    const form = questionnaire(network, { fullName: unheardName(), stockCard: a })
    const { id } = await app.applications.send(writer(), network.bui, form)
    expect(await app.applications.send(writer(), network.bui, form)).toEqual({ id })
    const other = app.applications.send(writer(), network.bui, { ...form, stockCard: b })
    await expect(other).rejects.toThrow('applications.key_reused')
  })
})

describe('the stock', () => {
  it('counts what is free, kept, on the way and given out, and says when it is low', async () => {
    const fresh = await createTestNetworkLibrary('777')
    const librarian = authorise(
      { ...network.librarian, roles: [{ role: 'librarian', libraryId: fresh, libraryName: '' }] },
      'cards.stock',
    )
    const look = { ...looker(), libraries: [fresh] } as ReturnType<typeof looker>
    expect(await app.cards.wants(look)).toEqual({ low: [], orders: 0 })
    const { batchId } = await make(22, { libraryId: fresh })
    const numbers = (await numbersOf(batchId)).map(({ number }) => number)
    await app.cards.receive(librarian, { libraryId: fresh, first: numbers[0] ?? '', last: numbers[20] ?? '' })
    const write = { ...writer(), libraries: [fresh] } as ReturnType<typeof writer>
    const kept = await send(numbers[0], fresh, write)
    expect(await app.cards.stock(look)).toMatchObject([
      { free: 20, reserved: 1, onTheWay: 1, issued: 0, bound: 20 },
    ])
    await register(kept.id)
    await register((await send(numbers[1], fresh, write)).id)
    expect(await app.cards.stock(look)).toMatchObject([
      { free: 19, reserved: 0, onTheWay: 1, issued: 2, bound: 20 },
    ])
    // Something is on the way, so nobody is reminded.
    expect((await app.cards.wants(look)).low).toEqual([])
    expect(await app.cards.low(look)).toMatchObject([{ free: 19, bound: 20, onTheWay: 1, reorder: 22 }])
    await app.cards.receive(librarian, {
      libraryId: fresh,
      first: numbers[21] ?? '',
      last: numbers[21] ?? '',
    })
    await register((await send(numbers[2], fresh, write)).id)
    expect((await app.cards.wants(look)).low).toMatchObject([{ libraryId: fresh, free: 19, reorder: 22 }])
  })
})

describe('a library’s own bound', () => {
  const set = (libraryId: string, lowStock: number | null) =>
    app.cards.setLowStock(manager(), { libraryId, lowStock })
  const look = () => authorise(network.operator, 'cards.read')
  const lowNames = async () => (await app.cards.low(look())).map(({ libraryId }) => libraryId)

  it('holds in place of the region’s, for itself alone, until it is taken away again', async () => {
    const { batchId } = await make(30, { libraryId: network.galich })
    const numbers = (await numbersOf(batchId)).map(({ number }) => number)
    const range = { libraryId: network.galich, first: numbers[0] ?? '', last: numbers.at(-1) ?? '' }
    await app.cards.receive(authorise(network.operator, 'cards.stock'), range)
    expect(await lowNames()).not.toContain(network.galich)
    const others = (await lowNames()).toSorted()
    await set(network.galich, 1000)
    expect((await lowNames()).toSorted()).toEqual([...others, network.galich].toSorted())
    const stock = (await app.cards.stock(look())).find(({ libraryId }) => libraryId === network.galich)
    expect(stock).toMatchObject({ bound: 1000, ownBound: 1000 })
    await set(network.galich, null)
    expect((await lowNames()).toSorted()).toEqual(others)
    // Of none it wants none.
    await set(network.galich, 0)
    expect((await lowNames()).toSorted()).toEqual(others)
  })

  it('shows with the order that waits, and the desk reminds nobody who has ordered', async () => {
    const fresh = await createTestNetworkLibrary('778')
    const desk = { ...looker(), libraries: [fresh] } as ReturnType<typeof looker>
    const central = authorise(network.operator, 'cards.stock')
    const { batchId } = await make(30, { libraryId: fresh })
    const numbers = (await numbersOf(batchId)).map(({ number }) => number)
    const range = { libraryId: fresh, first: numbers[0] ?? '', last: numbers.at(-1) ?? '' }
    await app.cards.receive(central, range)
    await set(fresh, 500)
    expect((await app.cards.wants(desk)).low).toMatchObject([{ libraryId: fresh, reorder: 30 }])
    await app.cards.order(central, { libraryId: fresh, count: 70, note: '' })
    expect(await app.cards.wants(desk)).toEqual({ low: [], orders: 1 })
    expect(await app.cards.low(desk)).toMatchObject([{ ordered: 70, bound: 500 }])
  })

  it('is empty, or a number from 0 to 1000', () => {
    const parse = (lowStock: string) => lowStockSchema.safeParse({ libraryId: network.bui, lowStock })
    expect(parse(' ').data?.lowStock).toBeNull()
    expect(parse('7').data?.lowStock).toBe(7)
    for (const wrong of ['1001', '-1', '1.5', 'много'])
      expect(parse(wrong).error?.issues[0]?.message, wrong).toBe('card_low_stock')
  })
})

async function createTestNetworkLibrary(code: string): Promise<string> {
  const { id } = await app.db
    .insertInto('libraries')
    .values({ code, kind: 'district', name: 'Новая', short_name: 'Новая' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
