import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { authorise } from '../staff/actors.ts'
import {
  apart,
  app,
  bookAt,
  cardsOf,
  lend,
  loansOf,
  made,
  merge,
  network,
  operator,
  placeOf,
  returnEverything,
  useMerging,
} from './merging.fixtures.ts'

useMerging()

describe('undoing a merge', () => {
  it('leaves what has happened since: returned stays returned, read on stays read, lost stays lost', async () => {
    await returnEverything()
    const [kept, dropped] = [
      await made({ loans: [null, 5], read: [4] }),
      await made({ loans: [9], read: [8] }),
    ]
    const [card] = await cardsOf(dropped)
    const { mergeId } = await merge(kept, dropped)
    const actor = { kind: 'reader', readerId: kept, fullName: '', birthDate: '1990-03-05' } as const
    const [loan] = (await loansOf(kept)).filter(({ publication_id: id }) => id === bookAt(0).id)
    await app.circulation.giveBack(actor, loan?.id ?? '')
    await app.db
      .updateTable('reading_positions')
      .set({ locator: 'epubcfi(/99)', revision: 99 })
      .where('reader_id', '=', kept)
      .execute()
    await app.db
      .updateTable('cards')
      .set({ state: 'lost' })
      .where('number', '=', card?.number ?? '')
      .execute()
    await app.readers.unmerge(operator(), mergeId)
    expect((await loansOf(dropped)).map(({ ended_at }) => ended_at !== null)).toEqual([true])
    expect(await placeOf(kept, 0)).toMatchObject({ locator: 'epubcfi(/99)' })
    expect(await placeOf(dropped, 0)).toMatchObject({ locator: 'epubcfi(/8)' })
    expect(await cardsOf(dropped)).toEqual([{ number: card?.number, state: 'lost' }])
  })

  it('lends the second loan again only while a copy is free', async () => {
    await returnEverything()
    const [kept, dropped, third] = [
      await made({ loans: [null, null, 9] }),
      await made({ loans: [null, null, 5] }),
      await made({ cards: [] }),
    ]
    const { mergeId } = await merge(kept, dropped)
    await lend(third, 2, 7)
    await app.readers.unmerge(operator(), mergeId)
    const out = await app.db
      .selectFrom('loans')
      .select('reader_id')
      .where('publication_id', '=', bookAt(2).id)
      .where('ended_at', 'is', null)
      .execute()
    expect(out.map(({ reader_id: id }) => id).toSorted()).toEqual([kept, third].toSorted())
  })

  it('notes that the two are two people, so that they aren’t brought up again', async () => {
    const name = `Сидоров ${randomUUID()}`
    const [kept, dropped] = [await made({}, name), await made({}, name, 1)]
    const { mergeId } = await merge(kept, dropped)
    expect(await apart(kept, dropped)).toEqual([])
    await app.readers.unmerge(operator(), mergeId)
    expect(await apart(kept, dropped)).toEqual([{ decided_by: network.operator.staffId }])
    const record = await app.readers.open(authorise(network.operator, 'readers.read'), kept)
    expect(await app.readers.likes(operator(), record)).toEqual([])
  })

  it('goes back one merge at a time: a record that was merged further comes first', async () => {
    const [first, second, third] = [await made(), await made(), await made()]
    const inner = await merge(second, third)
    const outer = await merge(first, second)
    await expect(app.readers.unmerge(operator(), inner.mergeId)).rejects.toThrow('merged_further')
    await app.readers.unmerge(operator(), outer.mergeId)
    await app.readers.unmerge(operator(), inner.mergeId)
    await expect(app.readers.unmerge(operator(), inner.mergeId)).rejects.toThrow('merge_over')
  })
})
