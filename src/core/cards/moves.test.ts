import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { unheardName } from '../../../tests/support/registered-reader.ts'
import { writeSetting } from '../settings/settings.ts'
import { after, days } from '../shared/clock.ts'
import { inTransaction, sql } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import { authorise } from '../staff/actors.ts'
import type { CardStanding, CardState } from './moves.ts'
import { cardMoves, cardStates, moveCards } from './moves.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  // Everything that ever happens to a card, as the database saw it.
  await sql`create table card_log (number text, was text, now text)`.execute(app.db)
  await sql`create function log_card() returns trigger language plpgsql as $$
    begin
      insert into card_log values (new.number, case tg_op when 'INSERT' then 'new' else old.state end, new.state);
      return null;
    end $$`.execute(app.db)
  await sql`create trigger log_card after insert or update of state on cards
    for each row execute function log_card()`.execute(app.db)
  await inTransaction(app.db, (tx) => writeSetting(tx, 'cards.validYears', 1))
  await inTransaction(app.db, (tx) => writeSetting(tx, 'readers.renewDays', 3660))
})
afterAll(() => app.dispose())

const operator = <P extends Parameters<typeof authorise>[1]>(permission: P) =>
  authorise(network.operator, permission)

/** One of those that there are, whatever number was drawn. */
const one = <Row>(rows: readonly Row[], drawn: number): Row | undefined => rows[drawn % rows.length]
const numbersIn = async (...states: CardState[]) => {
  const rows = await app.db.selectFrom('cards').select('number').where('state', 'in', states).execute()
  return rows.map(({ number }) => number)
}
const questionnaires = () =>
  app.db.selectFrom('applications').select(['id', 'revision', 'state', 'undo_until']).orderBy('id').execute()
/** Cards that readers have or had, those of the last few: so that things happen to one card again and again. */
const held = (...states: CardState[]) =>
  app.db
    .selectFrom('cards')
    .select(['number', 'reader_id as readerId'])
    .where('reader_id', 'is not', null)
    .where('state', 'in', states)
    .orderBy('issued_at', 'desc')
    .orderBy('number')
    .limit(8)
    .$narrowType<{ readerId: string }>()
    .execute()
const plain = { providerNumber: '', providerPassword: '' }

/** What people do with cards; each takes two drawn numbers, and may be refused. */
const deeds: Record<string, (a: number, b: number) => Promise<unknown>> = {
  make: (a) =>
    app.cards.makeBatch(operator('cards.manage'), {
      formKey: randomUUID(),
      libraryId: network.bui,
      count: 1 + (a % 3),
    }),
  takeOver: async (a) => {
    const { rows } = await sql<{ next: number }>`select count(*)::int as next from cards`.execute(app.db)
    const first = `A${String((rows[0]?.next ?? 0) * 1000 + a).padStart(9, '0')}`
    const range = { first, last: first, check: 'none' } as const
    return app.cards.takeOver(operator('cards.manage'), {
      formKey: randomUUID(),
      libraryId: network.bui,
      ...range,
    })
  },
  receive: async (a) => {
    const number = one(await numbersIn('made'), a) ?? ''
    return app.cards.receive(operator('cards.stock'), { libraryId: network.bui, first: number, last: number })
  },
  writeOff: async (a) => {
    const first = one(await numbersIn(...cardStates), a) ?? ''
    const reason = 'damaged' as const
    return app.cards.writeOff(operator('cards.stock'), {
      libraryId: network.bui,
      first,
      last: undefined,
      reason,
    })
  },
  send: async (a, b) =>
    app.applications.send(
      operator('applications.write'),
      network.bui,
      questionnaire(network, {
        fullName: unheardName(),
        stockCard: b % 3 === 0 ? undefined : one(await numbersIn('stock', 'reserved', 'issued'), a),
      }),
    ),
  register: async (a) => {
    const waiting = one(
      (await questionnaires()).filter(({ state }) => state === 'sent'),
      a,
    )
    return (
      waiting &&
      app.applications.register(operator('applications.decide'), waiting.id, {
        revision: waiting.revision,
        ...plain,
        anotherPerson: false,
      })
    )
  },
  same: async (a, b) => {
    const waiting = one(
      (await questionnaires()).filter(({ state }) => state === 'sent'),
      a,
    )
    const reader = one(await held('issued', 'blocked'), b)
    return (
      waiting &&
      reader &&
      app.applications.same(operator('applications.decide'), waiting.id, {
        revision: waiting.revision,
        readerId: reader.readerId,
        replaceEmail: false,
        replacePhone: false,
        moveLibrary: false,
      })
    )
  },
  refuse: async (a) => {
    const waiting = one(
      (await questionnaires()).filter(({ state }) => state === 'sent'),
      a,
    )
    const decision = { revision: waiting?.revision ?? 0, reason: 'нет' }
    return waiting && app.applications.refuse(operator('applications.decide'), waiting.id, decision)
  },
  undo: async (a) => {
    const decided = one(
      (await questionnaires()).filter(({ state }) => state !== 'sent'),
      a,
    )
    const seen = { revision: decided?.revision ?? 0 }
    return decided && app.applications.undo(operator('applications.decide'), decided.id, seen)
  },
  replace: async (a, b) => {
    const card = one(await held('issued', 'blocked'), a)
    return (
      card &&
      app.readers.replaceCard(operator('cards.replace'), card.readerId, {
        card: card.number,
        ending: (['lost', 'damaged', 'replaced'] as const)[b % 3] ?? 'lost',
        stockCard: b % 2 === 0 ? undefined : one(await numbersIn('stock', 'reserved'), b),
        signOut: false,
      })
    )
  },
  block: async (a) => {
    const card = one(await held(...cardStates), a)
    return card && app.readers.blockCard(operator('cards.replace'), card.readerId, card.number)
  },
  unblock: async (a, b) => {
    const blocked = one(await held('blocked'), a)
    // Any card of a reader who has a blocked one: the lost card that it has taken the place of, too.
    const cards = (await held(...cardStates)).filter(({ readerId }) => readerId === blocked?.readerId)
    const card = one(cards, b)
    return card && app.readers.unblockCard(operator('cards.replace'), card.readerId, card.number)
  },
  extend: async (a) => {
    const card = one(await held(...cardStates), a)
    return card && app.readers.extendCard(operator('cards.replace'), card.readerId, card.number)
  },
  merge: async (a, b) => {
    const [kept, dropped] = [one(await held('issued', 'blocked'), a), one(await held('issued', 'blocked'), b)]
    return (
      kept &&
      dropped &&
      app.readers.merge(operator('readers.merge'), {
        keptId: kept.readerId,
        droppedId: dropped.readerId,
        unlike: true,
      })
    )
  },
  unmerge: async (a) => {
    const merges = await app.db
      .selectFrom('reader_merges')
      .select('id')
      .where('undone_at', 'is', null)
      .execute()
    const merge = one(merges, a)
    return merge && app.readers.unmerge(operator('readers.merge'), merge.id)
  },
  revoke: async (a) => {
    const card = one(await held('issued'), a)
    const actor = { kind: 'reader', readerId: card?.readerId ?? '', fullName: '', birthDate: '' } as const
    return card && app.destructions.revokeOwn(actor)
  },
  callOff: async (a) => {
    const open = await app.db
      .selectFrom('destructions')
      .select('id')
      .where('called_off_at', 'is', null)
      .where('done_at', 'is', null)
      .execute()
    const found = one(open, a)
    const reason = 'передумал'
    return found && app.destructions.callOff(operator('destructions.decide'), { id: found.id, reason })
  },
  wait: async (a) => app.setTime(after(app.clock(), days(a % 200))),
}

