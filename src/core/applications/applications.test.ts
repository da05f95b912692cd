import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { isEan13 } from '../cards/cards.ts'
import { verifyPassword } from '../shared/passwords.ts'
import { authorise } from '../staff/actors.ts'
import type { SendInput } from './applications.schemas.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const writer = () => authorise(network.librarian, 'applications.write')
const decider = () => authorise(network.operator, 'applications.decide')
const send = (change: Partial<SendInput> = {}) =>
  app.applications.send(writer(), network.bui, questionnaire(network, change))
const register = (id: string, change: Partial<Parameters<typeof app.applications.register>[2]> = {}) =>
  app.applications.register(decider(), id, {
    revision: 1,
    providerNumber: '',
    providerPassword: '',
    anotherPerson: false,
    ...change,
  })
const handover = () => ({ handoverGiven: true, handoverVersion: network.handoverVersion })
const fresh = () => ({ fullName: `Кузнецов ${[...randomUUID().replace(/[^a-f]/g, '')].join('')}` })
const count = async (table: 'readers' | 'cards' | 'applications' | 'messages' | 'audit_log') => {
  const row = await app.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

describe('sending a questionnaire', () => {
  it('needs a recorded consent', async () => {
    await expect(send({ consentGiven: false })).rejects.toThrow('consents.missing')
  })

  it('needs the representative’s name and relation below 14, and from 14 on it doesn’t', async () => {
    await expect(send({ ...fresh(), birthDate: '2012-11-25' })).rejects.toThrow('consents.guardian_missing')
    await expect(send({ ...fresh(), birthDate: '2012-11-25', guardianName: 'Мама' })).rejects.toThrow(
      'guardian_missing',
    )
    await send({ ...fresh(), birthDate: '2012-11-25', guardianName: 'Мама', guardianRelation: 'мать' })
    await send({ ...fresh(), birthDate: '2012-11-24' })
  })

  it('refuses a birth date in the future or before living memory', async () => {
    await expect(send({ birthDate: '2026-11-25' })).rejects.toThrow('birth_date_future')
    await expect(send({ birthDate: '1905-01-01' })).rejects.toThrow('birth_date_old')
  })

  it('the same key with the same content gives the same questionnaire, also when sent at once', async () => {
    const input = questionnaire(network, fresh())
    const sent = await Promise.all(
      [1, 2, 3, 4].map(() => app.applications.send(writer(), network.bui, input)),
    )
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1)
  })

  it('the same key with other content is a question, and changes nothing', async () => {
    const first = questionnaire(network, { ...fresh(), email: 'first@reader.test' })
    const { id } = await app.applications.send(writer(), network.bui, first)
    await expect(app.applications.send(writer(), network.bui, { ...first, ...fresh() })).rejects.toThrow(
      'key_reused',
    )
    const kept = await app.applications.details(authorise(network.librarian, 'applications.read'), id)
    expect(kept.fullName).toBe(first.fullName)
  })

  it('another library’s librarian can’t send for this one', async () => {
    const stranger = authorise(network.otherLibrarian, 'applications.write')
    await expect(app.applications.send(stranger, network.bui, questionnaire(network))).rejects.toThrow(
      'not_allowed',
    )
  })
})

