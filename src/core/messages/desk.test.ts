import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { messageOf, queueOne, registeredReader } from '../../../tests/support/told-readers.ts'
import { openSession } from '../sessions/opening.ts'
import { writeSetting } from '../settings/settings.ts'
import { after, days } from '../shared/clock.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import type { MessageFilter, MessageRules } from './messages.schemas.ts'

let app: TestApp
let network: TestNetwork
beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  app.setTime(testStart)
  await app.db.deleteFrom('messages').execute()
  await app.db.deleteFrom('settings').execute()
})

const event = 'reader.registered'
const somewhere = { address: '203.0.113.8', userAgent: '' }
const end = (id: string, state: string, fault: string | null = null) =>
  app.db.updateTable('messages').set({ state, fault }).where('id', '=', id).execute()
/** A reader whom neither channel reached. */
async function unreachedReader() {
  const reader = await registeredReader(app, network)
  const sms = await messageOf(app, reader.readerId, event, 'sms')
  const email = await messageOf(app, reader.readerId, event, 'email')
  await end(sms.id, 'failed', 'sms_7')
  await end(email.id, 'failed', 'smtp_550')
  return { ...reader, sms: sms.id, email: email.id }
}
const count = (actor = network.librarian) => app.messages.countUnreached(authorise(actor, 'messages.read'))
const list = (filter: Partial<MessageFilter> = {}, actor = network.operator) =>
  app.messages.list(authorise(actor, 'messages.read'), {
    state: undefined,
    channel: undefined,
    library: undefined,
    reader: undefined,
    after: undefined,
    ...filter,
  })
const again = (id: string, actor = network.librarian) =>
  app.messages.again(authorise(actor, 'messages.send'), id)
const settle = (id: string, actor = network.librarian) =>
  app.messages.settle(authorise(actor, 'messages.send'), id)
const audited = (action: string) =>
  app.db
    .selectFrom('audit_log')
    .select(['subject_id', 'details'])
    .where('action', '=', action)
    .orderBy('seq', 'desc')
    .executeTakeFirst()

describe('a reader whom nothing reached', () => {
  it('stands on the desk of his library and of the operators, once, and of no other', async () => {
    const { readerId, applicationId } = await unreachedReader()
    expect([await count(), await count(network.operator), await count(network.otherLibrarian)]).toEqual([
      1, 1, 0,
    ])
    expect(await app.messages.unreachedBy({ readerId })).toBeDefined()
    const details = await app.applications.details(
      authorise(network.librarian, 'applications.read'),
      applicationId,
    )
    expect(details.unreached).toBe(true)
  })

  it('is told of in person beside the message that was to bring the password, not beside another that failed', async () => {
    const { readerId, email } = await unreachedReader()
    app.setTime(after(new Date(testStart), 1000))
    const code = await queueOne(app, {
      channel: 'sms',
      event: 'reader.code',
      recipient: '+79101234567',
      readerId,
    })
    await end(code, 'failed', 'sms_month_full')
    const beside = await app.messages.unreachedBy({ readerId })
    expect(beside).toBe(email)
    await settle(beside ?? '')
    expect(await count()).toBe(0)
  })

  it.each(['queued', 'sending', 'sent', 'delivered'])(
    'isn’t one whose other message is %s',
    async (state) => {
      const { email } = await unreachedReader()
      await end(email, state)
      expect(await count()).toBe(0)
    },
  )

  it.each(['undelivered', 'uncertain'])('is one whose other message is %s', async (state) => {
    const { email } = await unreachedReader()
    await end(email, state)
    expect(await count()).toBe(1)
  })

  it('has the message that waits for somebody first on his record, however many were sent since', async () => {
    const { readerId, sms, email } = await unreachedReader()
    const newest = { channel: 'sms', event: 'reader.code', recipient: '+79101234567', readerId } as const
    for (let sent = 1; sent <= 21; sent += 1) {
      app.setTime(after(new Date(testStart), sent * 1000))
      await end(await queueOne(app, newest), 'sent')
    }
    const record = await app.readers.open(authorise(network.librarian, 'readers.read'), readerId)
    const first = async () => {
      const { messages, more } = await app.messages.ofRecord(record)
      expect(messages.map(({ recipient }) => recipient)).not.toContain(undefined)
      return [messages[0]?.id, messages[1]?.event, messages.length, more]
    }
    const waiting = await app.messages.unreachedBy({ readerId })
    expect([sms, email]).toContain(waiting)
    expect(await first()).toEqual([waiting, 'reader.code', 20, true])
    await settle(waiting ?? '')
    await settle(waiting === sms ? email : sms)
    expect((await app.messages.ofRecord(record)).messages.every((one) => one.event === 'reader.code')).toBe(
      true,
    )
  })

  it('isn’t one any more when he has signed in', async () => {
    const { readerId } = await unreachedReader()
    await app.db.deleteFrom('sealed_passwords').where('reader_id', '=', readerId).execute()
    expect(await count()).toBe(0)
  })

  it('isn’t one any more when he was told in person; that is in the log', async () => {
    const { sms, readerId } = await unreachedReader()
    await settle(sms)
    await settle(sms)
    expect(await count()).toBe(0)
    expect(await audited('messages.settle')).toMatchObject({ subject_id: readerId })
    await expect(settle(sms, network.otherLibrarian)).rejects.toThrow('not_found')
  })

  it('isn’t one while he is told once more, and is again when that fails', async () => {
    const { sms, readerId } = await unreachedReader()
    app.setTime(after(new Date(testStart), 1000))
    await again(sms)
    expect(await count()).toBe(0)
    await end((await messageOf(app, readerId, event, 'sms')).id, 'failed', 'sms_7')
    expect(await count()).toBe(1)
  })
})