const mayGo = (was: keyof typeof cardMoves, now: CardStanding) =>
  (cardMoves[was] as readonly CardStanding[]).includes(now) ||
  // An expired card is kept as an issued one.
  (was === 'issued' && (cardMoves.expired as readonly CardStanding[]).includes(now))

/** What is done to a card whose earlier one must stay what it is. */
const often = ['replace', 'replace', 'block', 'block', 'unblock', 'unblock', 'unblock']

describe('the ways of a card', () => {
  it('whatever people do and in whatever order: none but those of the table, one valid card, no number twice', async () => {
    const deed = fc.record({
      name: fc.constantFrom(...Object.keys(deeds), ...often),
      a: fc.nat(1000),
      b: fc.nat(1000),
    })
    /** So that every walk has something to go on with. */
    const beginning = ['make', 'receive', 'send', 'send', 'register', 'register'].map((name) => ({
      name,
      a: 2,
      b: 2,
    }))
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 10, maxLength: 30 }), async (walk) => {
        for (const { name, a, b } of [...beginning, ...walk]) {
          await deeds[name]?.(a, b).catch((error: unknown) => {
            if (!isExpected(error)) throw error
          })
        }
        const { rows: ways } = await sql<{ was: keyof typeof cardMoves; now: CardState }>`
          select distinct was, now from card_log where was <> now`.execute(app.db)
        expect(ways.filter(({ was, now }) => !mayGo(was, now))).toEqual([])
        const { rows: twice } = await sql`
          select reader_id from cards where state = 'issued' group by reader_id having count(*) > 1
          union all select null from card_log where was = 'new' group by number having count(*) > 1`.execute(
          app.db,
        )
        expect(twice).toEqual([])
      }),
      { numRuns: 12, endOnFailure: true },
    )
    const { rows } = await sql<{ ways: number }>`
      select count(distinct (was, now))::int as ways from card_log where was <> now`.execute(app.db)
    // The walks have come about: most ways of the table were gone.
    expect(rows[0]?.ways).toBeGreaterThan(12)
  })

  it('are those of the table for whoever writes a state: another one is a fault of the program', async () => {
    await expect(
      inTransaction(app.db, (tx) => moveCards(tx, 'lost', 'issued').where('number', '=', '').execute()),
    ).rejects.toThrow('lost to issued')
    for (const was of cardStates)
      for (const now of cardStates) {
        const ways: readonly CardStanding[] = cardMoves[was]
        if (!ways.includes(now))
          expect(() => moveCards(app.db as never, was, now)).toThrow(`${was} to ${now}`)
      }
  })

  it('end where a card is lost, damaged, annulled or written off: its number is nobody’s for ever', () => {
    const ends = cardStates.filter((state) => cardMoves[state].length === 0)
    expect(ends).toEqual(['written_off', 'lost', 'damaged', 'annulled'])
  })
})
