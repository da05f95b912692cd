import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'
import { mostListed } from './corrections.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const librarian = () => authorise(network.librarian, 'corrections.answer')
const stranger = () => authorise(network.otherLibrarian, 'corrections.answer')
const operator = () => authorise(network.operator, 'corrections.answer')
const listed = async (by = operator()) => (await app.corrections.list(by)).rows.map(({ text }) => text)

describe('a reader who asks for a correction', () => {
  it('is seen by his library and the operators, and reads their answer', async () => {
    const { actor } = await registeredReader(app, network)
    await app.corrections.ask(actor, 'Отчество: Ильинична')
    expect(await listed(librarian())).toContain('Отчество: Ильинична')
    expect(await listed()).toContain('Отчество: Ильинична')
    expect(await listed(stranger())).not.toContain('Отчество: Ильинична')
    const [request] = await app.corrections.own(actor)
    const answer = { id: request?.id ?? '', answer: 'Исправили, спасибо' }
    await expect(app.corrections.answer(stranger(), answer)).rejects.toThrow('not_found')
    await app.corrections.answer(librarian(), answer)
    expect(await app.corrections.own(actor)).toMatchObject([{ answer: 'Исправили, спасибо' }])
    await expect(app.corrections.answer(operator(), answer)).rejects.toThrow('corrections.answered')
  })

  it('asks once by two clicks, and three things at most before an answer', async () => {
    const { actor } = await registeredReader(app, network)
    await Promise.all([app.corrections.ask(actor, 'Телефон'), app.corrections.ask(actor, 'Телефон')])
    expect(await app.corrections.own(actor)).toHaveLength(1)
    await app.corrections.ask(actor, 'Почта')
    await app.corrections.ask(actor, 'Имя')
    await expect(app.corrections.ask(actor, 'Фамилия')).rejects.toThrow('too_many')
  })

  it('sees nobody else’s, and is in the log by id only', async () => {
    const [one, other] = [await registeredReader(app, network), await registeredReader(app, network)]
    await app.corrections.ask(one.actor, 'Очень личное')
    expect(await app.corrections.own(other.actor)).toEqual([])
    await app.corrections.list(operator())
    const { rows } = await app.pool.query<{ text: string }>('select t::text as text from audit_log t')
    expect(rows.some(({ text }) => text.includes('Очень личное'))).toBe(false)
    const looked = rows.filter(({ text }) => text.includes('corrections.list'))
    expect(looked.some(({ text }) => text.includes(one.actor.readerId))).toBe(true)
  })

  it('is said to be among more than are listed', async () => {
    const before = await app.corrections.list(operator())
    expect(before.more).toBe(false)
    const { actor } = await registeredReader(app, network)
    await app.db
      .insertInto('correction_requests')
      .values(
        Array.from({ length: mostListed + 1 - before.rows.length }, (_, index) => ({
          reader_id: actor.readerId,
          text: `Просьба ${index}`,
          asked_at: app.clock(),
        })),
      )
      .execute()
    const { rows, more } = await app.corrections.list(operator())
    expect([rows.length, more]).toEqual([mostListed, true])
  })

  it('waits for no curator', () => {
    for (const actor of [network.curator, network.methodologist, network.admin])
      expect(() => authorise(actor, 'corrections.answer')).toThrow('not_allowed')
  })
})
