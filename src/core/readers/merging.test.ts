import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { cardNumber } from '../cards/cards.ts'
import { after, days } from '../shared/clock.ts'
import { hashPassword } from '../shared/passwords.ts'
import { authorise } from '../staff/actors.ts'
import { nameKey } from './names.ts'

let app: TestApp
let network: TestNetwork
let passwordHash: string
/** Publications by how many copies may be out; null: any number. */
let books: { id: string; licenceId: string; copies: number | null }[]

const start = new Date(testStart)

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  passwordHash = await hashPassword('acdek234')
  books = []
  for (const copies of [null, 1, 2, null, 2]) {
    const { id } = await app.db
      .insertInto('publications')
      .values({ title: 'Книга', added_at: start, words: '' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const licence = await app.db
      .insertInto('licences')
      .values({ publication_id: id, kind: copies ? 'copies' : 'open', copies, added_at: start })
      .returning('id')
      .executeTakeFirstOrThrow()
    books.push({ id, licenceId: licence.id, copies })
  }
})
afterAll(() => app.dispose())
beforeEach(() => app.setTime(start))

const operator = () => authorise(network.operator, 'readers.merge')
// The people made here have names and dates of their own: the operator's word makes them one.
const merge = (keptId: string, droppedId: string, unlike = true) =>
  app.readers.merge(operator(), { keptId, droppedId, unlike })
const device = { address: '127.0.0.1', userAgent: 'test' }

interface Shape {
  cards: ('issued' | 'lost' | 'replaced' | 'annulled')[]
  /** Per book: how many days are left of a running loan, 0: one that has ended, null: none. */
  loans: (number | null)[]
  /** Per book: on which day it was read last, null: never. */
  read: (number | null)[]
  email: boolean
  phone: boolean
  provider: boolean
  renewed: number
}

let serial = 0
const nextCard = () => cardNumber('002', (serial += 1))

/** A reader of that shape, with a questionnaire, a consent, a message and a change. */
async function made(shape: Partial<Shape> = {}, name = `Кузнецов ${randomUUID()}`, namesake = 0) {
  const { id } = await app.db
    .insertInto('readers')
    .values({
      library_id: network.bui,
      full_name: name,
      name_key: nameKey(name),
      birth_date: '1990-03-05',
      namesake,
      email: shape.email ? `${randomUUID()}@reader.test` : null,
      phone: shape.phone ? '+79100000000' : null,
      password_hash: passwordHash,
      password_generated: true,
      created_at: start,
      renewed_at: after(start, -days(shape.renewed ?? 0)),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const state of shape.cards ?? ['issued'])
    await app.db
      .insertInto('cards')
      .values({ number: nextCard(), reader_id: id, state, issued_at: start })
      .execute()
  for (const [place, left] of (shape.loans ?? []).entries()) if (left !== null) await lend(id, place, left)
  for (const [place, day] of (shape.read ?? []).entries()) if (day !== null) await read(id, place, day)
  if (shape.provider) {
    await app.db
      .insertInto('provider_accounts')
      .values({ reader_id: id, provider: 'Внешняя', number: randomUUID(), created_at: start })
      .execute()
    const way = { state: 'registered', asked_at: start, changed_at: start }
    await app.db
      .insertInto('provider_registrations')
      .values({ reader_id: id, provider: 'Внешняя', ...way })
      .execute()
    await app.db
      .insertInto('sealed_passwords')
      .values({
        reader_id: id,
        purpose: 'provider',
        sealed: app.sealer.seal(`secret of ${id}`, `${id}/provider`),
        expires_at: after(start, days(14)),
      })
      .execute()
  }
  await addPapers(id)
  return id
}
async function addPapers(readerId: string) {
  const sent = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, { fullName: 'Кто Угодно', birthDate: '1970-01-01' }),
  )
  await app.db
    .updateTable('applications')
    .set({ reader_id: readerId, state: 'registered', outcome: 'new' })
    .where('id', '=', sent.id)
    .execute()
  await app.db
    .updateTable('consents')
    .set({ reader_id: readerId })
    .where('application_id', '=', sent.id)
    .execute()
  await app.db
    .insertInto('messages')
    .values({
      channel: 'sms',
      event: 'reader.registered',
      recipient: '+79100000000',
      reader_id: readerId,
      state: 'sent',
      created_at: start,
    })
    .execute()
  await app.db
    .insertInto('reader_changes')
    .values({ reader_id: readerId, fields: ['phone'], reason: 'новый номер', changed_at: start })
    .execute()
}
/** A copy of somebody's whom no test asks about is given back when there is none for this loan. */
async function lend(readerId: string, place: number, left: number) {
  const { id, licenceId, copies } = bookAt(place)
  if (copies !== null && left > 0) {
    const out = await app.db
      .selectFrom('loans')
      .select('id')
      .where('licence_id', '=', licenceId)
      .where('ended_at', 'is', null)
      .execute()
    if (out.length >= copies) return
  }
  await app.db
    .insertInto('loans')
    .values({
      publication_id: id,
      licence_id: licenceId,
      reader_id: readerId,
      borrowed_at: after(start, -days(3)),
      due_at: after(start, days(left || -1)),
      ended_at: left > 0 ? null : after(start, -days(1)),
      end_reason: left > 0 ? null : 'returned',
    })
    .execute()
}
const read = (readerId: string, place: number, day: number) =>
  app.db
    .insertInto('reading_positions')
    .values({
      reader_id: readerId,
      publication_id: bookAt(place).id,
      locator: `epubcfi(/${day})`,
      fraction: day / 100,
      revision: day,
      saved_at: after(start, days(day) - days(40)),
    })
    .execute()