describe('a reader whose card was replaced', () => {
  /** Signed in before, so no password waits; the letter with the new number came back, the SMS didn't go. */
  async function replaced() {
    const { readerId } = await registeredReader(app, network)
    await app.db.deleteFrom('messages').where('reader_id', '=', readerId).execute()
    const { sealed } = await app.db
      .deleteFrom('sealed_passwords')
      .where('reader_id', '=', readerId)
      .returning('sealed')
      .executeTakeFirstOrThrow()
    const { number } = await app.db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .executeTakeFirstOrThrow()
    await app.readers.replaceCard(authorise(network.librarian, 'cards.replace'), readerId, {
      card: number,
      ending: 'lost',
      stockCard: undefined,
      signOut: false,
    })
    const sms = await messageOf(app, readerId, 'reader.card-replaced', 'sms')
    const email = await messageOf(app, readerId, 'reader.card-replaced', 'email')
    await end(sms.id, 'failed', 'sms_7')
    await end(email.id, 'undelivered', 'bounce_5.1.1')
    const signIn = async () => {
      const card = await app.db
        .selectFrom('cards')
        .select('number')
        .where('reader_id', '=', readerId)
        .where('state', '=', 'issued')
        .executeTakeFirstOrThrow()
      const password = app.sealer.open(sealed, `${readerId}/initial`)
      return app.sessions.signInReader({ cardNumber: card.number, password }, somewhere)
    }
    return { readerId, sms: sms.id, email: email.id, signIn }
  }

  it('and whom the new number didn’t reach stands on the desk until he is told', async () => {
    const { sms, readerId } = await replaced()
    expect([await count(), await count(network.otherLibrarian)]).toEqual([1, 0])
    app.setTime(after(new Date(testStart), 1000))
    await again(sms)
    expect(await count()).toBe(0)
    await end((await messageOf(app, readerId, 'reader.card-replaced', 'sms')).id, 'failed', 'sms_7')
    expect(await count()).toBe(1)
    await settle(sms)
    expect(await count()).toBe(0)
  })

  it('doesn’t when he has signed in with it, also once he has signed out', async () => {
    const { signIn } = await replaced()
    const { token } = await signIn()
    expect(await count()).toBe(0)
    await app.sessions.signOut(token)
    expect(await count()).toBe(0)
  })

  it('doesn’t when he had signed in before the messages failed', async () => {
    const { sms, signIn } = await replaced()
    await end(sms, 'queued')
    await app.sessions.signOut((await signIn()).token)
    await end(sms, 'failed', 'sms_7')
    expect(await count()).toBe(0)
  })

  it('doesn’t when one of his devices was in use since, which shows the number, also once it is gone', async () => {
    const { readerId } = await replaced()
    const before = after(new Date(testStart), -days(1))
    const { token } = await inTransaction(app.db, (tx) =>
      openSession(tx, before, { kind: 'reader', id: readerId }, somewhere),
    )
    expect(await count()).toBe(1)
    expect(await app.sessions.actor(token)).toMatchObject({ readerId })
    await app.sessions.signOut(token)
    expect(await count()).toBe(0)
  })

  it('and who has no password yet is still without one, whatever came of the new number', async () => {
    const { readerId } = await unreachedReader()
    app.setTime(after(new Date(testStart), 1000))
    const { number } = await app.db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .executeTakeFirstOrThrow()
    await app.readers.replaceCard(authorise(network.librarian, 'cards.replace'), readerId, {
      card: number,
      ending: 'lost',
      stockCard: undefined,
      signOut: false,
    })
    expect(await count()).toBe(1)
  })
})

