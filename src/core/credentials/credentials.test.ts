import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { authorise } from '../staff/actors.ts'
import { changePasswordSchema } from './credentials.schemas.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

interface Person {
  actor: ReaderActor
  cardNumber: string
  password: string
  email: string
  phone: string
}

let serial = 0
async function person(): Promise<Person> {
  serial += 1
  const email = `reader${serial}@reader.test`
  const phone = `+7910555${String(serial).padStart(4, '0')}`
  const fullName = `Забывчивый ${'абвгдежзик'[serial % 10]}${'абвгдежзик'[Math.floor(serial / 10)]}`
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, { fullName, email, phone }),
  )
  const decide = authorise(network.operator, 'applications.decide')
  const { readerId } = await app.applications.register(decide, id, {
    revision: 1,
    providerNumber: '',
    providerPassword: '',
    anotherPerson: false,
  })
  const row = await app.db
    .selectFrom('readers as r')
    .innerJoin('cards as c', 'c.reader_id', 'r.id')
    .innerJoin('sealed_passwords as s', 's.reader_id', 'r.id')
    .select(['c.number', 's.sealed', 'r.full_name', 'r.birth_date'])
    .where('r.id', '=', readerId)
    .executeTakeFirstOrThrow()
  return {
    actor: { kind: 'reader', readerId, fullName: row.full_name, birthDate: row.birth_date },
    cardNumber: row.number,
    password: app.sealer.open(row.sealed, `${readerId}/initial`),
    email,
    phone,
  }
}

let stranger = 0
/** An address that nobody has come from before: the limits aren't what is tested here. */
const somewhere = () => ({ address: `198.51.100.${(stranger += 1)}`, userAgent: 'test' })
const signIn = ({ cardNumber }: Person, password: string) =>
  app.sessions.signInReader({ cardNumber, password }, somewhere())
const chosen = 'Сирень у крыльца'

/** Asks for a code and does the job, as the worker would. */
async function askForCode(cardNumber: string, channel: 'sms' | 'email' = 'email'): Promise<void> {
  await app.credentials.askCode(cardNumber, channel, somewhere())
  const { rows } = await app.pool.query<{ payload: { cardNumber: string; channel: 'sms' | 'email' } }>(
    `with done as (delete from graphile_worker._private_jobs as j using graphile_worker._private_tasks as t
       where t.id = j.task_id and t.identifier = 'credentials:send-code' returning j.payload)
     select payload from done`,
  )
  for (const { payload } of rows) await app.credentials.sendCode(payload.cardNumber, payload.channel)
}

async function messagesTo(recipient: string): Promise<{ id: string; event: string; state: string }[]> {
  return app.db
    .selectFrom('messages')
    .select(['id', 'event', 'state'])
    .where('recipient', '=', recipient)
    .where('event', 'in', ['reader.code', 'reader.password-changed'])
    .orderBy('id')
    .execute()
}

/** The code that came to an address or a phone. */
async function codeSentTo(recipient: string): Promise<string> {
  for (const { id } of await messagesTo(recipient)) await app.messages.send(id)
  const outbox = await app.messages.outbox()
  const text = outbox.find(({ to, text }) => to === recipient && /код/i.test(text))?.text ?? ''
  return /\d{6}/.exec(text)?.[0] ?? ''
}

const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('a reader who changes the password', () => {
  it('stays signed in here and nowhere else, and signs in with the new one, exactly as typed', async () => {
    const reader = await person()
    const here = await signIn(reader, reader.password)
    const elsewhere = await signIn(reader, reader.password)
    await app.credentials.change(reader.actor, chosen, here.token)
    expect(await app.sessions.actor(here.token)).toMatchObject({ readerId: reader.actor.readerId })
    expect(await app.sessions.actor(elsewhere.token)).toBeUndefined()
    await expect(signIn(reader, reader.password)).rejects.toThrow('wrong_credentials')
    await expect(signIn(reader, chosen.toLowerCase())).rejects.toThrow('wrong_credentials')
    await signIn(reader, chosen)
  })

  it('is told by mail, leaves no readable copy, and it is in the log', async () => {
    const reader = await person()
    const { token } = await signIn(reader, reader.password)
    await app.credentials.change(reader.actor, chosen, token)
    const sealed = await app.db
      .selectFrom('sealed_passwords')
      .selectAll()
      .where('reader_id', '=', reader.actor.readerId)
      .execute()
    expect(sealed).toEqual([])
    expect(await messagesTo(reader.email)).toMatchObject([{ event: 'reader.password-changed' }])
    const logged = await app.db
      .selectFrom('audit_log')
      .select(['action', 'actor_kind'])
      .where('subject_id', '=', reader.actor.readerId)
      .orderBy('seq', 'desc')
      .executeTakeFirst()
    expect(logged).toEqual({ action: 'credentials.change', actor_kind: 'reader' })
  })

  it('changes nothing once a session that was ended meanwhile is behind it', async () => {
    const reader = await person()
    const { token } = await signIn(reader, reader.password)
    await app.sessions.signOut(token)
    await expect(app.credentials.change(reader.actor, chosen, token)).rejects.toThrow('wrong_password')
    await signIn(reader, reader.password)
  })
})