function bookAt(place: number) {
  const book = books[place]
  if (!book) throw new Error(`no book ${place}`)
  return book
}
const returnEverything = () =>
  app.db
    .updateTable('loans')
    .set({ ended_at: start, end_reason: 'returned' })
    .where('ended_at', 'is', null)
    .execute()

const tables = [
  'loans',
  'reading_positions',
  'cards',
  'consents',
  'messages',
  'applications',
  'reader_changes',
  'provider_accounts',
  'provider_registrations',
  'provider_closings',
  'sessions',
] as const
/** Everything that two records have, as it lies in the database. */
async function everythingOf(...ids: string[]) {
  const state: Record<string, unknown> = {}
  for (const id of ids) {
    const { rows } = await app.pool.query('select to_jsonb(r) as row from readers r where id = $1', [id])
    state[`readers of ${id}`] = rows
    for (const table of tables) {
      const found = await app.pool.query(
        `select to_jsonb(t) as row from ${table} t where reader_id = $1 order by to_jsonb(t)::text`,
        [id],
      )
      state[`${table} of ${id}`] = found.rows
    }
    state[`provider’s password of ${id}`] = await providerPassword(id)
  }
  return state
}
async function providerPassword(readerId: string): Promise<string | undefined> {
  const account = await app.db
    .selectFrom('provider_accounts as p')
    .innerJoin('sealed_passwords as s', 's.reader_id', 'p.reader_id')
    .select('s.sealed')
    .where('p.reader_id', '=', readerId)
    .where('s.purpose', '=', 'provider')
    .executeTakeFirst()
  return account && app.sealer.open(account.sealed, `${readerId}/provider`)
}
const loansOf = (readerId: string) =>
  app.db.selectFrom('loans').selectAll().where('reader_id', '=', readerId).orderBy('id').execute()
const cardsOf = (readerId: string) =>
  app.db
    .selectFrom('cards')
    .select(['number', 'state'])
    .where('reader_id', '=', readerId)
    .orderBy('number')
    .execute()
const reader = (id: string) =>
  app.db.selectFrom('readers').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const placeOf = (readerId: string, place: number) =>
  app.db
    .selectFrom('reading_positions')
    .select(['locator', 'revision'])
    .where('reader_id', '=', readerId)
    .where('publication_id', '=', bookAt(place).id)
    .executeTakeFirst()
const apart = (a: string, b: string) =>
  app.db
    .selectFrom('distinct_readers')
    .select('decided_by')
    .where('first_id', 'in', [a, b])
    .where('second_id', 'in', [a, b])
    .execute()

const perBook = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 5, maxLength: 5 })
const shape = (valid: boolean): fc.Arbitrary<Shape> =>
  fc.record({
    cards: fc
      .array(fc.constantFrom('lost' as const, 'replaced' as const, 'annulled' as const), { maxLength: 2 })
      .map((others) => (valid ? ['issued' as const, ...others] : others)),
    loans: perBook(fc.option(fc.integer({ min: 0, max: 14 }), { nil: null })),
    read: perBook(fc.option(fc.integer({ min: 1, max: 30 }), { nil: null })),
    email: fc.boolean(),
    phone: fc.boolean(),
    provider: fc.boolean(),
    renewed: fc.integer({ min: 0, max: 400 }),
  })
