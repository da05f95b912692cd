import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { cardNumber } from '../cards/cards.ts'
import { after, days } from '../shared/clock.ts'
import { hashPassword } from '../shared/passwords.ts'
import { authorise } from '../staff/actors.ts'
import { nameKey } from './names.ts'

export let app: TestApp
export let network: TestNetwork
export let passwordHash: string
/** Publications by how many copies may be out; null: any number. */
export let books: { id: string; licenceId: string; copies: number | null }[]
let serial = 0

/** Records of readers with all that may hang on them, in an app of the file’s own. */
export function useMerging(): void {
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
}

export const start = new Date(testStart)

export const operator = () => authorise(network.operator, 'readers.merge')
// The people made here have names and dates of their own: the operator's word makes them one.
export const merge = (keptId: string, droppedId: string, unlike = true) =>
  app.readers.merge(operator(), { keptId, droppedId, unlike })
export const device = { address: '127.0.0.1', userAgent: 'test' }

export interface Shape {
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

export const nextCard = () => cardNumber('002', (serial += 1))

/** A reader of that shape, with a questionnaire, a consent, a message and a change. */
export async function made(shape: Partial<Shape> = {}, name = `Кузнецов ${randomUUID()}`, namesake = 0) {
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
export async function addPapers(readerId: string) {
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
export async function lend(readerId: string, place: number, left: number) {
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
export const read = (readerId: string, place: number, day: number) =>
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
export function bookAt(place: number) {
  const book = books[place]
  if (!book) throw new Error(`no book ${place}`)
  return book
}
export const returnEverything = () =>
  app.db
    .updateTable('loans')
    .set({ ended_at: start, end_reason: 'returned' })
    .where('ended_at', 'is', null)
    .execute()

export const tables = [
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
export async function everythingOf(...ids: string[]) {
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
export async function providerPassword(readerId: string): Promise<string | undefined> {
  const account = await app.db
    .selectFrom('provider_accounts as p')
    .innerJoin('sealed_passwords as s', 's.reader_id', 'p.reader_id')
    .select('s.sealed')
    .where('p.reader_id', '=', readerId)
    .where('s.purpose', '=', 'provider')
    .executeTakeFirst()
  return account && app.sealer.open(account.sealed, `${readerId}/provider`)
}
export const loansOf = (readerId: string) =>
  app.db.selectFrom('loans').selectAll().where('reader_id', '=', readerId).orderBy('id').execute()
export const cardsOf = (readerId: string) =>
  app.db
    .selectFrom('cards')
    .select(['number', 'state'])
    .where('reader_id', '=', readerId)
    .orderBy('number')
    .execute()
export const reader = (id: string) =>
  app.db.selectFrom('readers').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
export const placeOf = (readerId: string, place: number) =>
  app.db
    .selectFrom('reading_positions')
    .select(['locator', 'revision'])
    .where('reader_id', '=', readerId)
    .where('publication_id', '=', bookAt(place).id)
    .executeTakeFirst()
export const apart = (a: string, b: string) =>
  app.db
    .selectFrom('distinct_readers')
    .select('decided_by')
    .where('first_id', 'in', [a, b])
    .where('second_id', 'in', [a, b])
    .execute()

export const perBook = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 5, maxLength: 5 })
export const shape = (valid: boolean): fc.Arbitrary<Shape> =>
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
export const pair = fc
  .tuple(fc.boolean(), fc.boolean())
  .filter(([kept, dropped]) => kept || !dropped)
  .chain(([kept, dropped]) => fc.tuple(shape(kept), shape(dropped)))
