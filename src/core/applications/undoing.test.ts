import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { inLineFor } from '../../../tests/support/in-line.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { after, seconds } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import { mostDecisions } from './decisions.queries.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(() => app.setTime(testStart))

const decider = () => authorise(network.operator, 'applications.decide')
const viewer = () => authorise(network.librarian, 'applications.read')
const later = (count: number) => app.setTime(after(new Date(testStart), seconds(count)))

async function send(): Promise<string> {
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, {
      fullName: `Кузнецова ${randomUUID().replaceAll(/[^a-f]/g, '')}`,
      handoverGiven: true,
      handoverVersion: network.handoverVersion,
    }),
  )
  return id
}
const register = (id: string, revision = 1) =>
  app.applications.register(decider(), id, {
    revision,
    providerNumber: '777',
    providerPassword: 'x1',
    anotherPerson: false,
  })
const undo = (id: string, revision = 2) => app.applications.undo(decider(), id, { revision })
const messagesOf = (id: string) =>
  app.db.selectFrom('messages').select(['id', 'state']).where('application_id', '=', id).execute()
const row = (id: string) =>
  app.db.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const cardOf = (readerId: string) =>
  app.db.selectFrom('cards').select('number').where('reader_id', '=', readerId).executeTakeFirstOrThrow()

describe('messages about a decision', () => {
  it('wait until it can’t be taken back any more', async () => {
    const id = await send()
    await register(id)
    const { rows } = await app.pool.query<{ run_at: Date }>(
      `select run_at from graphile_worker._private_jobs
       where payload->>'messageId' in (select id::text from messages where application_id = $1)`,
      [id],
    )
    expect(rows).toHaveLength(3)
    const { undo_until: until } = await row(id)
    expect(until).toEqual(after(new Date(testStart), seconds(20)))
    for (const { run_at: at } of rows) expect(at).toEqual(until)
  })

  it('go at once where the region leaves no time, and then nothing can be taken back', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'queue.undoSeconds', 0))
    const id = await send()
    await register(id)
    await inTransaction(app.db, (tx) => writeSetting(tx, 'queue.undoSeconds', 20))
    await expect(undo(id)).rejects.toThrow('undo_over')
  })
})