const pair = fc
  .tuple(fc.boolean(), fc.boolean())
  .filter(([kept, dropped]) => kept || !dropped)
  .chain(([kept, dropped]) => fc.tuple(shape(kept), shape(dropped)))

describe('two records of one person', () => {
  it('become one that has all of both: each loan once, the newest places, one valid card', async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([keptShape, droppedShape]) => {
        await returnEverything()
        const [kept, dropped] = [await made(keptShape), await made(droppedShape)]
        const [loans, running] = [
          [...(await loansOf(kept)), ...(await loansOf(dropped))],
          new Map<string, Date>(),
        ]
        for (const loan of loans.filter(({ ended_at }) => !ended_at)) {
          const other = running.get(loan.publication_id)
          if (!other || other < loan.due_at) running.set(loan.publication_id, loan.due_at)
        }
        await merge(kept, dropped)
        const after = await loansOf(kept)
        expect(await loansOf(dropped)).toEqual([])
        expect(after.map(({ id }) => id)).toEqual(loans.map(({ id }) => id).toSorted())
        const goOn = after.filter(({ ended_at }) => !ended_at)
        expect(new Map(goOn.map((loan) => [loan.publication_id, loan.due_at]))).toEqual(running)
        for (const [place, day] of keptShape.read.entries()) {
          const newest = Math.max(day ?? 0, droppedShape.read[place] ?? 0)
          const expected = newest ? `epubcfi(/${newest})` : undefined
          expect((await placeOf(kept, place))?.locator).toBe(expected)
        }
        const valid = (await cardsOf(kept)).filter(({ state }) => state === 'issued')
        expect(valid).toHaveLength(keptShape.cards.includes('issued') ? 1 : 0)
        expect(await cardsOf(dropped)).toEqual([])
        const row = await reader(kept)
        expect([row.email !== null, row.phone !== null]).toEqual([
          keptShape.email || droppedShape.email,
          keptShape.phone || droppedShape.phone,
        ])
        expect((await providerPassword(kept)) !== undefined).toBe(keptShape.provider || droppedShape.provider)
      }),
      { numRuns: 25 },
    )
  })

  it('are again what they were when the merge is undone, to the last row', async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([keptShape, droppedShape]) => {
        await returnEverything()
        const [kept, dropped] = [await made(keptShape), await made(droppedShape)]
        const before = await everythingOf(kept, dropped)
        const { mergeId } = await merge(kept, dropped)
        await app.readers.unmerge(operator(), mergeId)
        expect(await everythingOf(kept, dropped)).toEqual(before)
      }),
      { numRuns: 40 },
    )
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })
})

describe('the dropped record', () => {
  it('signs nobody in, ends its sessions, isn’t listed; a scan of its number finds the kept one', async () => {
    const [kept, dropped] = [await made(), await made()]
    const [card] = await cardsOf(dropped)
    const number = card?.number ?? ''
    const session = await app.sessions.signInReader({ cardNumber: number, password: 'acdek234' }, device)
    const { full_name: name } = await reader(dropped)
    await merge(kept, dropped)
    expect(await app.sessions.actor(session.token)).toBeUndefined()
    await expect(
      app.sessions.signInReader({ cardNumber: number, password: 'acdek234' }, device),
    ).rejects.toThrow('wrong_credentials')
    const find = async (query: string, birthDate = '') =>
      (
        await app.readers.find(
          authorise(network.operator, 'readers.read'),
          authorise(network.operator, 'readers.find-exact'),
          { query, birthDate },
        )
      ).readers.map(({ id }) => id)
    expect(await find(name)).toEqual([])
    expect(await find(number)).toEqual([kept])
    expect(await find(name, '1990-03-05')).toEqual([kept])
    const record = await app.readers.open(authorise(network.operator, 'readers.read'), dropped)
    expect(record.mergedInto).toBe(kept)
  })

  it('leads a new questionnaire of that name to the kept one, also once it is removed', async () => {
    const name = `Иванов ${randomUUID().replace(/[^a-f]/g, '')}`
    const [dropped, kept] = [await made({}, name), await made({}, name, 1)]
    await merge(kept, dropped)
    const { id } = await app.applications.send(
      authorise(network.otherLibrarian, 'applications.write'),
      network.galich,
      questionnaire(network, { fullName: name, birthDate: '1990-03-05' }),
    )
    const likes = async () =>
      (await app.applications.likes(authorise(network.operator, 'applications.decide'), id)).readers
        .filter(({ certain }) => certain)
        .map(({ reader: { readerId } }) => readerId)
    expect(await likes()).toEqual([kept])
    app.setTime(after(start, days(30)))
    await app.readers.finishMerges()
    expect(await likes()).toEqual([kept])
    expect((await reader(kept)).namesake).toBe(0)
  })

  it('is removed after thirty days, its card’s number stays, and the merge can’t be undone any more', async () => {
    const [kept, dropped] = [await made(), await made({ loans: [0], read: [3] })]
    const [card] = await cardsOf(dropped)
    const { mergeId } = await merge(kept, dropped)
    app.setTime(after(start, days(30) - 1))
    expect(await app.readers.finishMerges()).toBe(0)
    app.setTime(after(start, days(30)))
    const twin = await app.twin()
    const finished = await Promise.all([app.readers.finishMerges(), twin.readers.finishMerges()])
    expect(finished.toSorted()).toEqual([0, 1])
    expect(await app.db.selectFrom('readers').select('id').where('id', '=', dropped).execute()).toEqual([])
    expect(await cardsOf(kept)).toContainEqual({ number: card?.number, state: 'replaced' })
    expect(await loansOf(kept)).toHaveLength(1)
    await expect(app.readers.unmerge(operator(), mergeId)).rejects.toThrow('merge_over')
    const { moved } = await app.db
      .selectFrom('reader_merges')
      .select('moved')
      .where('id', '=', mergeId)
      .executeTakeFirstOrThrow()
    expect(moved).toEqual({})
  })
})