describe('registering', () => {
  it('makes reader, card, sealed password, messages and audit entry together', async () => {
    const { id } = await send(fresh())
    const { readerId } = await register(id)
    const row = await app.db
      .selectFrom('readers')
      .innerJoin('cards', 'cards.reader_id', 'readers.id')
      .innerJoin('sealed_passwords as s', 's.reader_id', 'readers.id')
      .select(['number', 'password_hash', 's.sealed'])
      .where('readers.id', '=', readerId)
      .executeTakeFirstOrThrow()
    expect(isEan13(row.number)).toBe(true)
    const password = app.sealer.open(row.sealed, `${readerId}/initial`)
    expect(await verifyPassword(row.password_hash, password)).toBe(true)
    const messages = await app.db
      .selectFrom('messages')
      .select(['channel', 'event'])
      .where('application_id', '=', id)
      .execute()
    expect(messages.map((each) => `${each.channel} ${each.event}`).toSorted()).toEqual([
      'email library.registered',
      'email reader.registered',
      'sms reader.registered',
    ])
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })

  it('keeps no password in any stored text', async () => {
    const { id } = await send({ ...fresh(), ...handover() })
    const { readerId } = await register(id, { providerNumber: '12345', providerPassword: 'provider-secret' })
    const { sealed } = await app.db
      .selectFrom('sealed_passwords')
      .select('sealed')
      .where('reader_id', '=', readerId)
      .where('purpose', '=', 'initial')
      .executeTakeFirstOrThrow()
    const password = app.sealer.open(sealed, `${readerId}/initial`)
    const { rows: tables } = await app.pool.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
       where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
    )
    expect(tables.length).toBeGreaterThan(15)
    for (const { name } of tables) {
      const { rows } = await app.pool.query<{ text: string }>(`select t::text as text from ${name} t`)
      const all = rows.map(({ text }) => text).join('\n')
      expect(all.includes(password) || all.includes('provider-secret'), name).toBe(false)
    }
  })

  it('an outside provider’s number is an account beside the card, never the card', async () => {
    const { id } = await send({ ...fresh(), ...handover() })
    const { readerId } = await register(id, { providerNumber: '777', providerPassword: 'x1' })
    const accounts = await app.db
      .selectFrom('provider_accounts')
      .select('number')
      .where('reader_id', '=', readerId)
      .execute()
    expect(accounts).toEqual([{ number: '777' }])
    const cards = await app.db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .execute()
    expect(cards).toHaveLength(1)
    expect(isEan13(cards[0]?.number ?? '')).toBe(true)
  })

  it('the same person, however spelled, is a possible duplicate and registers nothing', async () => {
    await register((await send({ fullName: 'Семёнова-Белова Ольга Ильинична' })).id)
    const { id } = await send({ fullName: 'БЕЛОВА СЕМЕНОВА  ОЛЬГА ИЛЬИНИЧНА' })
    const before = [await count('readers'), await count('cards'), await count('messages')]
    await expect(register(id)).rejects.toThrow('possible_duplicate')
    expect([await count('readers'), await count('cards'), await count('messages')]).toEqual(before)
    const details = await app.applications.details(authorise(network.operator, 'applications.read'), id)
    expect(details).toMatchObject({ state: 'sent', possibleDuplicate: true })
  })

  it('another person with the same name and birth date is registered when the operator says so', async () => {
    const twins = { fullName: 'Иванов Пётр Петрович', birthDate: '2000-02-02' }
    await register((await send(twins)).id)
    const { readerId } = await register((await send(twins)).id, { anotherPerson: true })
    const reader = await app.db
      .selectFrom('readers')
      .select('namesake')
      .where('id', '=', readerId)
      .executeTakeFirstOrThrow()
    expect(reader.namesake).toBe(1)
  })

  it('siblings born the same day are two readers', async () => {
    const birthDate = '2001-01-01'
    await register((await send({ fullName: 'Орлов Глеб Ильич', birthDate })).id)
    await register((await send({ fullName: 'Орлов Борис Ильич', birthDate })).id)
  })

  it('of two simultaneous registrations of one person exactly one makes a reader', async () => {
    const other = await app.twin()
    for (let round = 0; round < 10; round += 1) {
      const person = fresh()
      const [a, b] = [await send(person), await send(person)]
      const outcomes = await Promise.allSettled([
        register(a.id),
        other.applications.register(decider(), b.id, {
          revision: 1,
          providerNumber: '',
          providerPassword: '',
          anotherPerson: false,
        }),
      ])
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      const readers = await app.db
        .selectFrom('readers')
        .select('id')
        .where('full_name', '=', person.fullName)
        .execute()
      expect(readers).toHaveLength(1)
    }
  })

  it('two operators can’t register one questionnaire twice', async () => {
    const { id } = await send(fresh())
    const outcomes = await Promise.allSettled([register(id), register(id)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('a card number is never given twice, not even after the reader is gone', async () => {
    const { id } = await send(fresh())
    const { readerId } = await register(id)
    const { number } = await app.db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', readerId)
      .executeTakeFirstOrThrow()
    await app.db.deleteFrom('readers').where('id', '=', readerId).execute()
    expect(
      await app.db.selectFrom('cards').select('reader_id').where('number', '=', number).execute(),
    ).toEqual([{ reader_id: null }])
    const next = await register((await send(fresh())).id)
    const card = await app.db
      .selectFrom('cards')
      .select('number')
      .where('reader_id', '=', next.readerId)
      .executeTakeFirstOrThrow()
    expect(card.number).not.toBe(number)
  })
})

describe('returning', () => {
  it('a returned questionnaire is mended and sent again, and its history keeps every step', async () => {
    const { id } = await send(fresh())
    await app.applications.return(decider(), id, { revision: 1, reason: 'Проверьте год рождения' })
    await app.applications.resend(writer(), id, {
      ...questionnaire(network, { ...fresh(), birthDate: '1991-03-05' }),
      revision: 2,
    })
    await register(id, { revision: 3 })
    const details = await app.applications.details(authorise(network.librarian, 'applications.read'), id)
    expect(details.history.map(({ state }) => state)).toEqual(['sent', 'returned', 'sent', 'registered'])
    expect(details.history[1]?.reason).toBe('Проверьте год рождения')
    expect(details.birthDate).toBe('1991-03-05')
  })

  it('a decision on an old page is refused', async () => {
    const { id } = await send(fresh())
    await app.applications.return(decider(), id, { revision: 1, reason: 'x' })
    await expect(register(id, { revision: 1 })).rejects.toThrow('changed_meanwhile')
    await expect(register(id, { revision: 2 })).rejects.toThrow('changed_meanwhile')
  })

  it('another library’s librarian neither sees nor mends it', async () => {
    const { id } = await send(fresh())
    await app.applications.return(decider(), id, { revision: 1, reason: 'x' })
    const stranger = network.otherLibrarian
    await expect(app.applications.details(authorise(stranger, 'applications.read'), id)).rejects.toThrow(
      'not_found',
    )
    const input = { ...questionnaire(network), revision: 2 }
    await expect(
      app.applications.resend(authorise(stranger, 'applications.write'), id, input),
    ).rejects.toThrow('not_found')
    const listed = await app.queue.list(authorise(stranger, 'applications.read'))
    expect(listed.rows).toEqual([])
  })
})

describe('the audit of looks', () => {
  it('a list logs its query and the ids shown, never a name', async () => {
    const person = fresh()
    const { id } = await send(person)
    await app.queue.list(authorise(network.librarian, 'applications.read'), { state: 'sent' })
    const entry = await app.db
      .selectFrom('audit_log')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(entry.action).toBe('applications.list')
    expect((entry.details as { ids: string[] }).ids).toContain(id)
    const { rows } = await app.pool.query<{ text: string }>('select t::text as text from audit_log t')
    expect(rows.some(({ text }) => text.includes(person.fullName))).toBe(false)
  })

  it('a changed, a removed and a cut entry are found', async () => {
    expect(await app.audit.verify(app.db)).toBeUndefined()
    const last = await app.db
      .selectFrom('audit_log')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    const inTrial = async (spoil: string, expectedSeq: number) => {
      await app.pool.query('create table audit_copy as table audit_log')
      await app.pool.query(spoil)
      expect((await app.audit.verify(app.db))?.[0]?.from, spoil).toBe(expectedSeq)
      await app.pool.query('truncate audit_log')
      await app.pool.query('insert into audit_log select * from audit_copy')
      await app.pool.query('drop table audit_copy')
    }
    await inTrial(`update audit_log set action = 'applications.open' where seq = 2`, 2)
    await inTrial('delete from audit_log where seq = 3', 3)
    await inTrial(`delete from audit_log where seq = ${last.seq}`, last.seq)
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })
})
