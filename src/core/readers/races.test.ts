import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { inLine } from '../../../tests/support/in-line.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { writeSetting } from '../settings/settings.ts'
import { after, days } from '../shared/clock.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const merger = () => authorise(network.operator, 'readers.merge')
const book = () => addBook(app, { metadata: `<dc:title>Книга ${randomUUID()}</dc:title>` })
const idOf = ({ actor }: RegisteredReader) => actor.readerId
const revoke = (reader: RegisteredReader) => () => app.destructions.revokeOwn(reader.actor)
const merge = (kept: RegisteredReader, dropped: RegisteredReader) => () =>
  app.readers.merge(merger(), { keptId: idOf(kept), droppedId: idOf(dropped), unlike: true })

type Table = 'sessions' | 'loans' | 'reading_positions' | 'correction_requests' | 'consents'
const rowsOf = (table: Table, reader: RegisteredReader) =>
  app.db.selectFrom(table).selectAll().where('reader_id', '=', idOf(reader)).execute()
const mergedInto = async (reader: RegisteredReader) => {
  const row = await app.db
    .selectFrom('readers')
    .select('merged_into')
    .where('id', '=', idOf(reader))
    .executeTakeFirstOrThrow()
  return row.merged_into
}
const undoOf = (reader: RegisteredReader) => () =>
  app.applications.undo(authorise(network.operator, 'applications.decide'), reader.applicationId, {
    revision: 2,
  })
const pair = async () => [await registeredReader(app, network), await registeredReader(app, network)] as const

describe('a revocation', () => {
  const signIn = (reader: RegisteredReader) => () =>
    app.sessions.signInReader(
      { cardNumber: reader.card, password: reader.password },
      { address: '203.0.113.7', userAgent: 'Firefox' },
    )

  it('leaves no session to a sign-in of the same moment', async () => {
    const reader = await registeredReader(app, network)
    expect(await inLine(app, idOf(reader), revoke(reader), signIn(reader))).toEqual([
      'done',
      'sessions.wrong_credentials',
    ])
    expect(await rowsOf('sessions', reader)).toEqual([])
  })

  it('ends the session of a sign-in that was faster', async () => {
    const reader = await registeredReader(app, network)
    expect(await inLine(app, idOf(reader), signIn(reader), revoke(reader))).toEqual(['done', 'done'])
    expect(await rowsOf('sessions', reader)).toEqual([])
  })

  it('keeps a merge from being undone: half of a person doesn’t come back', async () => {
    const [kept, dropped] = await pair()
    const { mergeId } = await merge(kept, dropped)()
    const unmerge = () => app.readers.unmerge(merger(), mergeId)
    expect(await inLine(app, idOf(kept), revoke(kept), unmerge)).toEqual(['done', 'readers.leaving'])
    expect(await mergedInto(dropped)).toBe(idOf(kept))
    expect((await rowsOf('consents', kept)).every(({ revoked_at }) => revoked_at)).toBe(true)
  })

  it('after an unmerge that was faster is of one of the two', async () => {
    const [kept, dropped] = await pair()
    const { mergeId } = await merge(kept, dropped)()
    const unmerge = () => app.readers.unmerge(merger(), mergeId)
    expect(await inLine(app, idOf(kept), unmerge, revoke(kept))).toEqual(['done', 'done'])
    expect((await rowsOf('consents', kept)).every(({ revoked_at }) => revoked_at)).toBe(true)
    expect((await rowsOf('consents', dropped)).some(({ revoked_at }) => revoked_at)).toBe(false)
  })

  it('keeps the registration from being taken back: its record is to be destroyed with a proof', async () => {
    const reader = await registeredReader(app, network)
    const undo = undoOf(reader)
    expect(await inLine(app, idOf(reader), revoke(reader), undo)).toEqual(['done', 'readers.leaving'])
    expect(await mergedInto(reader)).toBeNull()
    await expect(undo()).rejects.toThrow('readers.leaving')
  })
})