describe('undoing a merge', () => {
  it('leaves what has happened since: returned stays returned, read on stays read, lost stays lost', async () => {
    await returnEverything()
    const [kept, dropped] = [
      await made({ loans: [null, 5], read: [4] }),
      await made({ loans: [9], read: [8] }),
    ]
    const [card] = await cardsOf(dropped)
    const { mergeId } = await merge(kept, dropped)
    const actor = { kind: 'reader', readerId: kept, fullName: '', birthDate: '1990-03-05' } as const
    const [loan] = (await loansOf(kept)).filter(({ publication_id: id }) => id === bookAt(0).id)
    await app.circulation.giveBack(actor, loan?.id ?? '')
    await app.db
      .updateTable('reading_positions')
      .set({ locator: 'epubcfi(/99)', revision: 99 })
      .where('reader_id', '=', kept)
      .execute()
    await app.db
      .updateTable('cards')
      .set({ state: 'lost' })
      .where('number', '=', card?.number ?? '')
      .execute()
    await app.readers.unmerge(operator(), mergeId)
    expect((await loansOf(dropped)).map(({ ended_at }) => ended_at !== null)).toEqual([true])
    expect(await placeOf(kept, 0)).toMatchObject({ locator: 'epubcfi(/99)' })
    expect(await placeOf(dropped, 0)).toMatchObject({ locator: 'epubcfi(/8)' })
    expect(await cardsOf(dropped)).toEqual([{ number: card?.number, state: 'lost' }])
  })

  it('lends the second loan again only while a copy is free', async () => {
    await returnEverything()
    const [kept, dropped, third] = [
      await made({ loans: [null, null, 9] }),
      await made({ loans: [null, null, 5] }),
      await made({ cards: [] }),
    ]
    const { mergeId } = await merge(kept, dropped)
    await lend(third, 2, 7)
    await app.readers.unmerge(operator(), mergeId)
    const out = await app.db
      .selectFrom('loans')
      .select('reader_id')
      .where('publication_id', '=', bookAt(2).id)
      .where('ended_at', 'is', null)
      .execute()
    expect(out.map(({ reader_id: id }) => id).toSorted()).toEqual([kept, third].toSorted())
  })

  it('notes that the two are two people, so that they aren’t brought up again', async () => {
    const name = `Сидоров ${randomUUID()}`
    const [kept, dropped] = [await made({}, name), await made({}, name, 1)]
    const { mergeId } = await merge(kept, dropped)
    expect(await apart(kept, dropped)).toEqual([])
    await app.readers.unmerge(operator(), mergeId)
    expect(await apart(kept, dropped)).toEqual([{ decided_by: network.operator.staffId }])
    const record = await app.readers.open(authorise(network.operator, 'readers.read'), kept)
    expect(await app.readers.likes(operator(), record)).toEqual([])
  })

  it('goes back one merge at a time: a record that was merged further comes first', async () => {
    const [first, second, third] = [await made(), await made(), await made()]
    const inner = await merge(second, third)
    const outer = await merge(first, second)
    await expect(app.readers.unmerge(operator(), inner.mergeId)).rejects.toThrow('merged_further')
    await app.readers.unmerge(operator(), outer.mergeId)
    await app.readers.unmerge(operator(), inner.mergeId)
    await expect(app.readers.unmerge(operator(), inner.mergeId)).rejects.toThrow('merge_over')
  })
})

