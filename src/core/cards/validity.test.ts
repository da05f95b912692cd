import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader, unheardName } from '../../../tests/support/registered-reader.ts'
import { writeSetting } from '../settings/settings.ts'
import { addDays, addYears, isCalendarDate } from '../shared/calendar.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { isOver, isRenewable, renewalAhead, standingOf } from './validity.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const valid = (years: number) => inTransaction(app.db, (tx) => writeSetting(tx, 'cards.validYears', years))
const untilOf = async ({ card }: RegisteredReader) =>
  (
    await app.db
      .selectFrom('cards')
      .select('valid_until')
      .where('number', '=', card)
      .executeTakeFirstOrThrow()
  ).valid_until
let tries = 0
const signIn = (reader: RegisteredReader, password = reader.password) =>
  app.sessions.signInReader(
    { cardNumber: reader.card, password },
    { address: `203.0.113.${(tries += 1)}`, userAgent: 'Firefox' },
  )
const changer = () => authorise(network.librarian, 'cards.replace')
const record = (reader: RegisteredReader) =>
  app.readers
    .open(authorise(network.librarian, 'readers.read'), reader.actor.readerId)
    .then((opened) => app.readers.cards(opened))

/** Registered at noon of 24 November 2026 in Moscow, with a card for one year. */
async function withCardForAYear(): Promise<RegisteredReader> {
  app.setTime('2026-11-24T09:00:00Z')
  await valid(1)
  return registeredReader(app, network)
}

describe('the last day', () => {
  const date = fc
    .date({ min: new Date('1999-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    .map((moment) => moment.toISOString().slice(0, 10))

  it('is the same day so many years later, and a calendar date', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 50 }), (from, years) => {
        const until = addYears(from, years)
        expect(isCalendarDate(until)).toBe(true)
        expect(Number(until.slice(0, 4)) - Number(from.slice(0, 4))).toBe(years)
        expect(until.slice(5)).toBe(
          from.endsWith('-02-29') && until.endsWith('-28') ? '02-28' : from.slice(5),
        )
      }),
    )
    expect([addYears('2028-02-29', 1), addYears('2028-02-29', 4)]).toEqual(['2029-02-28', '2032-02-29'])
  })

  it('is good through and through, and only an issued card expires', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -100, max: 100 }), (validUntil, later) => {
        const today = addDays(validUntil, later)
        expect(isOver(validUntil, today)).toBe(later > 0)
        expect(standingOf({ state: 'issued', validUntil }, today)).toBe(later > 0 ? 'expired' : 'issued')
        expect(standingOf({ state: 'blocked', validUntil }, today)).toBe('blocked')
        expect(isRenewable({ state: 'issued', validUntil }, today)).toBe(later >= -renewalAhead)
      }),
    )
    expect(isOver(null, '2999-01-01')).toBe(false)
  })
})

describe('a card that is good for a time', () => {
  it('has none where the region sets none, and keeps its own when the region changes its mind', async () => {
    await valid(0)
    const before = await registeredReader(app, network)
    const reader = await withCardForAYear()
    await valid(0)
    expect(await untilOf(before)).toBeNull()
    expect(await untilOf(reader)).toBe('2027-11-24')
  })

  it('signs in through its last day in the region’s zone; then the right password is told what to do', async () => {
    const reader = await withCardForAYear()
    app.setTime('2027-11-24T20:59:59Z')
    expect((await signIn(reader)).token).toBeTruthy()
    // Midnight in Moscow.
    app.setTime('2027-11-24T21:00:00Z')
    await expect(signIn(reader)).rejects.toThrow('sessions.card_ended')
  })

  it('tells nobody else that it is there: a wrong password gets the answer that an unknown number gets', async () => {
    const reader = await withCardForAYear()
    app.setTime('2028-01-01T09:00:00Z')
    await expect(signIn(reader, 'wrong')).rejects.toThrow('sessions.wrong_credentials')
    await expect(signIn({ ...reader, card: '2002999999990' })).rejects.toThrow('sessions.wrong_credentials')
  })

  it('keeps its readable password for the slip when signing in came to nothing', async () => {
    const reader = await withCardForAYear()
    app.setTime('2027-11-25T09:00:00Z')
    await expect(signIn(reader)).rejects.toThrow('sessions.card_ended')
    const sealed = await app.db
      .selectFrom('sealed_passwords')
      .select('reader_id')
      .where('reader_id', '=', reader.actor.readerId)
      .execute()
    expect(sealed).toHaveLength(1)
  })

  it('is renewed on the reader’s record, from that day on, with the same number and password', async () => {
    const reader = await withCardForAYear()
    app.setTime('2028-02-01T09:00:00Z')
    expect(await record(reader)).toMatchObject([{ standing: 'expired', renewable: true }])
    await app.readers.extendCard(changer(), reader.actor.readerId, reader.card)
    expect(await record(reader)).toMatchObject([
      { standing: 'issued', renewable: false, validUntil: '2029-02-01' },
    ])
    expect((await signIn(reader)).token).toBeTruthy()
    // A second click.
    await app.readers.extendCard(changer(), reader.actor.readerId, reader.card)
    expect(await untilOf(reader)).toBe('2029-02-01')
    await app.readers.blockCard(changer(), reader.actor.readerId, reader.card)
    const blocked = app.readers.extendCard(changer(), reader.actor.readerId, reader.card)
    await expect(blocked).rejects.toThrow('readers.card_changed')
  })

  it('is renewed by no other library’s librarian', async () => {
    const reader = await withCardForAYear()
    const theirs = authorise(network.otherLibrarian, 'cards.replace')
    const extend = app.readers.extendCard(theirs, reader.actor.readerId, reader.card)
    await expect(extend).rejects.toThrow('shared.not_found')
  })

  it('can be replaced when it has expired; the new one is good for as long again', async () => {
    const reader = await withCardForAYear()
    app.setTime('2028-02-01T09:00:00Z')
    const input = { card: reader.card, ending: 'replaced', stockCard: undefined, signOut: false } as const
    await app.readers.replaceCard(changer(), reader.actor.readerId, input)
    expect(await record(reader)).toMatchObject([
      { standing: 'issued', validUntil: '2029-02-01' },
      { standing: 'replaced' },
    ])
  })

  it('is no passport to the yearly re-registration by card', async () => {
    const reader = await withCardForAYear()
    app.setTime('2027-11-25T09:00:00Z')
    const renew = app.renewing.byCard(authorise(network.otherLibrarian, 'readers.renew'), reader.card)
    await expect(renew).rejects.toThrow('readers.card_ended')
  })

  it('is good anew when its bearer comes in person, until that is taken back', async () => {
    const reader = await withCardForAYear()
    app.setTime('2028-02-01T09:00:00Z')
    const decider = authorise(network.operator, 'applications.decide')
    const form = questionnaire(network, { fullName: unheardName() })
    const { id } = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      form,
    )
    await app.applications.same(decider, id, {
      revision: 1,
      readerId: reader.actor.readerId,
      replaceEmail: false,
      replacePhone: false,
      moveLibrary: false,
    })
    expect(await untilOf(reader)).toBe('2029-02-01')
    await app.applications.undo(decider, id, { revision: 2 })
    expect(await untilOf(reader)).toBe('2027-11-24')
  })

  it('says on the reader’s own page that it has ended', async () => {
    const reader = await withCardForAYear()
    expect(await app.ownCard(reader.actor)).toMatchObject({ validUntil: '2027-11-24', ended: false })
    app.setTime('2027-11-25T09:00:00Z')
    expect(await app.ownCard(reader.actor)).toMatchObject({ ended: true })
  })
})