describe('taking a registration back', () => {
  it('leaves the questionnaire at its old place, no reader, no message, and the card used for ever', async () => {
    const first = await send()
    later(1)
    const second = await send()
    later(2)
    const before = await row(first)
    const { readerId } = await register(first)
    const { number } = await cardOf(readerId)
    later(10)
    await undo(first)

    expect(await row(first)).toEqual({ ...before, revision: 3 })
    const queue = await app.queue.list(viewer(), { state: 'sent' })
    const places = queue.rows.map(({ id }) => id)
    expect(places.indexOf(first)).toBeGreaterThanOrEqual(0)
    expect(places.indexOf(first)).toBeLessThan(places.indexOf(second))
    expect(await messagesOf(first)).toEqual([])
    for (const table of ['sealed_passwords', 'provider_accounts', 'consents'] as const) {
      const left = await app.db
        .selectFrom(table)
        .select('reader_id')
        .where('reader_id', '=', readerId)
        .execute()
      expect(left, table).toEqual([])
    }
    expect(await app.db.selectFrom('readers').where('id', '=', readerId).select('id').execute()).toEqual([])
    expect(
      await app.db.selectFrom('cards').select(['reader_id', 'state']).where('number', '=', number).execute(),
    ).toEqual([{ reader_id: null, state: 'annulled' }])
    const { consent, history } = await app.applications.details(viewer(), first)
    expect(consent).toMatchObject({ version: network.consentVersion, basis: 'self' })
    expect(history.map(({ state, takesBack }) => [state, takesBack])).toEqual([
      ['sent', false],
      ['registered', false],
      ['sent', true],
    ])
    const audited = await app.db
      .selectFrom('audit_log')
      .select('action')
      .where('subject_id', 'in', [first, readerId])
      .where('action', 'in', ['applications.register', 'applications.undo'])
      .orderBy('seq')
      .execute()
    expect(audited.map(({ action }) => action)).toEqual(['applications.register', 'applications.undo'])
  })

  it('leaves the person free to be registered again, under another number', async () => {
    const id = await send()
    const { readerId } = await register(id)
    const { number } = await cardOf(readerId)
    await undo(id)
    const again = await register(id, 3)
    expect((await cardOf(again.readerId)).number).not.toBe(number)
    expect(await messagesOf(id)).toHaveLength(3)
  })

  it('isn’t possible when the time is over', async () => {
    const id = await send()
    await register(id)
    later(20)
    await expect(undo(id)).rejects.toThrow('undo_over')
    expect(await row(id)).toMatchObject({ state: 'registered' })
  })

  it('isn’t possible once the slip was opened', async () => {
    const id = await send()
    await register(id)
    await app.slips.open(authorise(network.librarian, 'slips.open'), id)
    await expect(undo(id)).rejects.toThrow('undo_seen')
    expect(await messagesOf(id)).toHaveLength(3)
  })

  it('isn’t possible once the provider has given a number meanwhile; one that was typed in with it goes too', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.mode', 'both'))
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.name', 'Литбиблиотека'))
    const [withIt, meanwhile] = [await send(), await send()]
    await register(withIt)
    await app.applications.register(decider(), meanwhile, {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    })
    later(5)
    const { id } = await app.db
      .selectFrom('provider_registrations')
      .select('id')
      .where('state', '=', 'to_register')
      .executeTakeFirstOrThrow()
    const typed = { id, number: '778', providerPassword: 'x' }
    await app.providers.enter(authorise(network.operator, 'providers.register'), typed)
    await expect(undo(meanwhile)).rejects.toThrow('undo_there')
    await undo(withIt)
  })

  it('isn’t possible once the reader has signed in', async () => {
    const id = await send()
    const { readerId } = await register(id)
    const { sealed } = await app.db
      .selectFrom('sealed_passwords')
      .select('sealed')
      .where('reader_id', '=', readerId)
      .where('purpose', '=', 'initial')
      .executeTakeFirstOrThrow()
    const typed = {
      cardNumber: (await cardOf(readerId)).number,
      password: app.sealer.open(sealed, `${readerId}/initial`),
    }
    await app.sessions.signInReader(typed, { address: '198.51.100.1', userAgent: '' })
    await expect(undo(id)).rejects.toThrow('undo_seen')
  })

  it('isn’t possible once a message is under way, and changes nothing then', async () => {
    const id = await send()
    await register(id)
    const [message] = await messagesOf(id)
    await app.messages.send(message?.id ?? '')
    await expect(undo(id)).rejects.toThrow('undo_told')
    expect(await row(id)).toMatchObject({ state: 'registered', revision: 2 })
    expect(await messagesOf(id)).toHaveLength(3)
  })

  it('is no librarian’s', () => {
    expect(() => authorise(network.librarian, 'applications.decide')).toThrow('not_allowed')
  })

  const sentOf = (messages: { id: string }[]) =>
    app.db
      .selectFrom('demo_outbox')
      .select('message_id')
      .where(
        'message_id',
        'in',
        messages.map(({ id }) => id),
      )
      .execute()
  const readersOf = (id: string) => app.db.selectFrom('readers').select('id').where('id', '=', id).execute()

  it('just before the sender takes up a message leaves nobody to tell', async () => {
    const id = await send()
    const { readerId } = await register(id)
    const messages = await messagesOf(id)
    const [first = ''] = messages.map((message) => message.id).toSorted()
    const works = [() => undo(id), () => app.messages.send(first)]
    expect(await inLineFor(app, 'messages', first, works)).toEqual(['done', 'done'])
    expect([await readersOf(readerId), await sentOf(messages)]).toEqual([[], []])
  })

  it('just after the sender has taken one up isn’t possible any more, and it arrives', async () => {
    const id = await send()
    const { readerId } = await register(id)
    const messages = await messagesOf(id)
    const [first = ''] = messages.map((message) => message.id).toSorted()
    const works = [() => app.messages.send(first), () => undo(id)]
    const [sent, undone] = await inLineFor(app, 'messages', first, works)
    expect([sent, undone]).toEqual(['done', expect.stringContaining('undo_told')])
    expect(await readersOf(readerId)).toHaveLength(1)
    expect(await sentOf(messages)).toEqual([{ message_id: first }])
  })

  it('against the sender at the same moment: never a message about a reader who is gone', async () => {
    const other = await app.twin()
    for (let round = 0; round < 40; round += 1) {
      const id = await send()
      const { readerId } = await register(id)
      const messages = await messagesOf(id)
      const [undone] = await Promise.allSettled([
        undo(id),
        ...messages.map((message) => other.messages.send(message.id)),
      ])
      const left = [(await readersOf(readerId)).length, (await sentOf(messages)).length]
      if (undone?.status === 'rejected') expect(String(undone.reason)).toContain('undo_told')
      expect(left).toEqual(undone?.status === 'fulfilled' ? [0, 0] : [1, messages.length])
    }
  }, 120_000)

  it('against the slip at the same moment: never a slip of a reader who is gone', async () => {
    const other = await app.twin()
    for (let round = 0; round < 20; round += 1) {
      const id = await send()
      const { readerId } = await register(id)
      const [undone, slip] = await Promise.allSettled([
        undo(id),
        other.slips.open(authorise(network.librarian, 'slips.open'), id),
      ])
      expect([undone.status, slip.status].toSorted()).toEqual(['fulfilled', 'rejected'])
      const left = await app.db.selectFrom('readers').select('id').where('id', '=', readerId).execute()
      expect(left).toHaveLength(slip.status === 'fulfilled' ? 1 : 0)
    }
  })
})

