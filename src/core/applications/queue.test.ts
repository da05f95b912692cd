import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { addDays, ageOn } from '../shared/calendar.ts'
import { after, days, hours } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import type { SendInput } from './applications.schemas.ts'
import type { QueueFilter } from './queue.ts'
import { ageGroups, birthDatesOf, queueSchema } from './queue.ts'
import { pageSize } from './queue.queries.ts'
import { estimateWait } from './waiting.ts'

let app: TestApp
let network: TestNetwork

beforeEach(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  return () => app.dispose()
})

const now = new Date(testStart)
const reader = () => authorise(network.operator, 'applications.read')
const decider = () => authorise(network.operator, 'applications.decide')

/** A questionnaire that has waited so long; the clock is back at now afterwards. */
async function waitingFor(time: number, change: Partial<SendInput> = {}, library = network.bui) {
  app.setTime(after(now, -time))
  const actor = authorise(network.operator, 'applications.write')
  const input = questionnaire(network, {
    fullName: `Кузнецова ${randomUUID().replaceAll(/[^a-f]/g, '')}`,
    guardianName: 'Мама',
    guardianRelation: 'мама',
    ...change,
  })
  const { id } = await app.applications.send(actor, library, input)
  app.setTime(now)
  return id
}
const listed = async (filter: QueueFilter) =>
  (await app.queue.list(reader(), filter)).rows.map(({ id }) => id)

describe('age groups', () => {
  const date = fc.integer({ min: 0, max: 40_000 }).map((count) => addDays('1920-01-01', count))

  it('hold everybody exactly once, by the full years of the day', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 40_000 }), (born, lived) => {
        expectRightGroup(born, addDays(born, lived))
      }),
    )
  })

  it('hold those born on or before a 29 February, too', () => {
    for (const [born, day] of [
      ['2014-02-28', '2028-02-29'],
      ['2014-03-01', '2028-02-29'],
      ['2012-02-29', '2026-02-28'],
      ['2012-02-29', '2026-03-01'],
    ] as const)
      expectRightGroup(born, day)
  })

  function expectRightGroup(born: string, day: string) {
    const age = ageOn(born, day)
    const within = ageGroups.filter((group) => {
      const { after: from, until } = birthDatesOf(group, day)
      return born <= until && (from === undefined || born > from)
    })
    expect(within, `${born} on ${day}`).toEqual([age < 14 ? 'child' : age < 18 ? 'teen' : 'adult'])
  }
})

describe('the queue', () => {
  it('is narrowed by library, by age and by how long they wait', async () => {
    const child = await waitingFor(hours(1), { birthDate: '2012-11-25' })
    const teen = await waitingFor(hours(25), { birthDate: '2012-11-24' })
    const adult = await waitingFor(hours(49), { birthDate: '2008-11-24' }, network.galich)
    expect(await listed({ state: 'sent' })).toEqual([adult, teen, child])
    expect(await listed({ state: 'sent', library: network.galich })).toEqual([adult])
    expect(await listed({ state: 'sent', age: 'child' })).toEqual([child])
    expect(await listed({ state: 'sent', age: 'teen' })).toEqual([teen])
    expect(await listed({ state: 'sent', age: 'adult' })).toEqual([adult])
    expect(await listed({ state: 'sent', waits: 'day' })).toEqual([adult, teen])
    expect(await listed({ state: 'sent', waits: 'over' })).toEqual([adult])
    expect(await listed({ state: 'sent', waits: 'over', library: network.bui })).toEqual([])
    const counts = await app.queue.counts(reader(), { age: 'teen' })
    expect(counts).toMatchObject({ overDay: 1, overdue: 0, oldestSentAt: after(now, -hours(25)) })
    expect(counts.states).toMatchObject({ sent: 1, returned: 0 })
    const overdue = (await app.queue.list(reader(), { state: 'sent' })).rows.map((row) => row.overdue)
    expect(overdue).toEqual([true, false, false])
  })

  it('shows a librarian no other library’s, whatever the filter asks for', async () => {
    await waitingFor(hours(1), {}, network.galich)
    const own = await waitingFor(hours(1))
    const librarian = authorise(network.librarian, 'applications.read')
    const pages = await Promise.all([
      app.queue.list(librarian, { state: 'all' }),
      app.queue.list(librarian, { state: 'sent', library: network.galich }),
    ])
    expect(pages.map(({ rows }) => rows.map(({ id }) => id))).toEqual([[own], []])
    expect((await app.queue.counts(librarian)).states.sent).toBe(1)
  })

  it('is turned page by page, each questionnaire once, also those sent at one moment and decided meanwhile', async () => {
    const sent: string[] = []
    for (let n = 0; n < pageSize * 2 + 7; n += 1) sent.push(await waitingFor(hours(n < 60 ? 2 : 1)))
    for (const state of ['sent', 'all'] as const) {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page = await app.queue.list(reader(), { state, after: cursor })
        expect(page.rows.length).toBeLessThanOrEqual(pageSize)
        seen.push(...page.rows.map(({ id }) => id))
        cursor = page.next
        if (cursor && state === 'sent') {
          const { revision } = await app.applications.details(reader(), cursor)
          await app.applications.refuse(decider(), cursor, { revision, reason: 'x' })
        }
      } while (cursor)
      expect(seen.length).toBe(sent.length)
      expect(new Set(seen)).toEqual(new Set(sent))
    }
  })

  it('takes what an address says that nobody understands for nothing asked', () => {
    expect(queueSchema.parse({ state: 'x', library: '1', age: 'old', waits: '', after: "'" })).toEqual({
      state: undefined,
      library: undefined,
      age: undefined,
      waits: undefined,
      after: undefined,
    })
  })
})

