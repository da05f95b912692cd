import { describe, expect, it } from 'vitest'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { authorise } from '../staff/actors.ts'
import { app, consenting, network, operator, stateOf, useProvider } from './providers.fixtures.ts'

useProvider()

describe('two records of one reader', () => {
  const actor = () => authorise(network.operator, 'readers.merge')
  const merge = (kept: RegisteredReader, dropped: RegisteredReader) =>
    app.readers.merge(actor(), {
      keptId: kept.actor.readerId,
      droppedId: dropped.actor.readerId,
      unlike: true,
    })
  const idOf = async (reader: RegisteredReader) => (await app.providers.standingOf(reader.actor))?.id ?? ''
  const give = async (reader: RegisteredReader, number: string, providerPassword: string) =>
    app.providers.enter(operator(), { id: await idOf(reader), number, providerPassword })
  const closer = () => authorise(network.operator, 'providers.close')
  const toClose = async () =>
    (await app.providerClosings.list(closer())).open.map(({ id, number, readerId }) => ({
      id,
      number,
      readerId,
    }))
  const passwordOf = async ({ actor: { readerId } }: RegisteredReader) =>
    (await openPasswords(app.db, app.sealer, app.clock(), readerId)).provider
  const standing = async (reader: RegisteredReader) => {
    const found = await app.providers.standingOf(reader.actor)
    return [found?.state, found?.number, found?.id]
  }

  it('keep one account; the other, or the place in a list that is out, is to be closed', async () => {
    const [kept, dropped, listed] = [await consenting(), await consenting(), await consenting()]
    await give(kept, '10', 'первый')
    await give(dropped, '11', 'второй')
    await app.providers.make(operator(), 'register')
    await merge(kept, dropped)
    await merge(kept, listed)
    expect(await stateOf(kept)).toBe('registered')
    expect((await toClose()).map(({ number }) => number).toSorted()).toEqual(['', '11'])
    expect(new Set((await toClose()).map(({ readerId }) => readerId))).toEqual(new Set([kept.actor.readerId]))
  })

  it('the account goes on before the place in a list; that one is to be closed', async () => {
    const [kept, dropped] = [await consenting(), await consenting()]
    await give(dropped, '12', 'x')
    await app.providers.make(operator(), 'register')
    const listed = await standing(kept)
    const { mergeId } = await merge(kept, dropped)
    expect(await app.providers.standingOf(kept.actor)).toMatchObject({ state: 'registered', number: '12' })
    expect(await toClose()).toMatchObject([{ number: '' }])
    await app.readers.unmerge(actor(), mergeId)
    expect(await standing(kept)).toEqual(listed)
    expect(await app.providers.standingOf(dropped.actor)).toMatchObject({ number: '12' })
    expect(await toClose()).toEqual([])
  })

  it('are each again what they were: a wish, a place in a list, an account, whichever record is kept', async () => {
    const ways = {
      none: async () => registeredReader(app, network),
      to_register: consenting,
      failed: async () => {
        const reader = await consenting()
        await app.providers.fail(operator(), { id: await idOf(reader), reason: 'нет почты' })
        return reader
      },
      registered: async () => {
        const reader = await consenting()
        await give(reader, reader.actor.readerId, 'тайна')
        return reader
      },
      sent: async () => {
        const reader = await consenting()
        await app.providers.make(operator(), 'register')
        return reader
      },
    }
    for (const ofKept of Object.keys(ways) as (keyof typeof ways)[])
      for (const ofDropped of Object.keys(ways) as (keyof typeof ways)[]) {
        // Whoever goes into a list comes first: it takes everybody who waits.
        const first = ofKept === 'sent'
        const one = await ways[first ? ofKept : ofDropped]()
        const other = await ways[first ? ofDropped : ofKept]()
        const [kept, dropped] = first ? [one, other] : [other, one]
        const before = [await standing(kept), await standing(dropped)]
        const { mergeId } = await merge(kept, dropped)
        await app.readers.unmerge(actor(), mergeId)
        expect([await standing(kept), await standing(dropped)], `${ofKept} ${ofDropped}`).toEqual(before)
        expect(await toClose()).toEqual([])
      }
  })

  it('part with the password of now, and none of before is left anywhere', async () => {
    const [kept, dropped] = [await consenting(), await consenting()]
    await give(dropped, '13', 'прежний')
    const { mergeId } = await merge(kept, dropped)
    await give(kept, '13', 'нынешний')
    await app.readers.unmerge(actor(), mergeId)
    expect([await passwordOf(kept), await passwordOf(dropped)]).toEqual([undefined, 'нынешний'])
  })

  it('part with what each has got since: an account made under the kept record’s name stays there', async () => {
    const [kept, dropped] = [await registeredReader(app, network), await consenting()]
    const { mergeId } = await merge(kept, dropped)
    await give(kept, '14', 'x')
    await app.readers.unmerge(actor(), mergeId)
    expect(await app.providers.standingOf(kept.actor)).toMatchObject({ number: '14' })
    expect(await stateOf(dropped)).toBe('to_register')
  })

  it('part with nothing that was closed, or whose reader has revoked, meanwhile', async () => {
    const [kept, closed, revoked] = [await consenting(), await consenting(), await consenting()]
    for (const [at, reader] of [kept, closed, revoked].entries()) await give(reader, `2${at}`, 'x')
    const merges = [await merge(kept, closed), await merge(kept, revoked)]
    const [{ id = '' } = {}] = (await toClose()).filter(({ number }) => number === '21')
    await app.providerClosings.close(closer(), id)
    await app.consents.refuseHandover(kept.actor)
    for (const { mergeId } of merges.toReversed()) await app.readers.unmerge(actor(), mergeId)
    expect([await stateOf(kept), await stateOf(closed), await stateOf(revoked)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect((await toClose()).toSorted((a, b) => (a.number < b.number ? -1 : 1))).toMatchObject([
      { number: '20', readerId: kept.actor.readerId },
      { number: '22', readerId: revoked.actor.readerId },
    ])
  })
})