describe('a merge leaves nothing behind on the dropped record, whoever is faster:', () => {
  const lend = async (reader: RegisteredReader) => app.circulation.borrow(reader.actor, await book())

  it('a loan', async () => {
    const [kept, dropped] = await pair()
    const [late, early] = [await book(), await book()]
    const borrow = (id: string) => () => app.circulation.borrow(dropped.actor, id)
    expect(await inLine(app, idOf(dropped), borrow(early), merge(kept, dropped), borrow(late))).toEqual([
      'done',
      'done',
      'shared.not_found',
    ])
    expect(await rowsOf('loans', dropped)).toEqual([])
    expect((await rowsOf('loans', kept)).map((loan) => loan.publication_id)).toEqual([early])
  })

  it('a place in a book', async () => {
    const [kept, dropped] = await pair()
    const [begun, read, fresh] = [await lend(dropped), await lend(dropped), await lend(dropped)]
    const save = (loan: string, revision: number) => () =>
      app.reading.savePosition(dropped.actor, loan, {
        locator: `epubcfi(/6/${revision + 2}!/4/2)`,
        fraction: 0.5,
        revision,
      })
    await save(begun.id, 0)()
    await save(read.id, 0)()
    expect(
      await inLine(
        app,
        idOf(dropped),
        save(read.id, 1),
        merge(kept, dropped),
        save(begun.id, 1),
        save(fresh.id, 0),
      ),
    ).toEqual(['done', 'done', 'circulation.not_lent', 'circulation.not_lent'])
    const places = await rowsOf('reading_positions', kept)
    expect(new Map(places.map((place) => [place.publication_id, place.locator]))).toEqual(
      new Map([
        [begun.publicationId, 'epubcfi(/6/2!/4/2)'],
        [read.publicationId, 'epubcfi(/6/3!/4/2)'],
      ]),
    )
    // What was there before stays with the dropped record in case the merge is undone; nothing new comes.
    expect(
      (await rowsOf('reading_positions', dropped)).map((place) => place.publication_id).toSorted(),
    ).toEqual([begun.publicationId, read.publicationId].toSorted())
  })

  it('a request for correction', async () => {
    const [kept, dropped] = await pair()
    const ask = (text: string) => () => app.corrections.ask(dropped.actor, text)
    expect(await inLine(app, idOf(dropped), ask('Рано'), merge(kept, dropped), ask('Поздно'))).toEqual([
      'done',
      'done',
      'shared.not_found',
    ])
    expect(await rowsOf('correction_requests', dropped)).toEqual([])
    expect((await rowsOf('correction_requests', kept)).map(({ text }) => text)).toEqual(['Рано'])
  })

  it('a consent, or the end of one', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.mode', 'both'))
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.name', 'Литбиблиотека'))
    const [kept, dropped] = await pair()
    const agree = () =>
      app.consents.agree(dropped.actor, { kind: 'handover', version: network.handoverVersion })
    const refuse = () => app.consents.refuseHandover(dropped.actor)
    expect(await inLine(app, idOf(dropped), agree, merge(kept, dropped), agree, refuse)).toEqual([
      'done',
      'done',
      'shared.not_found',
      'shared.not_found',
    ])
    expect(await rowsOf('consents', dropped)).toEqual([])
    expect((await rowsOf('consents', kept)).filter(({ kind }) => kind === 'handover')).toMatchObject([
      { revoked_at: null },
    ])
  })

  it('a renewal', async () => {
    const [kept, dropped] = await pair()
    const past = after(app.clock(), -days(360))
    await app.db
      .updateTable('readers')
      .set({ renewed_at: past })
      .where('id', 'in', [idOf(kept), idOf(dropped)])
      .execute()
    const renew = () => app.renewing.own(dropped.actor)
    expect(await inLine(app, idOf(dropped), merge(kept, dropped), renew)).toEqual([
      'done',
      'shared.not_found',
    ])
    const { renewed_at: renewed } = await app.db
      .selectFrom('readers')
      .select('renewed_at')
      .where('id', '=', idOf(kept))
      .executeTakeFirstOrThrow()
    expect(renewed).toEqual(past)
  })

  it('a registration that is being taken back', async () => {
    const [kept, dropped] = await pair()
    expect(await inLine(app, idOf(dropped), merge(kept, dropped), undoOf(dropped))).toEqual([
      'done',
      'applications.undo_seen',
    ])
    expect(await mergedInto(dropped)).toBe(idOf(kept))
  })
})