describe('a merge', () => {
  it('tells the dropped record’s contacts nothing that was still waiting: it would be the kept one’s password', async () => {
    const kept = await made()
    const dropped = await made()
    const waiting = ['queued', 'sending'] as const
    const ids: string[] = []
    for (const state of waiting) {
      const { id } = await app.db
        .insertInto('messages')
        .values({
          channel: 'sms',
          event: 'reader.registered',
          recipient: '+79100000001',
          reader_id: dropped,
          state,
          created_at: start,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      ids.push(id)
    }
    await merge(kept, dropped)
    const states = await app.db
      .selectFrom('messages')
      .select(['id', 'state', 'fault'])
      .where('id', 'in', ids)
      .execute()
    expect(states.map(({ state, fault }) => [state, fault]).toSorted()).toEqual([
      ['failed', 'merged'],
      ['uncertain', 'merged'],
    ])
  })

  it('takes over who is known to be another person', async () => {
    const [kept, dropped, other] = [await made(), await made(), await made()]
    await app.readers.keepApart(operator(), [dropped, other])
    const { mergeId } = await merge(kept, dropped)
    expect(await apart(kept, other)).toHaveLength(1)
    await app.readers.unmerge(operator(), mergeId)
    expect(await apart(kept, other)).toEqual([])
    expect(await apart(dropped, other)).toHaveLength(1)
  })

  it('keeps the record whose card is valid', async () => {
    const [kept, dropped] = [await made({ cards: ['lost'] }), await made()]
    await expect(merge(kept, dropped)).rejects.toThrow('keep_valid_card')
    const { sides } = await app.readers.mergeView(operator(), [kept, dropped])
    expect(sides[0].keeping.possible).toBe(false)
    await merge(dropped, kept)
  })

  it('of two with other names and other birth dates needs the operator’s express word', async () => {
    const [kept, dropped] = [await made(), await made()]
    await app.pool.query(`update readers set birth_date = '1949-01-02' where id = $1`, [kept])
    await app.pool.query(
      `update readers set birth_date = '2010-07-09', phone = (select phone from readers where id = $2) where id = $1`,
      [dropped, kept],
    )
    expect((await app.readers.mergeView(operator(), [kept, dropped])).unlike).toBe(true)
    await expect(merge(kept, dropped, false)).rejects.toThrow('readers.unlike')
    await merge(kept, dropped, true)
  })

  it('isn’t one of a record with itself, with a merged one, or with one about to be destroyed', async () => {
    const [one, other, third] = [await made(), await made(), await made()]
    await expect(merge(one, one)).rejects.toThrow('merge_itself')
    await merge(one, other)
    await expect(merge(other, third)).rejects.toThrow('readers.gone')
    await expect(merge(third, other)).rejects.toThrow('readers.gone')
    await app.db
      .insertInto('destructions')
      .values({
        reader_id: third,
        card_numbers: [],
        library_id: network.bui,
        reason: 'revoked',
        asked_at: start,
        due_at: start,
      })
      .execute()
    await expect(merge(one, third)).rejects.toThrow('readers.leaving')
  })

  it('of two pressed at once, whichever way round, is one', async () => {
    const twin = await app.twin()
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await made(), await made()]
      const outcomes = await Promise.allSettled([
        merge(one, other),
        twin.readers.merge(operator(), { keptId: other, droppedId: one, unlike: true }),
      ])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })

  it('is shown before it is made: what goes over, what is lent twice, which card stops', async () => {
    await returnEverything()
    const [kept, dropped] = [
      await made({ loans: [9], read: [4, 5], provider: true, phone: true }),
      await made({ loans: [5, null, null, 0], read: [8, 3, 2], provider: true, phone: true, email: true }),
    ]
    const {
      sides: [{ keeping }],
    } = await app.readers.mergeView(operator(), [kept, dropped])
    const [card] = await cardsOf(dropped)
    expect(keeping).toEqual({
      loans: 2,
      lentTwice: 1,
      positions: 2,
      applications: 1,
      consents: 1,
      messages: 1,
      provider: 'stays',
      contacts: ['email'],
      replacedCard: card?.number,
      possible: true,
    })
  })
})