describe('an account at an outside service', () => {
  it('can be told again as long as its own password is kept, whatever becomes of the card’s', async () => {
    const { readerId } = await registeredReader(app, network)
    const id = await queueOne(app, {
      channel: 'sms',
      event: 'reader.provider',
      recipient: '+79101234567',
      readerId,
    })
    await end(id, 'failed', 'sms_7')
    const shown = async () => (await list({ reader: readerId })).messages.find((message) => message.id === id)
    expect(await shown()).toMatchObject({ canGoAgain: false, passwordGone: true })
    await expect(again(id)).rejects.toThrow('messages.password_gone')
    await app.db
      .updateTable('sealed_passwords')
      .set({ purpose: 'provider' })
      .where('reader_id', '=', readerId)
      .execute()
    expect(await shown()).toMatchObject({ canGoAgain: true, passwordGone: false })
    expect(await app.messages.unreachedBy({ readerId })).toBeDefined()
    await again(id)
  })
})

describe('all messages of one reader', () => {
  it('are the list narrowed to him, for whoever may see his messages', async () => {
    const { readerId } = await registeredReader(app, network)
    await registeredReader(app, network)
    const { messages } = await list({ reader: readerId })
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.every((message) => message.readerId === readerId)).toBe(true)
    expect((await list({ reader: readerId }, network.otherLibrarian)).messages).toEqual([])
  })
})

describe('sending once more', () => {
  it('goes to where the reader can be reached now, with its job; a second click does nothing', async () => {
    const { sms, readerId } = await unreachedReader()
    await app.db.updateTable('readers').set({ phone: '+79107654321' }).where('id', '=', readerId).execute()
    app.setTime(after(new Date(testStart), 1000))
    await Promise.all([again(sms), again(sms), again(sms, network.operator)])
    const rows = await app.db
      .selectFrom('messages')
      .select(['id', 'recipient', 'state'])
      .where('again_of', '=', sms)
      .execute()
    expect(rows).toMatchObject([{ recipient: '+79107654321', state: 'queued' }])
    const { rows: jobs } = await app.pool.query(
      `select from graphile_worker._private_jobs where payload->>'messageId' = $1`,
      [rows[0]?.id],
    )
    expect(jobs).toHaveLength(1)
    expect(await audited('messages.again')).toMatchObject({ subject_id: readerId })
  })

  it('isn’t for another library’s librarian, nor for a letter to a library', async () => {
    const { sms, applicationId } = await unreachedReader()
    await expect(again(sms, network.otherLibrarian)).rejects.toThrow('not_found')
    const letter = await app.db
      .selectFrom('messages')
      .select('id')
      .where('application_id', '=', applicationId)
      .where('event', '=', 'library.registered')
      .executeTakeFirstOrThrow()
    await expect(again(letter.id, network.operator)).rejects.toThrow('not_found')
  })

  it('is refused without a password that can be read, while under way, and where there is no way', async () => {
    const gone = await unreachedReader()
    app.setTime(after(new Date(testStart), days(15)))
    await expect(again(gone.sms)).rejects.toThrow('messages.password_gone')
    app.setTime(testStart)
    const busy = await unreachedReader()
    await end(busy.sms, 'sending')
    await expect(again(busy.sms)).rejects.toThrow('messages.under_way')
    const phoneless = await unreachedReader()
    await app.db.updateTable('readers').set({ phone: null }).where('id', '=', phoneless.readerId).execute()
    await expect(again(phoneless.sms)).rejects.toThrow('messages.no_way')
    const unwilling = await unreachedReader()
    await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.handoverFor', 'provider_and_sms'))
    await expect(again(unwilling.sms)).rejects.toThrow('messages.no_way')
  })
})