describe('the estimate', () => {
  it('says plainly that there is no experience with fewer than ten answers', () => {
    expect(estimateWait([], 3)).toEqual({ known: false, ahead: 3 })
    expect(estimateWait(Array(9).fill(hours(1)), 0)).toEqual({ known: false, ahead: 0 })
  })

  it('names times within which half and nine of ten really were answered, and no longer ones than needed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: days(30) }), { minLength: 10, maxLength: 60 }),
        (waited) => {
          const estimate = estimateWait(waited, 0)
          if (!estimate.known) throw new Error('ten are enough')
          for (const [time, share] of [
            [estimate.half, 0.5],
            [estimate.mostly, 0.9],
          ] as const) {
            const within = waited.filter((each) => each <= time).length
            const sooner = waited.filter((each) => each < time).length
            expect(within).toBeGreaterThanOrEqual(waited.length * share)
            expect(sooner).toBeLessThan(waited.length * share)
          }
        },
      ),
    )
  })

  it('counts the last two weeks’ answers and who waits before', async () => {
    for (let n = 0; n < 10; n += 1) {
      const id = await waitingFor(hours(n + 1))
      await app.applications.refuse(decider(), id, { revision: 1, reason: 'x' })
    }
    const [old] = [await waitingFor(days(20)), await waitingFor(hours(3), {}, network.galich)]
    const own = await waitingFor(hours(2))
    const librarian = authorise(network.librarian, 'applications.read')
    expect(await app.queue.estimate(librarian, own)).toEqual({
      known: true,
      ahead: 2,
      half: hours(5),
      mostly: hours(9),
    })
    expect(await app.queue.estimate(librarian)).toMatchObject({ ahead: 0 })
    const stranger = authorise(network.otherLibrarian, 'applications.read')
    expect(await app.queue.estimate(stranger, old)).toBeUndefined()
    app.setTime(after(now, days(15)))
    expect(await app.queue.estimate(librarian, own)).toEqual({ known: false, ahead: 2 })
  })
})

describe('a library’s desk', () => {
  it('tells for a week what the central library has refused or taken out of the queue', async () => {
    const lately = (actor = network.librarian) => app.queue.endedLately(authorise(actor, 'applications.read'))
    const [refused, withdrawn, own] = [
      await waitingFor(hours(1)),
      await waitingFor(hours(1)),
      await waitingFor(hours(1)),
    ]
    const input = { revision: 1, reason: 'x' }
    await app.applications.refuse(decider(), refused, input)
    await app.applications.withdraw(authorise(network.operator, 'applications.write'), withdrawn, input)
    await app.applications.withdraw(authorise(network.librarian, 'applications.write'), own, input)
    app.setTime(after(now, days(7) - 1))
    expect(await lately()).toEqual({ refused: 1, withdrawn: 1 })
    expect(await lately(network.otherLibrarian)).toEqual({ refused: 0, withdrawn: 0 })
    app.setTime(after(now, days(7)))
    expect(await lately()).toEqual({ refused: 0, withdrawn: 0 })
  })
})

