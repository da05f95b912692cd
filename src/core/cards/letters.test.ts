import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader, unheardName } from '../../../tests/support/registered-reader.ts'
import { readSettings, writeSetting } from '../settings/settings.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { receiveSchema, takeOverSchema } from './cards.schemas.ts'
import { knownNumber } from './known-number.ts'
import { numberingSchema } from './numbering.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const takeOver = (first: string, last: string) =>
  app.cards.takeOver(
    authorise(network.operator, 'cards.manage'),
    takeOverSchema.parse({ formKey: randomUUID(), libraryId: network.bui, first, last, check: 'none' }),
  )
const writer = () => authorise(network.librarian, 'applications.write')
const decider = () => authorise(network.operator, 'applications.decide')

/** A reader with a card of the library's own, earlier numbers. */
async function bearerOf(number: string): Promise<RegisteredReader> {
  const stockCard = number
  const form = questionnaire(network, { fullName: unheardName(), stockCard })
  const { id } = await app.applications.send(writer(), network.bui, form)
  const { readerId } = await app.applications.register(decider(), id, {
    revision: 1,
    providerNumber: '',
    providerPassword: '',
    anotherPerson: false,
  })
  const { sealed } = await app.db
    .selectFrom('sealed_passwords')
    .select('sealed')
    .where('reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  const password = app.sealer.open(sealed, `${readerId}/initial`)
  const actor = { kind: 'reader', readerId, fullName: form.fullName, birthDate: form.birthDate } as const
  return { actor, applicationId: id, card: number, password }
}

let tries = 0
const signIn = (cardNumber: string, password: string) =>
  app.sessions.signInReader(
    { cardNumber, password },
    { address: `203.0.113.${(tries += 1)}`, userAgent: 'Firefox' },
  )

describe('a number with letters', () => {
  it('is taken over from a library’s own cards, received, kept for a questionnaire and signs in however it is typed', async () => {
    await takeOver('ko-000123', 'KO 000130')
    const reader = await bearerOf('KO000125')
    // Latin, as printed, in Russian letters for their look, under the Russian layout, in either case.
    for (const typed of [
      'KO000125',
      'ko-000 125',
      'КО000125',
      'ко 000125',
      'ЛЩ000125',
      'лщ-000125',
      'KО000125',
    ])
      expect((await signIn(typed, reader.password)).token, typed).toBeTruthy()
    await expect(signIn('KO000126', reader.password)).rejects.toThrow('sessions.wrong_credentials')
  })

  it('leads to its reader from every field that takes a card', async () => {
    await takeOver('MT5001', 'MT5009')
    const reader = await bearerOf('мт5003')
    const librarian = network.librarian
    const find = (query: string) =>
      app.readers.find(authorise(librarian, 'readers.read'), authorise(librarian, 'readers.find-exact'), {
        query,
        birthDate: '',
      })
    for (const typed of ['MT5003', 'мт-5003', 'ЬЕ5003']) {
      expect(await find(typed), typed).toMatchObject({ by: 'card', readers: [{ id: reader.actor.readerId }] })
      const renewed = await app.renewing.byCard(authorise(librarian, 'readers.renew'), typed)
      expect(renewed.readerId).toBe(reader.actor.readerId)
      expect(await app.readers.byCard(authorise(network.operator, 'readers.merge'), typed)).toBe(
        reader.actor.readerId,
      )
    }
    const input = { card: 'MT5003', ending: 'lost', stockCard: 'мт5004', signOut: false } as const
    await app.readers.replaceCard(authorise(librarian, 'cards.replace'), reader.actor.readerId, input)
    await app.credentials.askCode('ЬЕ5004', 'email', { address: '203.0.113.250', userAgent: '' })
    const { rows } = await sql<{ payload: unknown }>`
      select payload from graphile_worker._private_jobs order by id desc limit 1`.execute(app.db)
    expect(rows[0]?.payload).toEqual({ cardNumber: 'MT5004', channel: 'email' })
  })

  it('that two cards answer to is nobody’s: the wrong one is never taken', async () => {
    // «КО» is KO by its look and RJ by its keys.
    await takeOver('KO777001', 'KO777009')
    expect(await knownNumber(app.db, 'КО777001')).toBe('KO777001')
    await takeOver('RJ777001', 'RJ777009')
    expect(await knownNumber(app.db, 'КО777001')).toBe('КО777001')
    const stockCard = 'КО777001'
    const form = questionnaire(network, { fullName: unheardName(), stockCard })
    await expect(app.applications.send(writer(), network.bui, form)).rejects.toThrow('cards.not_in_stock')
    expect(await knownNumber(app.db, 'ЛЩ777001')).toBe('KO777001')
  })

  it('is written in Latin letters where it isn’t on record yet', () => {
    const typed = { formKey: randomUUID(), libraryId: network.bui, last: 'KO1000', check: 'none' }
    const faults = (first: string) =>
      takeOverSchema.safeParse({ ...typed, first }).error?.issues.map(({ message }) => message)
    expect(faults('КО1000')).toEqual(['card_number_letters'])
    expect(faults('KOKO')).toEqual(['card_number'])
    expect(faults('ЛЩ1000')).toBeUndefined()
  })

  it('makes a range with those between, digits before letters, on a database of any language', async () => {
    await app.cards.changeNumbering(
      authorise(network.admin, 'cards.number'),
      numberingSchema.parse({
        prefix: 'ko',
        libraryCode: 'on',
        serialDigits: '6',
        check: 'mod37',
        lowStock: '20',
        validYears: '0',
      }),
    )
    const manager = authorise(network.operator, 'cards.manage')
    const form = { formKey: randomUUID(), libraryId: network.bui, count: 40 }
    const { batchId } = await app.cards.makeBatch(manager, form)
    const batch = (await app.cards.batches(authorise(network.operator, 'cards.read'))).find(
      ({ id }) => id === batchId,
    )
    expect(batch?.first).toMatch(/^KO002\d{6}[0-9A-Z]$/)
    const range = receiveSchema.parse({ libraryId: network.bui, first: batch?.last, last: batch?.first })
    const holder = authorise(network.librarian, 'cards.stock')
    expect(await app.cards.receive(holder, range)).toEqual({ received: 40, missing: 0 })
    const { rows } = await sql<{ collation: string }>`
      select collation_name as collation from information_schema.columns
      where table_name = 'cards' and column_name = 'number'`.execute(app.db)
    expect(rows).toEqual([{ collation: 'C' }])
    expect((await registeredReader(app, network)).card).toMatch(/^KO002/)
  })

  it('takes the keyboard of digits off the fields for good', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'cards.letters', false))
    await takeOver('55500100', '55500101')
    expect((await readSettings(app.db))['cards.letters']).toBe(false)
    await takeOver('AB500100', 'AB500101')
    expect((await readSettings(app.db))['cards.letters']).toBe(true)
  })
})
