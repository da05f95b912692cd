import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork
let book: string

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  book = await addBook(app, {})
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
const guardian = { guardianName: 'Орлова Ирина', guardianRelation: 'мама' }
/** Turns 14 on 10 December 2026. */
const child = () => registeredReader(app, network, { birthDate: '2012-12-10', ...guardian })
const publish = async (text: string) => {
  const { version } = await app.consents.texts.publish(authorise(network.admin, 'consents.publish'), {
    kind: 'processing',
    body: `{central} и {district}: ${text}\n`,
    basedOn: await newest(),
  })
  return version
}
const newest = async () => (await app.consents.current()).version
const consentsOf = (readerId: string) =>
  app.db
    .selectFrom('consents')
    .select(['kind', 'basis', 'channel', 'text_version', 'taken_by', 'taken_at', 'revoked_at'])
    .where('reader_id', '=', readerId)
    .orderBy('taken_at')
    .execute()
const actionsAbout = async (readerId: string) =>
  (await app.db.selectFrom('audit_log').select('action').where('subject_id', '=', readerId).execute()).map(
    ({ action }) => action,
  )

describe('coming of age', () => {
  it('asks on the 14th birthday, lets thirty days pass, then borrowing waits; reading goes on', async () => {
    const { actor } = await child()
    expect(await app.consents.question(actor, 'processing')).toBeUndefined()
    const loan = await at('2026-12-30T09:00:00Z', async () => {
      expect(await app.consents.question(actor, 'processing')).toMatchObject({
        own: true,
        due: { why: 'age', until: '2027-01-09', overdue: false },
      })
      return app.circulation.borrow(actor, book)
    })
    await at('2027-01-09T20:00:00Z', () => app.circulation.borrow(actor, book))
    await at('2027-01-10T09:00:00Z', async () => {
      await app.reading.position(actor, loan.id)
      await app.circulation.giveBack(actor, loan.id)
      await expect(app.circulation.borrow(actor, book)).rejects.toThrow('consents.needed')
      await app.consents.agree(actor, { kind: 'processing', version: await newest() })
      await app.circulation.borrow(actor, book)
      expect(await app.consents.question(actor, 'processing')).toBeUndefined()
    })
    expect(await consentsOf(actor.readerId)).toMatchObject([
      { basis: 'guardian', channel: 'paper' },
      { basis: 'self', channel: 'app', taken_by: null, taken_at: new Date('2027-01-10T09:00:00Z') },
    ])
    expect(await actionsAbout(actor.readerId)).toContain('consents.agree')
  })

  it('a child can’t agree in the app, and a second click makes no second consent', async () => {
    const { actor } = await child()
    const input = { kind: 'processing', version: await newest() } as const
    await expect(app.consents.agree(actor, input)).rejects.toThrow('needs_representative')
    await at('2026-12-10T09:00:00Z', async () => {
      await Promise.all([1, 2, 3].map(() => app.consents.agree(actor, input)))
    })
    expect(await consentsOf(actor.readerId)).toHaveLength(2)
  })

  it('is on the 18th birthday where teenagers sign together with a representative', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.from14', 'both'))
    try {
      const birthDate = '2008-12-10'
      await expect(registeredReader(app, network, { birthDate })).rejects.toThrow('representative_missing')
      const { actor } = await registeredReader(app, network, { birthDate, ...guardian })
      expect(await consentsOf(actor.readerId)).toMatchObject([{ basis: 'both' }])
      await at('2026-12-09T09:00:00Z', async () => {
        expect(await app.consents.question(actor, 'processing')).toBeUndefined()
      })
      await at('2026-12-10T09:00:00Z', async () => {
        expect((await app.consents.question(actor, 'processing'))?.due?.why).toBe('age')
      })
    } finally {
      await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.from14', 'self'))
    }
  })

  it('ends a representative’s consent to handing over: the reader is asked for his own', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.mode', 'both'))
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.name', 'Литбиблиотека'))
    const { actor } = await registeredReader(
      app,
      network,
      {
        birthDate: '2012-12-10',
        ...guardian,
        handoverGiven: true,
        handoverVersion: network.handoverVersion,
      },
      { providerNumber: '777', providerPassword: 'x' },
    )
    await at('2026-12-10T09:00:00Z', async () => {
      await app.consents.agree(actor, { kind: 'processing', version: await newest() })
      expect((await app.consents.given(actor)).filter(({ revokedAt }) => revokedAt)).toMatchObject([
        { kind: 'handover', basis: 'guardian' },
      ])
      // The provider's account went with it, and is to be closed there until he gives his own.
      expect(await standsAtProvider(actor)).toEqual(['to_close'])
      expect(await app.consents.question(actor, 'handover')).toMatchObject({ own: true, due: undefined })
      await app.consents.agree(actor, { kind: 'handover', version: network.handoverVersion })
      expect(await app.consents.question(actor, 'handover')).toBeUndefined()
      expect(await standsAtProvider(actor)).toEqual(['registered'])
    })
  })
})

