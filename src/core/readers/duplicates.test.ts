import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { recordDistinct } from './distinct.ts'
import type { Except } from './duplicates.queries.ts'
import { findLike, findSame, mostLikes } from './duplicates.queries.ts'
import type { Person } from './likeness.ts'
import { nameKey } from './names.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

/** Nobody else was born on this day, nor on one that a slip of the hand makes of it. */
let days = 0
const newDay = () => {
  days += 1
  return `${1905 + days}-03-${10 + (days % 19)}`
}
const someone = (change: Partial<Person> = {}): Person => ({
  fullName: 'Громова Алёна Игоревна',
  birthDate: newDay(),
  email: null,
  phone: null,
  ...change,
})
async function onRecord(
  person: Person,
  more: { namesake?: number; mergedInto?: string } = {},
): Promise<string> {
  const { id } = await app.db
    .insertInto('readers')
    .values({
      library_id: network.bui,
      full_name: person.fullName,
      name_key: nameKey(person.fullName),
      birth_date: person.birthDate,
      email: person.email,
      phone: person.phone,
      namesake: more.namesake ?? 0,
      merged_into: more.mergedInto ?? null,
      password_hash: '',
      password_generated: true,
      renewed_at: app.clock(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
const like = (person: Person, except?: Except) => inTransaction(app.db, (tx) => findLike(tx, person, except))
const ids = async (person: Person, except?: Except) =>
  (await like(person, except)).readers.map(({ readerId }) => readerId)
const same = async (person: Person) => (await inTransaction(app.db, (tx) => findSame(tx, person))).readerIds
const decide = (readerId: string, ...others: string[]) =>
  inTransaction(app.db, (tx) =>
    recordDistinct(tx, { readerId, others, staffId: network.operator.staffId, at: app.clock() }),
  )

describe('whoever may be the same person', () => {
  it('is found by name, by date, by phone and by e-mail, the most alike first', async () => {
    const person = someone({ phone: '+79105550001', email: 'alyona@reader.test' })
    const [mother, shorter, exact, dated, mailed] = [
      await onRecord({ ...person, fullName: 'Громова Нина', birthDate: newDay(), email: null }),
      await onRecord({ ...person, fullName: 'Алена Громова', phone: null, email: null }),
      await onRecord({ ...person, phone: null, email: null }),
      await onRecord({ ...person, birthDate: swapped(person.birthDate), phone: null, email: null }),
      await onRecord({ ...person, fullName: 'Иной Пётр', birthDate: newDay(), phone: null }),
    ]
    const { readers } = await like(person)
    expect(readers.map(({ readerId }) => readerId)).toEqual([exact, shorter, dated, mailed, mother])
    expect(readers.map(({ certain }) => certain)).toEqual([true, false, false, false, false])
  })

  it('isn’t whoever shares nothing, nor the person himself', async () => {
    const person = someone()
    await onRecord({ ...person, fullName: 'Орлов Глеб Ильич' })
    const self = await onRecord(person)
    expect(await ids(person, { readerId: self })).toEqual([])
  })

  it('is shown five at most, with how many more there are, and the certain one is never among those left out', async () => {
    const person = someone({ phone: '+79105550002' })
    for (let count = 0; count < 100; count += 1)
      await onRecord({ ...person, fullName: `Семейный ${'абвгд'[count % 5]}${count}`, birthDate: newDay() })
    const exact = await onRecord({ ...person, phone: null })
    const { readers, more } = await like(person)
    expect(readers).toHaveLength(mostLikes)
    expect(readers[0]).toMatchObject({ readerId: exact, certain: true })
    expect(more).toBe(96)
  })

  it('is the kept record where the one alike was merged into it, also over two merges', async () => {
    const person = someone()
    const kept = await onRecord(someone({ fullName: 'Одинцова Алёна Игоревна' }))
    const middle = await onRecord(someone({ fullName: 'Жарова Алёна' }), { mergedInto: kept })
    await onRecord(person, { mergedInto: middle })
    expect(await ids(person)).toEqual([kept])
    expect(await same(person)).toEqual([kept])
  })

  it('is every namesake, whatever the numbers that are left', async () => {
    const person = someone()
    const [third, second] = [await onRecord(person, { namesake: 2 }), await onRecord(person, { namesake: 1 })]
    expect(await same(person)).toEqual([second, third])
    expect((await ids(person)).toSorted()).toEqual([second, third].toSorted())
  })

  it('isn’t brought up again once decided to be another: no hint beside the certain one, nor beside the record', async () => {
    const person = someone()
    const [exact, shorter] = [
      await onRecord(person),
      await onRecord({ ...person, fullName: 'Алена Громова' }),
    ]
    expect(await ids(person)).toEqual([exact, shorter])
    await decide(shorter, exact)
    expect(await ids(person)).toEqual([exact])
    expect(await ids(person, { readerId: exact })).toEqual([])
    expect(await ids({ ...person, fullName: 'Алена Громова' })).toEqual([shorter])
  })

  it('among namesakes is each of them, decided or not: either may be meant by a questionnaire', async () => {
    const person = someone()
    const [one, two] = [await onRecord(person), await onRecord(person, { namesake: 1 })]
    await decide(one, two)
    expect((await ids(person)).toSorted()).toEqual([one, two].toSorted())
    expect(await ids(person, { readerId: one })).toEqual([])
  })

  it('may wait in another library’s questionnaire, but a relative who waits isn’t alike', async () => {
    const person = someone({ birthDate: '1990-07-30', phone: '+79105550003' })
    const send = async (change: Partial<Person>) =>
      (
        await app.applications.send(
          authorise(network.otherLibrarian, 'applications.write'),
          network.galich,
          questionnaire(network, { ...person, ...change }),
        )
      ).id
    const waiting = await send({ fullName: 'громова алена игоревна' })
    await send({ fullName: 'Громов Матвей Игоревич' })
    const found = await like(person)
    expect(found.applications).toMatchObject([{ applicationId: waiting, certain: true }])
    expect((await like(person, { applicationId: waiting })).applications).toEqual([])
  })
})

describe('a decision that two are two people', () => {
  it('is one pair whichever of them it was made about, and never one with oneself', async () => {
    const [a, b] = [await onRecord(someone()), await onRecord(someone())]
    await decide(a, b, a, randomUUID())
    await decide(b, a)
    const pairs = await app.db
      .selectFrom('distinct_readers')
      .select(['first_id', 'second_id'])
      .where((eb) => eb.or([eb('first_id', 'in', [a, b]), eb('second_id', 'in', [a, b])]))
      .execute()
    expect(pairs).toEqual([a < b ? { first_id: a, second_id: b } : { first_id: b, second_id: a }])
  })
})

/** The same date with another last digit of the year. */
const swapped = (date: string) => `${date.slice(0, 3)}${(Number(date[3]) + 1) % 10}${date.slice(4)}`
