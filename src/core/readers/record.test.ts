import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { after, hours, minutes } from '../shared/clock.ts'
import type { StaffActor } from '../staff/actors.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork
let anna: { readerId: string; number: string }

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  anna = await registered({
    fullName: 'Алёшина-Громова Анна Ильинична',
    birthDate: '1990-03-05',
    email: 'anna@reader.test',
    phone: '+79101230001',
  })
  await registered({ fullName: 'Громов Пётр', birthDate: '1991-01-01', email: null, phone: '+79101230002' })
})
afterAll(() => app.dispose())

async function registered(person: Parameters<typeof questionnaire>[1]) {
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, person),
  )
  const { readerId } = await app.applications.register(
    authorise(network.operator, 'applications.decide'),
    id,
    { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false },
  )
  const { number } = await app.db
    .selectFrom('cards')
    .select('number')
    .where('reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  return { readerId, number }
}
const find = (actor: StaffActor, query: string, birthDate = '') =>
  app.readers.find(authorise(actor, 'readers.read'), authorise(actor, 'readers.find-exact'), {
    query,
    birthDate,
  })
const names = async (actor: StaffActor, query: string, birthDate = '') =>
  (await find(actor, query, birthDate)).readers.map(({ fullName }) => fullName)
const open = (actor: StaffActor, id = anna.readerId) => app.readers.open(authorise(actor, 'readers.read'), id)
const lastEntries = (count: number) =>
  app.db.selectFrom('audit_log').selectAll().orderBy('seq', 'desc').limit(count).execute()

describe('a search for readers', () => {
  it('finds by beginnings of the name’s words in any order, in any case, with ё or е', async () => {
    for (const query of ['громова анн', 'АЛЕШ', 'анна алёшина-громова', "  ильинична   ' анна"])
      expect(await names(network.librarian, query), query).toEqual(['Алёшина-Громова Анна Ильинична'])
    expect(await names(network.librarian, 'громов')).toEqual([
      'Алёшина-Громова Анна Ильинична',
      'Громов Пётр',
    ])
    expect(await names(network.librarian, 'громов', '1991-01-01')).toEqual(['Громов Пётр'])
  })

  it('finds by card as it is printed, by phone in any spelling and by e-mail', async () => {
    const { number } = anna
    const spaced = `${number.slice(0, 1)} ${number.slice(1, 4)} ${number.slice(4)}`
    for (const query of [number, spaced, '8 (910) 123-00-01', 'ANNA@reader.test'])
      expect(await names(network.operator, query), query).toEqual(['Алёшина-Громова Анна Ильинична'])
  })

  it('finds nothing by signs that are no name', async () => {
    for (const query of ["' | ! :*", '«»', '2000000000008', 'nobody@reader.test'])
      expect(await names(network.operator, query), query).toEqual([])
  })

  it('shows a librarian readers of her own library only, unless a card or name and birth date name one', async () => {
    const stranger = network.otherLibrarian
    for (const query of ['громова анна', '+79101230001', 'anna@reader.test'])
      expect(await names(stranger, query), query).toEqual([])
    expect(await names(stranger, 'Алёшина-Громова Анна', '1990-03-05')).toEqual([])
    expect(await names(stranger, 'Алёшина-Громова Анна Ильинична', '1990-03-06')).toEqual([])
    const exact = await find(stranger, 'громова алешина анна ИЛЬИНИЧНА', '1990-03-05')
    expect(exact.readers).toMatchObject([{ id: anna.readerId, elsewhere: true }])
    expect((await find(stranger, anna.number)).readers).toMatchObject([{ id: anna.readerId }])
  })

  it('is logged by what it was for and whom it showed, never by what was typed', async () => {
    await find(network.otherLibrarian, anna.number)
    const [exact, look] = await lastEntries(2)
    expect(look).toMatchObject({ action: 'readers.find', details: { by: 'card', ids: [anna.readerId] } })
    expect(exact).toMatchObject({ action: 'readers.find-exact', subject_id: anna.readerId })
    const { rows } = await app.pool.query<{ text: string }>('select t::text as text from audit_log t')
    expect(rows.some(({ text }) => text.includes(anna.number) || text.includes('громов'))).toBe(false)
  })
})

describe('a reader’s record', () => {
  it('is open to the own library and to operators, and each look is logged', async () => {
    for (const actor of [network.librarian, network.operator]) {
      const record = await open(actor)
      expect(record).toMatchObject({ fullName: 'Алёшина-Громова Анна Ильинична', elsewhere: false })
      const [entry] = await lastEntries(1)
      expect(entry).toMatchObject({
        action: 'readers.open',
        subject_id: anna.readerId,
        actor_id: actor.staffId,
      })
    }
  })

  it('is nothing to another library, until an exact look-up opens it for an hour to whoever made it', async () => {
    app.setTime(after(new Date(testStart), hours(100)))
    await expect(open(network.otherLibrarian)).rejects.toThrow('not_found')
    await find(network.otherLibrarian, anna.number)
    expect(await open(network.otherLibrarian)).toMatchObject({ elsewhere: true })
    const colleague = { ...network.otherLibrarian, staffId: randomUUID() }
    await expect(open(colleague)).rejects.toThrow('not_found')
    app.setTime(after(new Date(testStart), hours(101) + minutes(1)))
    await expect(open(network.otherLibrarian)).rejects.toThrow('not_found')
  })

  it('shows how many books are on loan, never which', async () => {
    const record = await open(network.operator)
    expect(await app.readers.loansNow(record)).toBe(0)
    expect(await app.readers.cards(record)).toMatchObject([{ number: anna.number, state: 'issued' }])
    expect(await app.readers.applications(record)).toHaveLength(1)
  })
})
