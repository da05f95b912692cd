import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { after, seconds } from '../shared/clock.ts'
import type { Authorised } from '../staff/actors.ts'
import { authorise } from '../staff/actors.ts'
import { holdTime } from './holding.commands.ts'

let app: TestApp
let network: TestNetwork
let olga: Authorised<'applications.decide'>
let vera: Authorised<'applications.decide'>

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  app.setTime(testStart)
  await app.db.updateTable('applications').set({ state: 'withdrawn' }).execute()
  ;[olga, vera] = [await operator('Ольга'), await operator('Вера')]
})

async function operator(fullName: string): Promise<Authorised<'applications.decide'>> {
  const { id } = await app.db
    .insertInto('staff')
    .values({ email: `${randomUUID()}@library.test`, full_name: fullName, password_hash: '' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const roles = [{ role: 'operator' as const, libraryId: network.central, libraryName: '' }]
  return authorise({ kind: 'staff', staffId: id, fullName, roles }, 'applications.decide')
}

let serial = 0
async function send(library = network.bui): Promise<string> {
  serial += 1
  app.setTime(after(new Date(testStart), serial))
  const { id } = await app.applications.send(
    authorise(network.operator, 'applications.write'),
    library,
    questionnaire(network, { fullName: `Кузнецова ${randomUUID().replaceAll(/[^a-f]/g, '')}` }),
  )
  return id
}
const hold = (...asked: Parameters<typeof app.applications.hold>) => app.applications.hold(...asked)
const takeOver = (...asked: Parameters<typeof app.applications.takeOver>) =>
  app.applications.takeOver(...asked)
const next = (...asked: Parameters<typeof app.applications.next>) => app.applications.next(...asked)

describe('a questionnaire that an operator has open', () => {
  it('names her to the next one who opens it, and leaves it hers', async () => {
    const id = await send()
    expect(await hold(olga, id)).toMatchObject({ waiting: true, heldBy: null })
    expect(await hold(vera, id)).toEqual({ waiting: true, heldBy: 'Ольга' })
    expect(await hold(olga, id)).toMatchObject({ waiting: true, heldBy: null })
    const { rows } = await app.queue.list(authorise(network.operator, 'applications.read'), { state: 'sent' })
    expect(rows).toMatchObject([{ id, heldBy: 'Ольга' }])
  })

  it('is free again when the hold isn’t renewed for five minutes', async () => {
    const id = await send()
    const opened = app.clock()
    await hold(olga, id)
    app.setTime(after(opened, holdTime - 1))
    expect((await hold(vera, id)).heldBy).toBe('Ольга')
    app.setTime(after(opened, holdTime))
    expect((await hold(vera, id)).heldBy).toBeNull()
    expect((await hold(olga, id)).heldBy).toBe('Вера')
  })

  it('can be taken over, of which the first one learns at her next renewal', async () => {
    const id = await send()
    await hold(olga, id)
    await takeOver(vera, id)
    expect(await hold(vera, id)).toMatchObject({ waiting: true, heldBy: null })
    expect(await hold(olga, id)).toEqual({ waiting: true, heldBy: 'Вера' })
    const audited = await app.db
      .selectFrom('audit_log')
      .select('actor_id')
      .where('action', '=', 'applications.take-over')
      .where('subject_id', '=', id)
      .execute()
    expect(audited).toEqual([{ actor_id: vera.staffId }])
  })

  it('is no longer held once it is decided, also when that is taken back', async () => {
    const id = await send()
    await hold(olga, id)
    await app.applications.refuse(vera, id, { revision: 1, reason: 'x', overHold: olga.staffId })
    expect(await hold(olga, id)).toEqual({ waiting: false, heldBy: null })
    await expect(takeOver(olga, id)).rejects.toThrow('changed_meanwhile')
    await app.applications.undo(vera, id, { revision: 2 })
    expect(await hold(vera, id)).toMatchObject({ waiting: true, heldBy: null })
  })
})

describe('a decision about what another operator works on', () => {
  const decisions = {
    register: (actor: typeof olga, id: string, overHold?: string) =>
      app.applications.register(actor, id, {
        revision: 1,
        providerNumber: '',
        providerPassword: '',
        anotherPerson: false,
        overHold,
      }),
    return: (actor: typeof olga, id: string, overHold?: string) =>
      app.applications.return(actor, id, { revision: 1, reason: 'x', overHold }),
    refuse: (actor: typeof olga, id: string, overHold?: string) =>
      app.applications.refuse(actor, id, { revision: 1, reason: 'x', overHold }),
  }

  it.each(Object.entries(decisions))(
    'is asked about by her name, and stands once repeated: %s',
    async (...of) => {
      const [, decide] = of
      const id = await send()
      await hold(olga, id)
      await takeOver(vera, id)
      const asked = await decide(olga, id).catch((error: unknown) => error)
      expect(asked).toMatchObject({
        code: 'applications.held',
        values: { name: 'Вера', holder: vera.staffId },
      })
      expect(await hold(vera, id)).toMatchObject({ waiting: true, heldBy: null })
      // The word for one colleague is none for another.
      await expect(decide(olga, id, olga.staffId)).rejects.toThrow('applications.held')
      await decide(olga, id, vera.staffId)
      expect((await hold(vera, id)).waiting).toBe(false)
    },
  )

  it('needs no word when the hold is one’s own, was let go or has run out', async () => {
    const own = await send()
    await hold(olga, own)
    await decisions.refuse(olga, own)
    const left = await send()
    const { until = 0 } = await hold(vera, left)
    await app.applications.release(vera, left, until)
    await decisions.refuse(olga, left)
    const over = await send()
    await hold(vera, over)
    app.setTime(after(app.clock(), holdTime))
    await decisions.refuse(olga, over)
  })

  it('isn’t freed by somebody else’s leaving, nor by that of a page before this one', async () => {
    const id = await send()
    const { until = 0 } = await hold(vera, id)
    await app.applications.release(olga, id, until)
    expect((await hold(olga, id)).heldBy).toBe('Вера')
    app.setTime(after(app.clock(), seconds(1)))
    await hold(vera, id)
    await app.applications.release(vera, id, until)
    expect((await hold(olga, id)).heldBy).toBe('Вера')
  })
})

describe('the next questionnaire', () => {
  it('is the oldest that nobody else holds, then the ones behind, then from the beginning again', async () => {
    const [a, b, c] = [await send(), await send(), await send()]
    await hold(vera, b)
    expect(await next(olga)).toBe(a)
    expect(await next(olga, {}, a)).toBe(c)
    expect(await next(olga, {}, c)).toBe(a)
    app.setTime(after(app.clock(), holdTime + seconds(1)))
    expect(await next(olga, {}, a)).toBe(b)
  })

  it('stays within the filter', async () => {
    const [a] = [await send(), await send(network.galich)]
    const b = await send()
    expect(await next(olga, { library: network.bui }, a)).toBe(b)
    expect(await next(olga, { library: network.bui, waits: 'day' })).toBeUndefined()
  })

  it('isn’t the one that is left, even when it is the only one', async () => {
    const id = await send()
    expect(await next(olga, {}, id)).toBeUndefined()
  })

  it('is never the same for operators who ask at the same moment, over several processes', async () => {
    const other = await app.twin()
    const operators = [...Array(8).keys()].map((n) => operator(`Оператор ${n}`))
    const eight = await Promise.all(operators)
    for (let round = 0; round < 15; round += 1) {
      const sent = new Set<string>()
      for (let n = 0; n < 10; n += 1) sent.add(await send())
      const got = await Promise.all(
        eight.map((each, index) => (index % 2 ? app : other).applications.next(each)),
      )
      expect(new Set(got).size, `round ${round}`).toBe(8)
      for (const id of got) expect(sent.has(id ?? '')).toBe(true)
      await app.db.updateTable('applications').set({ state: 'withdrawn' }).execute()
    }
  })
})
