import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CardScheme } from '#protocols/card/scheme.ts'
import { numberOf } from '#protocols/card/scheme.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { removeReader } from '../readers/readers.commands.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { numberingSchema } from './numbering.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const manager = () => authorise(network.operator, 'cards.manage')
const admin = () => authorise(network.admin, 'cards.number')
const choose = (scheme: CardScheme) => inTransaction(app.db, (tx) => writeSetting(tx, 'cards.scheme', scheme))
const make = async (count: number) => {
  const { batchId } = await app.cards.makeBatch(manager(), {
    formKey: randomUUID(),
    libraryId: network.bui,
    count,
  })
  const rows = await app.db.selectFrom('cards').select('number').where('batch_id', '=', batchId).execute()
  return rows.map(({ number }) => number)
}
const takeOver = (first: string, last: string, check: CardScheme['check'] = 'none') =>
  app.cards.takeOver(manager(), { formKey: randomUUID(), libraryId: network.bui, first, last, check })
const lastSerial = async () =>
  Number((await sql<{ at: number }>`select last_value as at from card_serial`.execute(app.db)).rows[0]?.at)

describe('a card number is never given twice', () => {
  const schemes = fc.constantFrom<CardScheme>(
    { prefix: '2', libraryCode: true, serialDigits: 8, check: 'ean13' },
    { prefix: '44', libraryCode: false, serialDigits: 8, check: 'luhn' },
    { prefix: '', libraryCode: true, serialDigits: 6, check: 'none' },
    // Its numbers are also those of the one before, of other serials.
    { prefix: '002', libraryCode: false, serialDigits: 6, check: 'none' },
    { prefix: 'KO', libraryCode: true, serialDigits: 6, check: 'mod37' },
  )

  it('whatever schemes follow each other, with readers, batches and ranges at the same moment', async () => {
    const given: string[] = []
    await fc.assert(
      fc.asyncProperty(schemes, fc.integer({ min: 1, max: 30 }), async (scheme, count) => {
        await choose(scheme)
        const came = await Promise.all([
          make(count),
          make(count),
          registeredReader(app, network).then(({ card }) => [card]),
          registeredReader(app, network).then(({ card }) => [card]),
        ])
        given.push(...came.flat())
        expect(new Set(given).size).toBe(given.length)
      }),
      { numRuns: 8 },
    )
  })

  it('also past thousands of numbers that were there before the scheme', async () => {
    const scheme: CardScheme = { prefix: '7', libraryCode: false, serialDigits: 8, check: 'none' }
    await choose(scheme)
    const next = (await lastSerial()) + 1
    const at = (serial: number) => numberOf(scheme, '002', serial) ?? ''
    await takeOver(at(next), at(next + 4999))
    const numbers = await make(3)
    expect(Math.min(...numbers.map(Number))).toBeGreaterThanOrEqual(Number(at(next + 5000)))
  })

  it('nor after its reader is gone; the database itself keeps it', async () => {
    const reader = await registeredReader(app, network)
    await inTransaction(app.db, (tx) => removeReader(tx, reader.actor.readerId))
    await expect(takeOver(reader.card, reader.card)).rejects.toThrow('cards.range_taken')
    await expect(app.db.deleteFrom('cards').where('number', '=', reader.card).execute()).rejects.toThrow(
      'stays for ever',
    )
    const renumber = app.db.updateTable('cards').set({ number: '1234' }).where('number', '=', reader.card)
    await expect(renumber.execute()).rejects.toThrow('stays for ever')
  })

  it('and the same range is taken over once', async () => {
    const first = '55500001'
    const both = await Promise.allSettled([takeOver(first, '55500100'), takeOver('55500100', '55500199')])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(takeOver('5', '9')).rejects.toThrow()
  })
})

describe('a scheme', () => {
  it('that is used up gives nothing and says so', async () => {
    await choose({ prefix: '9', libraryCode: false, serialDigits: 4, check: 'none' })
    await sql`select setval('card_serial', greatest(9998, (select last_value from card_serial)))`.execute(
      app.db,
    )
    await expect(make(5)).rejects.toThrow('cards.scheme_full')
    await choose({ prefix: '2', libraryCode: true, serialDigits: 8, check: 'ean13' })
    expect(await make(1)).toHaveLength(1)
  })

  it('is changed by the administrator, with what fits together only', async () => {
    const form = {
      prefix: '44',
      libraryCode: 'on',
      serialDigits: '6',
      check: 'luhn',
      lowStock: '15',
      validYears: '5',
    }
    await app.cards.changeNumbering(admin(), numberingSchema.parse(form))
    expect(await app.cards.numbering(admin())).toMatchObject({
      prefix: '44',
      lowStock: 15,
      validYears: 5,
      example: '4400 1000 1236',
    })
    const faults = (change: object) =>
      numberingSchema.safeParse({ ...form, ...change }).error?.issues.map(({ message }) => message)
    expect(faults({ check: 'ean13' })).toEqual(['card_scheme_ean13'])
    expect(faults({ prefix: '12345678', serialDigits: '10' })).toEqual(['card_scheme_long'])
    expect(faults({ prefix: 'КО' })).toEqual(['card_prefix'])
    expect(faults({ prefix: 'ko' })).toEqual(['card_scheme_letters'])
    expect(faults({ prefix: 'ko', check: 'mod37' })).toBeUndefined()
    expect(faults({ validYears: '51' })).toEqual(['card_valid_years'])
    expect(faults({ serialDigits: '3' })).toContain('card_serial_digits')
  })

  it('makes no difference to signing in: a card of any of them does', async () => {
    await choose({ prefix: '', libraryCode: true, serialDigits: 7, check: 'luhn' })
    const reader = await registeredReader(app, network)
    const typed = reader.card.replace(/\d{4}(?=\d)/g, '$& ')
    const origin = { address: '203.0.113.9', userAgent: 'Firefox' }
    const signedIn = await app.sessions.signInReader({ cardNumber: typed, password: reader.password }, origin)
    expect(signedIn.token).toBeTruthy()
  })
})
