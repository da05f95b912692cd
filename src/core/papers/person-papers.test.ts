import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

async function livelyReader() {
  const reader = await registeredReader(app, network, {
    fullName: 'Архивова Нина Олеговна',
    birthDate: '2014-01-02',
    phone: '+79165557788',
    guardianName: 'Архивова Ада',
    guardianRelation: 'мама',
  })
  const loan = await app.circulation.borrow(reader.actor, await addBook(app, {}))
  await app.reading.savePosition(reader.actor, loan.id, {
    locator: 'epubcfi(/6/2!/4/2)',
    fraction: 0.25,
    revision: 0,
  })
  await app.corrections.ask(reader.actor, 'Проверьте почту')
  await app.readers.open(authorise(network.librarian, 'readers.read'), reader.actor.readerId)
  return reader
}

describe('«Мои данные файлом»', () => {
  it('holds everything about the reader, for programs and for people, and who looked by role and library', async () => {
    const { actor, card } = await livelyReader()
    const json = await app.personFiles.own(actor, 'json')
    const file = JSON.parse(json.bytes.toString()) as Record<string, unknown>
    expect(file).toMatchObject({
      reader: { fullName: 'Архивова Нина Олеговна', birthDate: '2014-01-02', phone: '+79165557788' },
      cards: [{ number: card, state: 'issued' }],
      applications: [{ state: 'registered', library: 'Буйская районная библиотека' }],
      consents: [{ kind: 'processing', guardianName: 'Архивова Ада', text: 'Согласие' }],
      loans: [{ endedAt: null }],
      positions: [{ fraction: 0.25 }],
      messages: expect.arrayContaining([expect.objectContaining({ recipient: '+79165557788' })]),
      corrections: [{ text: 'Проверьте почту', answer: null }],
      log: expect.arrayContaining([
        expect.objectContaining({
          action: 'readers.open',
          by: 'библиотекарь',
          libraries: ['Буйская районная библиотека'],
        }),
      ]),
    })
    const pdf = textOf((await app.personFiles.own(actor, 'pdf')).bytes)
    for (const part of ['Архивова Нина Олеговна', card, 'Архивова Ада', 'Проверьте почту', '25 %'])
      expect(pdf).toContain(part)
    expect(pdf).toContain('открыта запись читателя — библиотекарь, Буйская районная библиотека')
    for (const text of [json.bytes.toString(), pdf]) {
      expect(text).not.toContain(network.librarian.fullName)
      expect(text).not.toContain(network.operator.fullName)
    }
  })

  it('has nothing of anybody else, is in the log, and is made at most ten times in a row', async () => {
    const stranger = await registeredReader(app, network)
    const { actor } = await registeredReader(app, network)
    for (let round = 0; round < 10; round += 1) {
      const { bytes } = await app.personFiles.own(actor, 'json')
      expect(bytes.toString()).not.toContain(stranger.actor.fullName)
    }
    await expect(app.personFiles.own(actor, 'json')).rejects.toThrow('too_many_attempts')
    await app.personFiles.own(stranger.actor, 'json')
    const entries = await app.db
      .selectFrom('audit_log')
      .select('actor_kind')
      .where('action', '=', 'readers.export')
      .where('subject_id', '=', actor.readerId)
      .execute()
    expect(entries).toHaveLength(10)
  })
})