describe('taking back a returned one', () => {
  it('puts it where it was, and its library never hears of it', async () => {
    const id = await send()
    const before = await row(id)
    await app.applications.return(decider(), id, { revision: 1, reason: 'Проверьте год' })
    await undo(id)
    expect(await row(id)).toEqual({ ...before, revision: 3 })
    expect(await messagesOf(id)).toEqual([])
  })

  it('isn’t possible when it was mended meanwhile', async () => {
    const id = await send()
    await app.applications.return(decider(), id, { revision: 1, reason: 'Проверьте год' })
    await app.applications.resend(authorise(network.librarian, 'applications.write'), id, {
      ...questionnaire(network),
      revision: 2,
    })
    await expect(undo(id)).rejects.toThrow('changed_meanwhile')
    await expect(undo(id, 3)).rejects.toThrow('changed_meanwhile')
  })
})

describe('what an operator has decided today', () => {
  it('is listed, the last first, with what was taken back marked; yesterday’s isn’t', async () => {
    const own = await createTestNetworkOperator()
    app.setTime('2026-11-23T20:59:00Z')
    const yesterdays = await send()
    await app.applications.refuse(own, yesterdays, { revision: 1, reason: 'x' })
    app.setTime('2026-11-23T21:01:00Z')
    const [kept, undone] = [await send(), await send()]
    await app.applications.refuse(own, undone, { revision: 1, reason: 'x' })
    await app.applications.undo(own, undone, { revision: 2 })
    app.setTime('2026-11-23T21:02:00Z')
    await app.applications.register(own, kept, {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    })
    const { rows: done, more } = await app.queue.decisions.today(own)
    expect(more).toBe(false)
    expect(done.map(({ id, state, past }) => [id, state, past])).toEqual([
      [kept, 'registered', false],
      [undone, 'refused', true],
    ])
    expect(done[0]?.cardNumber).toMatch(/^\d{13}$/)
    expect(done[0]?.undoUntil).not.toBeNull()
    app.setTime('2026-11-23T22:00:00Z')
    expect(await app.queue.decisions.lately(own, undone)).toEqual([])
    expect(await app.queue.decisions.lately(own, kept)).toMatchObject([{ id: kept, undoUntil: null }])
  })

  it('after the last decision the one before it can be taken back, too, until its time is over', async () => {
    const own = await createTestNetworkOperator()
    const [first, second] = [await send(), await send()]
    const start = new Date('2026-11-24T12:00:00Z')
    app.setTime(start)
    await app.applications.refuse(own, first, { revision: 1, reason: 'x' })
    app.setTime(after(start, 250))
    await app.applications.refuse(own, second, { revision: 1, reason: 'x' })
    const lately = async () => (await app.queue.decisions.lately(own, second)).map(({ id }) => id)
    expect(await lately()).toEqual([second, first])
    app.setTime(after(start, seconds(3600)))
    expect(await lately()).toEqual([second])
  })

  it('is said to be more than is shown when it is', async () => {
    const own = await createTestNetworkOperator()
    const id = await send()
    await app.db
      .insertInto('application_events')
      .values(
        Array.from({ length: mostDecisions + 1 }, (_, index) => ({
          application_id: id,
          revision: 100 + index,
          state: 'refused',
          staff_id: own.staffId,
          at: app.clock(),
          takes_back: false,
        })),
      )
      .execute()
    const { rows, more } = await app.queue.decisions.today(own)
    expect([rows.length, more]).toEqual([mostDecisions, true])
  })

  const createTestNetworkOperator = async () => {
    const { id } = await app.db
      .insertInto('staff')
      .values({ email: `${randomUUID()}@library.test`, full_name: 'Вторая', password_hash: '' })
      .returning('id')
      .executeTakeFirstOrThrow()
    const roles = [{ role: 'operator' as const, libraryId: network.central, libraryName: '' }]
    return authorise({ kind: 'staff', staffId: id, fullName: 'Вторая', roles }, 'applications.decide')
  }
})
