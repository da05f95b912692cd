import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionnaire } from '../../../tests/support/app.ts'
import { after, days } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import {
  apart,
  app,
  cardsOf,
  device,
  everythingOf,
  loansOf,
  made,
  merge,
  network,
  operator,
  pair,
  placeOf,
  providerPassword,
  reader,
  returnEverything,
  start,
  useMerging,
} from './merging.fixtures.ts'

useMerging()

describe('two records of one person', () => {
  it('become one that has all of both: each loan once, the newest places, one valid card', async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([keptShape, droppedShape]) => {
        await returnEverything()
        const [kept, dropped] = [await made(keptShape), await made(droppedShape)]
        const [loans, running] = [
          [...(await loansOf(kept)), ...(await loansOf(dropped))],
          new Map<string, Date>(),
        ]
        for (const loan of loans.filter(({ ended_at }) => !ended_at)) {
          const other = running.get(loan.publication_id)
          if (!other || other < loan.due_at) running.set(loan.publication_id, loan.due_at)
        }
        await merge(kept, dropped)
        const after = await loansOf(kept)
        expect(await loansOf(dropped)).toEqual([])
        expect(after.map(({ id }) => id)).toEqual(loans.map(({ id }) => id).toSorted())
        const goOn = after.filter(({ ended_at }) => !ended_at)
        expect(new Map(goOn.map((loan) => [loan.publication_id, loan.due_at]))).toEqual(running)
        for (const [place, day] of keptShape.read.entries()) {
          const newest = Math.max(day ?? 0, droppedShape.read[place] ?? 0)
          const expected = newest ? `epubcfi(/${newest})` : undefined
          expect((await placeOf(kept, place))?.locator).toBe(expected)
        }
        const valid = (await cardsOf(kept)).filter(({ state }) => state === 'issued')
        expect(valid).toHaveLength(keptShape.cards.includes('issued') ? 1 : 0)
        expect(await cardsOf(dropped)).toEqual([])
        const row = await reader(kept)
        expect([row.email !== null, row.phone !== null]).toEqual([
          keptShape.email || droppedShape.email,
          keptShape.phone || droppedShape.phone,
        ])
        expect((await providerPassword(kept)) !== undefined).toBe(keptShape.provider || droppedShape.provider)
      }),
      { numRuns: 25 },
    )
  })

  it('are again what they were when the merge is undone, to the last row', async () => {
    await fc.assert(
      fc.asyncProperty(pair, async ([keptShape, droppedShape]) => {
        await returnEverything()
        const [kept, dropped] = [await made(keptShape), await made(droppedShape)]
        const before = await everythingOf(kept, dropped)
        const { mergeId } = await merge(kept, dropped)
        await app.readers.unmerge(operator(), mergeId)
        expect(await everythingOf(kept, dropped)).toEqual(before)
      }),
      { numRuns: 40 },
    )
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })
})

describe('the dropped record', () => {
  it('signs nobody in, ends its sessions, isn’t listed; a scan of its number finds the kept one', async () => {
    const [kept, dropped] = [await made(), await made()]
    const [card] = await cardsOf(dropped)
    const number = card?.number ?? ''
    const session = await app.sessions.signInReader({ cardNumber: number, password: 'acdek234' }, device)
    const { full_name: name } = await reader(dropped)
    await merge(kept, dropped)
    expect(await app.sessions.actor(session.token)).toBeUndefined()
    await expect(
      app.sessions.signInReader({ cardNumber: number, password: 'acdek234' }, device),
    ).rejects.toThrow('wrong_credentials')
    const find = async (query: string, birthDate = '') =>
      (
        await app.readers.find(
          authorise(network.operator, 'readers.read'),
          authorise(network.operator, 'readers.find-exact'),
          { query, birthDate },
        )
      ).readers.map(({ id }) => id)
    expect(await find(name)).toEqual([])
    expect(await find(number)).toEqual([kept])
    expect(await find(name, '1990-03-05')).toEqual([kept])
    const record = await app.readers.open(authorise(network.operator, 'readers.read'), dropped)
    expect(record.mergedInto).toBe(kept)
  })

  it('leads a new questionnaire of that name to the kept one, also once it is removed', async () => {
    const name = `Иванов ${randomUUID().replace(/[^a-f]/g, '')}`
    const [dropped, kept] = [await made({}, name), await made({}, name, 1)]
    await merge(kept, dropped)
    const { id } = await app.applications.send(
      authorise(network.otherLibrarian, 'applications.write'),
      network.galich,
      questionnaire(network, { fullName: name, birthDate: '1990-03-05' }),
    )
    const likes = async () =>
      (await app.applications.likes(authorise(network.operator, 'applications.decide'), id)).readers
        .filter(({ certain }) => certain)
        .map(({ reader: { readerId } }) => readerId)
    expect(await likes()).toEqual([kept])
    app.setTime(after(start, days(30)))
    await app.readers.finishMerges()
    expect(await likes()).toEqual([kept])
    expect((await reader(kept)).namesake).toBe(0)
  })

  it('is removed after thirty days, its card’s number stays, and the merge can’t be undone any more', async () => {
    const [kept, dropped] = [await made(), await made({ loans: [0], read: [3] })]
    const [card] = await cardsOf(dropped)
    const { mergeId } = await merge(kept, dropped)
    app.setTime(after(start, days(30) - 1))
    expect(await app.readers.finishMerges()).toBe(0)
    app.setTime(after(start, days(30)))
    const twin = await app.twin()
    const finished = await Promise.all([app.readers.finishMerges(), twin.readers.finishMerges()])
    expect(finished.toSorted()).toEqual([0, 1])
    expect(await app.db.selectFrom('readers').select('id').where('id', '=', dropped).execute()).toEqual([])
    expect(await cardsOf(kept)).toContainEqual({ number: card?.number, state: 'replaced' })
    expect(await loansOf(kept)).toHaveLength(1)
    await expect(app.readers.unmerge(operator(), mergeId)).rejects.toThrow('merge_over')
    const { moved } = await app.db
      .selectFrom('reader_merges')
      .select('moved')
      .where('id', '=', mergeId)
      .executeTakeFirstOrThrow()
    expect(moved).toEqual({})
  })
})

