import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { block, drawn, fileOf } from '../../../tests/support/marks.ts'
import { authorise } from '../staff/actors.ts'
import { markOfLibrary, markOwnerSchema } from './marks.ts'

let app: TestApp
let network: TestNetwork
let folder: string

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  folder = await mkdtemp(join(tmpdir(), 'smart-marks-'))
})
afterAll(async () => {
  await app.dispose()
  await rm(folder, { recursive: true, force: true })
})

const admin = () => authorise(network.admin, 'cards.number')
const put = async (libraryId: string | undefined, colour: string) => {
  const path = await fileOf(folder, await drawn(block(colour)).png().toBuffer(), randomUUID())
  await app.cards.putMark(admin(), libraryId, path)
  return (await app.cards.marks(admin(), libraryId)).own?.id
}
const printed = async (libraryId: string) => (await markOfLibrary(app.db, libraryId))?.id
const changes = () =>
  app.db
    .selectFrom('audit_log')
    .select(['library_id', 'details', 'actor_id'])
    .where('action', '=', 'settings.change')
    .orderBy('seq')
    .execute()

describe('a region’s mark', () => {
  it('stands on every library’s papers, a library’s own over it', async () => {
    expect(await printed(network.bui)).toBeUndefined()
    const region = await put(undefined, '#123')
    const bui = await put(network.bui, '#a00')
    expect(await printed(network.bui)).toBe(bui)
    expect(await printed(network.galich)).toBe(region)
    expect([...(await app.cards.libraryMarks(admin()))]).toEqual([network.bui])
    await app.cards.takeMarkAway(admin(), network.bui)
    expect(await printed(network.bui)).toBe(region)
    expect([...(await app.cards.libraryMarks(admin()))]).toEqual([])
    expect(await app.cards.marks(admin(), network.bui)).toMatchObject({
      own: undefined,
      shown: { id: region },
    })
  })

  it('is kept when another follows, and can be put back; each change is in the log, a second click isn’t', async () => {
    const before = (await changes()).length
    const first = (await put(undefined, '#050')) ?? ''
    const same = await put(undefined, '#050')
    expect(same).toBe(first)
    const second = await put(undefined, '#505')
    expect(await app.cards.putMarkBack(admin(), first)).toBeUndefined()
    const { history, own } = await app.cards.marks(admin(), undefined)
    expect(history.slice(1, 3).map(({ id }) => id)).toEqual([second, first])
    expect(await app.cards.markPicture(own?.id ?? '')).toEqual(await app.cards.markPicture(first))
    await app.cards.takeMarkAway(admin(), undefined)
    await app.cards.takeMarkAway(admin(), undefined)
    expect(await printed(network.galich)).toBeUndefined()
    const after = (await changes()).slice(before)
    expect(after).toHaveLength(4)
    expect(after[0]).toEqual({
      library_id: null,
      details: { settings: ['cards.mark'], mark: first },
      actor_id: network.admin.kind === 'staff' ? network.admin.staffId : '',
    })
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })

  it('is one more version, not two, when it is sent twice at the same moment', async () => {
    const before = (await changes()).length
    await Promise.all([put(network.galich, '#345'), put(network.galich, '#345'), put(network.galich, '#345')])
    expect((await changes()).length).toBe(before + 1)
  })

  it('is asked for by a library’s id or by nothing at all: no other word is taken for the region', () => {
    const ownerOf = (library?: string) => {
      const owner = markOwnerSchema.safeParse({ library })
      return owner.success ? (owner.data.library ?? 'region') : 'refused'
    }
    expect([ownerOf(), ownerOf('')]).toEqual(['region', 'region'])
    expect(ownerOf(network.bui)).toBe(network.bui)
    expect([ownerOf('bui'), ownerOf(' '), ownerOf(`${network.bui}x`)]).toEqual([
      'refused',
      'refused',
      'refused',
    ])
  })

  it('refuses a file without changing anything, and a library or mark that there isn’t', async () => {
    const before = (await changes()).length
    const nowhere = '00000000-0000-4000-8000-000000000000'
    const path = await fileOf(folder, Buffer.from('<svg/>'))
    await expect(app.cards.putMark(admin(), undefined, path)).rejects.toMatchObject({
      code: 'marks.unknown_format',
    })
    await expect(app.cards.putMark(admin(), undefined, undefined)).rejects.toMatchObject({
      code: 'marks.missing',
    })
    await expect(app.cards.putMark(admin(), nowhere, path)).rejects.toMatchObject({
      code: 'shared.not_found',
    })
    await expect(app.cards.takeMarkAway(admin(), nowhere)).rejects.toMatchObject({ code: 'shared.not_found' })
    await expect(app.cards.putMarkBack(admin(), nowhere)).rejects.toMatchObject({ code: 'shared.not_found' })
    await expect(app.cards.markPicture(nowhere)).rejects.toMatchObject({ code: 'shared.not_found' })
    expect((await changes()).length).toBe(before)
  })
})