describe('a possible duplicate', () => {
  const person = { fullName: 'Семёнова-Белова Ольга', birthDate: '1970-07-07' }
  const register = (id: string) =>
    app.applications.register(decider(), id, {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    })
  const marked = async (actor = reader()) => {
    const { rows } = await app.queue.list(actor, { state: 'sent' })
    return rows.filter((row) => row.possibleDuplicate).map(({ id }) => id)
  }

  it('is marked in the queue and on its page before anybody has tried to register it', async () => {
    const first = await waitingFor(hours(3), person)
    const [second, , other] = [
      await waitingFor(hours(2), { ...person, fullName: 'БЕЛОВА СЕМЕНОВА ОЛЬГА' }),
      await waitingFor(hours(1), { ...person, birthDate: '1970-07-08' }),
      await waitingFor(hours(1), person, network.galich),
    ]
    expect(await marked()).toEqual([])
    const { readerId } = await register(first)
    expect(await marked()).toEqual([second, other])
    expect(await app.applications.details(reader(), second)).toMatchObject({ possibleDuplicate: true })
    // Taken back, the record is gone, and with it the mark.
    await app.applications.undo(decider(), first, { revision: 2 })
    expect(await marked()).toEqual([])
    expect(await app.db.selectFrom('readers').select('id').where('id', '=', readerId).execute()).toEqual([])
  })

  it('tells a librarian of another library’s reader only once an operator has come upon it', async () => {
    await register(await waitingFor(hours(3), person, network.galich))
    const id = await waitingFor(hours(2), person)
    const librarian = authorise(network.librarian, 'applications.read')
    expect(await marked()).toEqual([id])
    expect(await marked(librarian)).toEqual([])
    await expect(register(id)).rejects.toThrow('possible_duplicate')
    expect(await marked(librarian)).toEqual([id])
  })
})

describe('questionnaires that wait too long', () => {
  const letters = async () => {
    const rows = await app.db
      .selectFrom('messages')
      .select(['id', 'recipient'])
      .where('event', '=', 'central.overdue')
      .execute()
    for (const { id } of rows) await app.messages.send(id)
    return (await app.messages.outbox()).filter(({ subject }) => subject === 'Анкеты ждут слишком долго')
  }

  it('are told to the central library once each, by one letter without a name', async () => {
    const fullName = 'Тихонова Вера Павловна'
    await waitingFor(hours(49), { fullName })
    await waitingFor(hours(60))
    await waitingFor(hours(47))
    expect(await app.queue.tellOverdue()).toBe(2)
    expect(await app.queue.tellOverdue()).toBe(0)
    const [letter, ...more] = await letters()
    expect(more).toEqual([])
    expect(letter).toMatchObject({ to: 'library001@library.test' })
    expect(letter?.text).toContain('Дольше 48 ч решения ждут анкеты: 2.')
    expect(letter?.text).not.toContain('Тихонова')

    app.setTime(after(now, hours(2)))
    expect(await app.queue.tellOverdue()).toBe(1)
    expect(await letters()).toHaveLength(2)
  })

  it('are told again when they were returned, sent anew and wait too long once more', async () => {
    const id = await waitingFor(hours(49))
    await app.queue.tellOverdue()
    await app.applications.return(decider(), id, { revision: 1, reason: 'x' })
    await app.applications.resend(authorise(network.operator, 'applications.write'), id, {
      ...questionnaire(network),
      revision: 2,
    })
    expect(await app.queue.tellOverdue()).toBe(0)
    app.setTime(after(now, hours(49)))
    expect(await app.queue.tellOverdue()).toBe(1)
  })

  it('wait to be told until there is an address, and two jobs at once tell them once', async () => {
    await waitingFor(hours(49))
    const central = app.db.updateTable('libraries').where('id', '=', network.central)
    await central.set({ email: '' }).execute()
    expect(await app.queue.tellOverdue()).toBe(0)
    await central.set({ email: 'central@library.test' }).execute()
    const other = await app.twin()
    const told = await Promise.all([app.queue.tellOverdue(), other.queue.tellOverdue()])
    expect(told.toSorted()).toEqual([0, 1])
    expect(await letters()).toHaveLength(1)
  })
})
