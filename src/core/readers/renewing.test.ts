import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { addDays } from '../shared/calendar.ts'
import { authorise } from '../staff/actors.ts'
import { renewalNotice, renewalOn } from './renewal.ts'

describe('the yearly registration', () => {
  const day = fc
    .integer({ min: 18_000, max: 24_000 })
    .map((number) => new Date(number * 86_400_000).toISOString().slice(0, 10))
  const length = fc.integer({ min: 30, max: 3660 })

  it('is asked for in its last thirty days, lasts through its last day and is over the day after', () => {
    fc.assert(
      fc.property(day, length, (renewedOn, days) => {
        const at = (offset: number) => renewalOn(renewedOn, addDays(renewedOn, days + offset), days).state
        expect([at(-renewalNotice - 1), at(-renewalNotice), at(0), at(1)]).toEqual([
          'current',
          'soon',
          'soon',
          'over',
        ])
      }),
    )
  })

  it('its end doesn’t depend on the day of asking, and grows with the day of renewing', () => {
    fc.assert(
      fc.property(day, day, length, (renewedOn, today, days) => {
        const { until } = renewalOn(renewedOn, today, days)
        expect(until).toBe(addDays(renewedOn, days))
        expect(renewalOn(addDays(renewedOn, 1), today, days).until > until).toBe(true)
      }),
    )
  })
})

describe('renewing', () => {
  let app: TestApp
  let network: TestNetwork
  let reader: RegisteredReader
  let book: string
  let another: string

  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
    book = await addBook(app, {})
    another = await addBook(app, {
      metadata: '<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">Б</dc:title>',
    })
  })
  afterAll(() => app.dispose())

  const at = async <Result>(moment: string, work: () => Promise<Result>): Promise<Result> => {
    app.setTime(moment)
    try {
      return await work()
    } finally {
      app.setTime(testStart)
    }
  }
  const renewals = async (readerId: string) => {
    const rows = await app.db
      .selectFrom('audit_log')
      .select(['actor_kind', 'details'])
      .where('action', '=', 'readers.renew')
      .where('subject_id', '=', readerId)
      .execute()
    return rows.map(({ actor_kind: kind, details }) => `${kind} ${(details as { channel: string }).channel}`)
  }

  it('when the year is over, what is lent stays open, borrowing waits, and one tap is enough', async () => {
    reader = await registeredReader(app, network)
    await at('2027-11-24T09:00:00Z', async () => {
      await app.circulation.borrow(reader.actor, book)
      expect((await app.consents.standing(reader.actor)).renewal.state).toBe('soon')
    })
    await at('2027-11-25T09:00:00Z', async () => {
      expect(await app.circulation.shelf(reader.actor)).toHaveLength(1)
      await expect(app.circulation.borrow(reader.actor, another)).rejects.toThrow('readers.renewal_needed')
      expect(await app.renewing.own(reader.actor)).toEqual({ state: 'current', until: '2028-11-24' })
      await app.circulation.borrow(reader.actor, another)
    })
  })

  it('a tap too early, or a second one, changes nothing', async () => {
    const early = await registeredReader(app, network)
    expect(await app.renewing.own(early.actor)).toEqual({ state: 'current', until: '2027-11-24' })
    await at('2027-11-10T09:00:00Z', async () => {
      await Promise.all([app.renewing.own(early.actor), app.renewing.own(early.actor)])
      await app.renewing.own(early.actor)
    })
    expect(new Set(await renewals(early.actor.readerId))).toEqual(new Set(['reader app']))
    const { renewal } = await app.consents.standing(early.actor)
    expect(renewal.until).toBe('2028-11-09')
  })

  it('any librarian of the network renews by the card, however it is typed, and it is in the log', async () => {
    const { actor, card } = await registeredReader(app, network)
    const stranger = authorise(network.otherLibrarian, 'readers.renew')
    await at('2027-12-01T09:00:00Z', async () => {
      const typed = ` ${card.slice(0, 1)} ${card.slice(1, 4)}-${card.slice(4)}\n`
      const renewed = await app.renewing.byCard(stranger, typed)
      expect(renewed).toMatchObject({ readerId: actor.readerId, until: '2028-11-30', already: false })
      expect(await app.renewing.byCard(stranger, card)).toMatchObject({ already: true })
    })
    expect(await renewals(actor.readerId)).toEqual(['staff card', 'staff card'])
  })

  it('what is no card, a slip of the hand, an unknown card and a blocked one are told apart, and renew nothing', async () => {
    const { actor, card } = await registeredReader(app, network)
    const librarian = authorise(network.librarian, 'readers.renew')
    await expect(app.renewing.byCard(librarian, '123')).rejects.toThrow('card_unreadable')
    await expect(app.renewing.byCard(librarian, '2 000 0000 0000 7')).rejects.toThrow('card_mistyped')
    await expect(app.renewing.byCard(librarian, '2000000000008')).rejects.toThrow('card_unknown')
    await app.db.updateTable('cards').set({ state: 'lost' }).where('number', '=', card).execute()
    await expect(app.renewing.byCard(librarian, card)).rejects.toThrow('card_not_valid')
    expect(await renewals(actor.readerId)).toEqual([])
  })

  it('is no curator’s and no reader’s by card', () => {
    expect(() => authorise(network.curator, 'readers.renew')).toThrow('not_allowed')
    expect(() => authorise(reader.actor, 'readers.renew')).toThrow('not_allowed')
  })
})
