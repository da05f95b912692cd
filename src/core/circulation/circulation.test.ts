import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { addReader } from '../../../tests/support/people-and-books.ts'
import { sql } from '../shared/db.ts'
import { openLoan } from './circulation.queries.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const reader = (birthDate?: string) => addReader(app, network.bui, birthDate)

async function publication(copies: number | 'open' | null, ageMark: number | null = 0): Promise<string> {
  const { id } = await app.db
    .insertInto('publications')
    .values({ title: 'Книга', age_mark: ageMark, added_at: app.clock(), words: sql<string>`''::tsvector` })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (copies !== null) {
    await app.db
      .insertInto('licences')
      .values({
        publication_id: id,
        kind: copies === 'open' ? 'open' : 'copies',
        copies: copies === 'open' ? null : copies,
        added_at: app.clock(),
      })
      .execute()
  }
  return id
}

const outOf = async (publicationId: string) => {
  const { n } = await app.db
    .selectFrom('loans')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('publication_id', '=', publicationId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(n)
}

describe('lending', () => {
  it('is for 14 days, to the end of the last one in the region', async () => {
    const loan = await app.circulation.borrow(await reader(), await publication(1))
    expect(loan.dueAt.toISOString()).toBe('2026-12-08T20:59:59.999Z')
  })

  it('never lends more copies than the licence allows, however many ask at once through two processes', async () => {
    const other = await app.twin()
    const id = await publication(3)
    const readers = await Promise.all(Array.from({ length: 20 }, () => reader()))
    const outcomes = await Promise.allSettled(
      readers.map((each, index) => (index % 2 ? app : other).circulation.borrow(each, id)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(await outOf(id)).toBe(3)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(String(outcome.reason)).toContain('no_free_copy')
    }
  })

  it('an open licence lends to everybody', async () => {
    const id = await publication('open')
    for (let round = 0; round < 5; round += 1) await app.circulation.borrow(await reader(), id)
    expect(await outOf(id)).toBe(5)
  })

  it('without a licence nothing is lent', async () => {
    await expect(app.circulation.borrow(await reader(), await publication(null))).rejects.toThrow(
      'no_free_copy',
    )
  })

  it('asking again, also twice at once, gives the same loan', async () => {
    const someone = await reader()
    const id = await publication(2)
    const loans = await Promise.all([1, 2, 3].map(() => app.circulation.borrow(someone, id)))
    expect(new Set(loans.map((loan) => loan.id)).size).toBe(1)
    expect(await outOf(id)).toBe(1)
  })

  it('a reader has at most five at a time, also when borrowing at once', async () => {
    const someone = await reader()
    const ids = await Promise.all(Array.from({ length: 8 }, () => publication(1)))
    const outcomes = await Promise.allSettled(ids.map((id) => app.circulation.borrow(someone, id)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
  })

  it('a publication above the reader’s age, or without a mark for a minor, isn’t there for him', async () => {
    const child = await reader('2014-11-25')
    await expect(app.circulation.borrow(child, await publication(1, 12))).rejects.toThrow('not_found')
    await expect(app.circulation.borrow(child, await publication(1, null))).rejects.toThrow('not_found')
    await app.circulation.borrow(child, await publication(1, 6))
  })
})

describe('the end of a loan', () => {
  it('a returned copy can be lent at once, and its text is closed', async () => {
    const [first, second] = [await reader(), await reader()]
    const id = await publication(1)
    const loan = await app.circulation.borrow(first, id)
    await openLoan(app.db, app.clock, first, loan.id)
    await app.circulation.giveBack(first, loan.id)
    await expect(openLoan(app.db, app.clock, first, loan.id)).rejects.toThrow('not_lent')
    await app.circulation.borrow(second, id)
  })

  it('another reader can neither open nor return it', async () => {
    const [owner, stranger] = [await reader(), await reader()]
    const loan = await app.circulation.borrow(owner, await publication(1))
    await expect(openLoan(app.db, app.clock, stranger, loan.id)).rejects.toThrow('not_lent')
    await expect(app.circulation.giveBack(stranger, loan.id)).rejects.toThrow('not_found')
    await openLoan(app.db, app.clock, owner, loan.id)
  })

  it('after the due moment the book closes and the copy is free, before any job has run', async () => {
    const [first, second] = [await reader(), await reader()]
    const id = await publication(1)
    const loan = await app.circulation.borrow(first, id)
    try {
      app.setTime(loan.dueAt)
      await expect(openLoan(app.db, app.clock, first, loan.id)).rejects.toThrow('not_lent')
      expect(await app.circulation.shelf(first)).toEqual([])
      await app.circulation.borrow(second, id)
      expect(await app.circulation.closeDueLoans()).toBeGreaterThan(0)
      const row = await app.db
        .selectFrom('loans')
        .select(['ended_at', 'end_reason'])
        .where('id', '=', loan.id)
        .executeTakeFirstOrThrow()
      expect(row).toEqual({ ended_at: loan.dueAt, end_reason: 'due' })
      await app.circulation.borrow(first, await publication(1))
    } finally {
      app.setTime(testStart)
    }
  })
})