describe('a reader who has forgotten the password', () => {
  it.each(['sms', 'email'] as const)(
    'gets a code by %s and chooses a new one; every session ends',
    async (channel) => {
      const reader = await person()
      const before = await signIn(reader, reader.password)
      await askForCode(reader.cardNumber.replace(/(\d{4})/g, '$1 '), channel)
      const code = await codeSentTo(channel === 'sms' ? reader.phone : reader.email)
      expect(code).toMatch(/^\d{6}$/)
      await app.credentials.recover({ cardNumber: reader.cardNumber, code, newPassword: chosen }, somewhere())
      expect(await app.sessions.actor(before.token)).toBeUndefined()
      await signIn(reader, chosen)
      expect((await messagesTo(reader.email)).at(-1)).toMatchObject({ event: 'reader.password-changed' })
    },
  )

  it('a code works once, for half an hour, and the last one alone', async () => {
    const reader = await person()
    const recover = (code: string) =>
      app.credentials.recover({ cardNumber: reader.cardNumber, code, newPassword: chosen }, somewhere())
    await askForCode(reader.cardNumber, 'sms')
    const first = await codeSentTo(reader.phone)
    await askForCode(reader.cardNumber, 'email')
    const second = await codeSentTo(reader.email)
    if (first !== second) await expect(recover(first)).rejects.toThrow('wrong_code')
    await recover(` ${second.slice(0, 3)} ${second.slice(3)}`)
    await expect(recover(second)).rejects.toThrow('wrong_code')

    await askForCode(reader.cardNumber, 'sms')
    const [{ sealed } = { sealed: Buffer.of() }] = await app.db
      .selectFrom('recovery_codes')
      .select('sealed')
      .where('reader_id', '=', reader.actor.readerId)
      .execute()
    const third = app.sealer.open(sealed, `${reader.actor.readerId}/recovery`)
    app.setTime('2026-11-24T09:30:00Z')
    await expect(recover(third)).rejects.toThrow('wrong_code')
    app.setTime('2026-11-24T09:00:00Z')
  })

  it('five wrong tries end a code, wherever they come from and however many at once', async () => {
    const reader = await person()
    await askForCode(reader.cardNumber)
    const code = await codeSentTo(reader.email)
    const recover = (typed: string) =>
      app.credentials.recover(
        { cardNumber: reader.cardNumber, code: typed, newPassword: chosen },
        somewhere(),
      )
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => recover(otherThan(code))))
    expect(tries.map(({ status }) => status)).toEqual(Array(5).fill('rejected'))
    await expect(recover(code)).rejects.toThrow('wrong_code')
    await signIn(reader, reader.password)
  })

  it('a code that was asked for before the password was changed doesn’t work any more', async () => {
    const reader = await person()
    const { token } = await signIn(reader, reader.password)
    await askForCode(reader.cardNumber)
    const code = await codeSentTo(reader.email)
    await app.credentials.change(reader.actor, chosen, token)
    await expect(
      app.credentials.recover(
        { cardNumber: reader.cardNumber, code, newPassword: 'Другой пароль' },
        somewhere(),
      ),
    ).rejects.toThrow('wrong_code')
    await signIn(reader, chosen)
  })

  it('of two who spend one code at once one chooses the password', async () => {
    const reader = await person()
    await askForCode(reader.cardNumber)
    const code = await codeSentTo(reader.email)
    const outcomes = await Promise.allSettled(
      ['Первый пароль', 'Второй пароль'].map((newPassword) =>
        app.credentials.recover({ cardNumber: reader.cardNumber, code, newPassword }, somewhere()),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('isn’t told apart from a stranger: no card, no such contact, a blocked card', async () => {
    const reader = await person()
    await app.db.updateTable('readers').set({ phone: null }).where('id', '=', reader.actor.readerId).execute()
    const blocked = await person()
    await app.db
      .updateTable('cards')
      .set({ state: 'blocked' })
      .where('number', '=', blocked.cardNumber)
      .execute()
    for (const [number, channel] of [
      ['2001000099990', 'sms'],
      [reader.cardNumber, 'sms'],
      [blocked.cardNumber, 'email'],
      ['Забывчивый Иван', 'email'],
    ] as const) {
      await askForCode(number, channel)
      await expect(
        app.credentials.recover({ cardNumber: number, code: '123456', newPassword: chosen }, somewhere()),
      ).rejects.toThrow('credentials.wrong_code')
    }
    const codes = await app.db
      .selectFrom('recovery_codes')
      .select('reader_id')
      .where('reader_id', 'in', [reader.actor.readerId, blocked.actor.readerId])
      .execute()
    expect(codes).toEqual([])
  })

  it('nothing that was typed by mistake instead of a number is kept in a job', async () => {
    await app.credentials.askCode('Забывчивый Иван, +7 910 555-00-01', 'sms', somewhere())
    const { rows } = await app.pool.query('select payload from graphile_worker._private_jobs')
    expect(JSON.stringify(rows)).not.toContain('Забывчивый')
  })

  it('three codes for one card at once are enough; the fourth is told when to come again', async () => {
    const reader = await person()
    for (let n = 0; n < 3; n += 1) await askForCode(reader.cardNumber)
    await expect(askForCode(reader.cardNumber)).rejects.toMatchObject({
      code: 'credentials.too_many_codes',
      values: { minutes: 120 },
    })
  })

  it('a code whose message comes too late isn’t sent, and is in no stored text', async () => {
    const reader = await person()
    await askForCode(reader.cardNumber)
    const [message] = await messagesTo(reader.email)
    const code = app.sealer.open(
      (
        await app.db
          .selectFrom('recovery_codes')
          .select('sealed')
          .where('reader_id', '=', reader.actor.readerId)
          .executeTakeFirstOrThrow()
      ).sealed,
      `${reader.actor.readerId}/recovery`,
    )
    const { rows } = await app.pool.query(
      `select (select json_agg(m) from messages m) as messages, (select json_agg(l) from audit_log l) as log,
         (select json_agg(j) from graphile_worker._private_jobs j) as jobs`,
    )
    expect(JSON.stringify(rows)).not.toContain(`"${code}"`)
    expect(JSON.stringify(rows)).not.toContain(` ${code} `)
    app.setTime('2026-11-24T09:31:00Z')
    await app.messages.send(message?.id ?? '')
    expect(await messagesTo(reader.email)).toMatchObject([{ state: 'failed' }])
    app.setTime('2026-11-24T09:00:00Z')
  })
})

const desk = (by = network.librarian) => authorise(by, 'readers.new-password')
const contactsOf = ({ email, phone }: Person) => ({ email, phone, identitySeen: true })
/** The password that came to a phone last. */
async function passwordSentTo(recipient: string): Promise<string> {
  const rows = await app.db
    .selectFrom('messages')
    .select('id')
    .where('recipient', '=', recipient)
    .where('state', '=', 'queued')
    .execute()
  for (const { id } of rows) await app.messages.send(id)
  const [latest] = (await app.messages.outbox()).filter(({ to }) => to === recipient)
  return /^Пароль:? (\S{8})$/m.exec(latest?.text ?? '')?.[1] ?? ''
}

describe('a librarian who gives a new password', () => {
  it('ends the old one and every session; the new one goes to the reader’s contacts', async () => {
    const reader = await person()
    const { token } = await signIn(reader, reader.password)
    expect(await app.credentials.give(desk(), reader.actor.readerId, contactsOf(reader))).toEqual([])
    expect(await app.sessions.actor(token)).toBeUndefined()
    await expect(signIn(reader, reader.password)).rejects.toThrow('wrong_credentials')
    const password = await passwordSentTo(reader.phone)
    expect(await passwordSentTo(reader.email)).toBe(password)
    await signIn(reader, password)
  })

  it('sees a document first, and it is in the log without a value', async () => {
    const reader = await person()
    const give = (identitySeen: boolean) =>
      app.credentials.give(desk(), reader.actor.readerId, { ...contactsOf(reader), identitySeen })
    await expect(give(false)).rejects.toThrow('document_unchecked')
    await signIn(reader, reader.password)
    await give(true)
    const logged = await app.db
      .selectFrom('audit_log')
      .select(['action', 'actor_id', 'details'])
      .where('subject_id', '=', reader.actor.readerId)
      .orderBy('seq', 'desc')
      .executeTakeFirst()
    expect(logged).toEqual({
      action: 'credentials.give',
      actor_id: network.librarian.staffId,
      details: { fields: [] },
    })
  })

  it('gives one password by two clicks, and another one later', async () => {
    const reader = await person()
    const give = () => app.credentials.give(desk(), reader.actor.readerId, contactsOf(reader))
    await Promise.all([give(), give()])
    const password = await passwordSentTo(reader.phone)
    await signIn(reader, password)
    const told = (event: string) =>
      app.db
        .selectFrom('messages')
        .select('id')
        .where('recipient', '=', reader.email)
        .where('event', '=', event)
        .execute()
    expect(await told('reader.new-password')).toHaveLength(1)
    app.setTime('2026-11-24T09:01:00Z')
    await give()
    app.setTime('2026-11-24T09:00:00Z')
    await expect(signIn(reader, password)).rejects.toThrow('wrong_credentials')
  })

  it('puts a contact right that isn’t the reader’s: nothing goes to the stranger any more', async () => {
    const reader = await person()
    const stranger = reader.phone
    const phone = '+79107770001'
    const fields = await app.credentials.give(desk(), reader.actor.readerId, {
      ...contactsOf(reader),
      phone,
    })
    expect(fields).toEqual(['phone'])
    const password = await passwordSentTo(phone)
    await signIn(reader, password)
    // The welcome that still waited for its undo time would have told the stranger the new password.
    const toStranger = await app.db
      .selectFrom('messages')
      .select('id')
      .where('recipient', '=', stranger)
      .execute()
    expect(toStranger).toEqual([])
  })

  it('of another library does so after an exact look-up, and leaves the contacts to the reader’s own', async () => {
    const reader = await person()
    const by = desk(network.otherLibrarian)
    const give = (phone = reader.phone) =>
      app.credentials.give(by, reader.actor.readerId, { ...contactsOf(reader), phone })
    await expect(give()).rejects.toThrow('not_found')
    await app.readers.find(
      authorise(network.otherLibrarian, 'readers.read'),
      authorise(network.otherLibrarian, 'readers.find-exact'),
      { query: reader.cardNumber, birthDate: '' },
    )
    await expect(give('+79107770002')).rejects.toThrow('readers.elsewhere')
    await signIn(reader, reader.password)
    await give()
    await expect(signIn(reader, reader.password)).rejects.toThrow('wrong_credentials')
  })
})

describe('a password that a reader chooses', () => {
  const taken = (newPassword: string) =>
    changePasswordSchema.safeParse({ password: 'x', newPassword }).success

  it('isn’t one that is tried first', () => {
    expect(taken('qwertyui')).toBe(false)
    expect(taken('Сирень у крыльца')).toBe(true)
  })

  it('isn’t what stands on the card or in the record, however it is written; the code isn’t spent by it', async () => {
    const reader = await person()
    const { token } = await signIn(reader, reader.password)
    const { birthDate } = reader.actor
    const [year, month, day] = birthDate?.split('-') ?? []
    const subscriber = reader.phone.slice(2)
    const known = [
      reader.cardNumber,
      reader.cardNumber.replace(/(.{4})/g, '$1 '),
      `${day}.${month}.${year}`,
      `${year}-${month}-${day}`,
      `8 (${subscriber.slice(0, 3)}) ${subscriber.slice(3)}`,
      reader.phone,
      reader.email.toUpperCase(),
    ]
    for (const password of known)
      await expect(app.credentials.change(reader.actor, password, token), password).rejects.toThrow(
        'known_to_others',
      )
    await askForCode(reader.cardNumber)
    const code = await codeSentTo(reader.email)
    const recover = (newPassword: string) =>
      app.credentials.recover({ cardNumber: reader.cardNumber, code, newPassword }, somewhere())
    await expect(recover(reader.cardNumber)).rejects.toThrow('known_to_others')
    await signIn(reader, reader.password)
    await recover(`${reader.cardNumber} и кот`)
    await signIn(reader, `${reader.cardNumber} и кот`)
  })

  it('has eight signs or more, of any kind', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 7 }), (text) => {
        fc.pre([...text.normalize('NFC')].length < 8)
        expect(taken(text)).toBe(false)
      }),
    )
    for (const password of [chosen, 'кот и пёс', '2 кота и 7 мышей', 'сирень-у-крыльца'])
      expect(taken(password)).toBe(true)
  })
})