describe('the list of messages', () => {
  it('shows an operator everything and a librarian what goes to his own readers; the look is in the log', async () => {
    const { readerId, fullName } = await unreachedReader()
    const all = await list()
    expect(all.messages.map((message) => message.event).toSorted()).toEqual([
      'library.registered',
      event,
      event,
    ])
    expect(await audited('messages.list')).toMatchObject({ details: { ids: [readerId], query: [] } })
    const own = await list({}, network.librarian)
    expect(own.messages).toMatchObject([
      { readerName: fullName, canGoAgain: true },
      { readerName: fullName, canGoAgain: true },
    ])
    expect((await list({}, network.otherLibrarian)).messages).toEqual([])
  })

  it('is narrowed by state, channel and library', async () => {
    const { sms } = await unreachedReader()
    const ids = async (filter: Partial<MessageFilter>) =>
      (await list(filter)).messages.map((message) => message.id)
    expect(await ids({ state: 'failed', channel: 'sms' })).toEqual([sms])
    expect(await ids({ library: network.galich })).toEqual([])
    expect(await ids({ library: network.bui, channel: 'sms' })).toEqual([sms])
    expect(await ids({ state: 'unreached', channel: 'sms' })).toEqual([sms])
    expect(await audited('messages.list')).toMatchObject({
      details: { query: ['state=unreached', 'channel=sms'] },
    })
  })

  it('says where only a new password helps', async () => {
    const { sms } = await unreachedReader()
    app.setTime(after(new Date(testStart), days(15)))
    const [message] = (await list({ state: 'failed', channel: 'sms' })).messages
    expect(message).toMatchObject({ id: sms, canGoAgain: false, passwordGone: true })
  })

  it('has every message on exactly one of its pages', async () => {
    const { readerId } = await registeredReader(app, network)
    await app.db
      .insertInto('messages')
      .values(
        Array.from({ length: 117 }, () => ({
          channel: 'email',
          event: 'reader.code',
          recipient: 'a@b.test',
          reader_id: readerId,
          state: 'sent',
          created_at: app.clock(),
        })),
      )
      .execute()
    const seen: string[] = []
    let page = await list()
    for (;;) {
      seen.push(...page.messages.map(({ id }) => id))
      const last = page.messages.at(-1)
      if (!page.more || !last) break
      page = await list({ after: last.id })
    }
    expect([seen.length, new Set(seen).size]).toEqual([120, 120])
  })
})

describe('the settings of messages', () => {
  it('are changed by an administrator, and only what differs is in the log', async () => {
    const admin = authorise(network.admin, 'messages.configure')
    const rules: MessageRules = {
      quietFrom: '22:00',
      quietTo: '00:00',
      partsPerMonth: 500,
      libraryLanguage: 'en',
    }
    await app.messages.rules.change(admin, rules)
    await app.messages.rules.change(admin, rules)
    expect(await app.messages.rules.read(admin)).toEqual(rules)
    const entries = await app.db
      .selectFrom('audit_log')
      .select('details')
      .where('action', '=', 'settings.change')
      .execute()
    expect(entries).toEqual([
      { details: { settings: ['sms.quietFrom', 'sms.partsPerMonth', 'messages.libraryLanguage'] } },
    ])
  })
})