describe('a merge', () => {
  it('tells the dropped record’s contacts nothing that was still waiting: it would be the kept one’s password', async () => {
    const kept = await made()
    const dropped = await made()
    const waiting = ['queued', 'sending'] as const
    const ids: string[] = []
    for (const state of waiting) {
      const { id } = await app.db
        .insertInto('messages')
        .values({
          channel: 'sms',
          event: 'reader.registered',
          recipient: '+79100000001',
          reader_id: dropped,
          state,
          created_at: start,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      ids.push(id)
    }
    await merge(kept, dropped)
    const states = await app.db
      .selectFrom('messages')
      .select(['id', 'state', 'fault'])
      .where('id', 'in', ids)
      .execute()
    expect(states.map(({ state, fault }) => [state, fault]).toSorted()).toEqual([
      ['failed', 'merged'],
      ['uncertain', 'merged'],
    ])
    // What nobody can know of a record that is no more is nothing to look after.
    expect((await app.watching.facts()).uncertain.count).toBe(0)
  })

  it('takes over who is known to be another person', async () => {
    const [kept, dropped, other] = [await made(), await made(), await made()]
    await app.readers.keepApart(operator(), [dropped, other])
    const { mergeId } = await merge(kept, dropped)
    expect(await apart(kept, other)).toHaveLength(1)
    await app.readers.unmerge(operator(), mergeId)
    expect(await apart(kept, other)).toEqual([])
    expect(await apart(dropped, other)).toHaveLength(1)
  })

  it('keeps the record whose card is valid', async () => {
    const [kept, dropped] = [await made({ cards: ['lost'] }), await made()]
    await expect(merge(kept, dropped)).rejects.toThrow('keep_valid_card')
    const { sides } = await app.readers.mergeView(operator(), [kept, dropped])
    expect(sides[0].keeping.possible).toBe(false)
    await merge(dropped, kept)
  })

  it('of two with other names and other birth dates needs the operator’s express word', async () => {
    const [kept, dropped] = [await made(), await made()]
    await app.pool.query(`update readers set birth_date = '1949-01-02' where id = $1`, [kept])
    await app.pool.query(
      `update readers set birth_date = '2010-07-09', phone = (select phone from readers where id = $2) where id = $1`,
      [dropped, kept],
    )
    expect((await app.readers.mergeView(operator(), [kept, dropped])).unlike).toBe(true)
    await expect(merge(kept, dropped, false)).rejects.toThrow('readers.unlike')
    await merge(kept, dropped, true)
  })

  it('isn’t one of a record with itself, with a merged one, or with one about to be destroyed', async () => {
    const [one, other, third] = [await made(), await made(), await made()]
    await expect(merge(one, one)).rejects.toThrow('merge_itself')
    await merge(one, other)
    await expect(merge(other, third)).rejects.toThrow('readers.gone')
    await expect(merge(third, other)).rejects.toThrow('readers.gone')
    await app.db
      .insertInto('destructions')
      .values({
        reader_id: third,
        card_numbers: [],
        library_id: network.bui,
        reason: 'revoked',
        asked_at: start,
        due_at: start,
      })
      .execute()
    await expect(merge(one, third)).rejects.toThrow('readers.leaving')
  })

  it('of two pressed at once, whichever way round, is one', async () => {
    const twin = await app.twin()
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await made(), await made()]
      const outcomes = await Promise.allSettled([
        merge(one, other),
        twin.readers.merge(operator(), { keptId: other, droppedId: one, unlike: true }),
      ])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })

  it('is shown before it is made: what goes over, what is lent twice, which card stops', async () => {
    await returnEverything()
    const [kept, dropped] = [
      await made({ loans: [9], read: [4, 5], provider: true, phone: true }),
      await made({ loans: [5, null, null, 0], read: [8, 3, 2], provider: true, phone: true, email: true }),
    ]
    const {
      sides: [{ keeping }],
    } = await app.readers.mergeView(operator(), [kept, dropped])
    const [card] = await cardsOf(dropped)
    expect(keeping).toEqual({
      loans: 2,
      lentTwice: 1,
      positions: 2,
      applications: 1,
      consents: 1,
      messages: 1,
      provider: 'stays',
      contacts: ['email'],
      replacedCard: card?.number,
      possible: true,
    })
  })
})