const standsAtProvider = async ({ readerId }: { readerId: string }) => {
  const { rows } = await app.pool.query<{ state: string }>(
    `select state from provider_registrations where reader_id = $1
     union all select case when closed_at is null then 'to_close' else 'closed' end from provider_closings
       where reader_id = $1`,
    [readerId],
  )
  return rows.map(({ state }) => state)
}

describe('a new version of the text', () => {
  it('is asked for at the next visit, and agreeing to an older one is refused', async () => {
    const { actor } = await registeredReader(app, network)
    const before = await newest()
    await at('2026-11-25T09:00:00Z', async () => {
      const version = await publish('новая редакция')
      expect(await app.consents.question(actor, 'processing')).toMatchObject({
        version,
        due: { why: 'version', until: '2026-12-25' },
        body: expect.stringContaining('Областная библиотека'),
      })
      await expect(app.consents.agree(actor, { kind: 'processing', version: before })).rejects.toThrow(
        'text_changed',
      )
      await app.consents.agree(actor, { kind: 'processing', version })
      expect(await app.consents.question(actor, 'processing')).toBeUndefined()
    })
  })

  it('a child’s waits for paper and stops nothing', async () => {
    const { actor } = await child()
    await at('2026-11-26T09:00:00Z', () => publish('ещё одна'))
    await at('2026-12-09T09:00:00Z', async () => {
      expect(await app.consents.question(actor, 'processing')).toMatchObject({
        own: false,
        due: { why: 'version', basis: 'guardian', overdue: false },
      })
      await app.circulation.borrow(actor, book)
    })
  })
})

describe('a consent on paper', () => {
  const paper = async () => ({
    kind: 'processing' as const,
    version: await newest(),
    signed: true,
    guardianName: '',
    guardianRelation: '',
  })

  it('is recorded by the reader’s librarian, once, with whoever signed', async () => {
    const { actor } = await child()
    const librarian = authorise(network.librarian, 'consents.record')
    await at('2026-12-09T09:00:00Z', async () => {
      await expect(app.consents.recordPaper(librarian, actor.readerId, await paper())).rejects.toThrow(
        'guardian_missing',
      )
    })
    await at('2026-12-10T09:00:00Z', async () => {
      await app.consents.recordPaper(librarian, actor.readerId, await paper())
      await app.consents.recordPaper(librarian, actor.readerId, await paper())
      expect(await app.consents.question(actor, 'processing')).toBeUndefined()
    })
    const own = (await consentsOf(actor.readerId)).filter(({ basis }) => basis === 'self')
    expect(own).toMatchObject([{ channel: 'paper', taken_by: network.librarian.staffId }])
  })

  it('another library’s librarian records it only after an exact look-up by the card', async () => {
    const { actor, card } = await registeredReader(app, network)
    await at('2026-11-27T09:00:00Z', async () => {
      await publish(`редакция для ${card.slice(-4)}`)
      const stranger = authorise(network.otherLibrarian, 'consents.record')
      await expect(app.consents.recordPaper(stranger, actor.readerId, await paper())).rejects.toThrow(
        'not_found',
      )
      await app.readers.find(
        authorise(network.otherLibrarian, 'readers.read'),
        authorise(network.otherLibrarian, 'readers.find-exact'),
        { query: card, birthDate: '' },
      )
      await app.consents.recordPaper(stranger, actor.readerId, await paper())
    })
  })

  it('names a text of its own kind that the region has', async () => {
    const { actor } = await registeredReader(app, network)
    const operator = authorise(network.operator, 'consents.record')
    for (const version of [network.handoverVersion, 9999]) {
      const input = { ...(await paper()), version }
      await expect(app.consents.recordPaper(operator, actor.readerId, input)).rejects.toThrow('text_unknown')
    }
  })
})
