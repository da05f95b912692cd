import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { authorise, consoleActor } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

let serial = 0
async function registered(): Promise<{ readerId: string; cardNumber: string; password: string }> {
  serial += 1
  const fullName = `Читатель ${'абвгдежзик'[serial % 10]}${'абвгдежзик'[Math.floor(serial / 10)]}`
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, { fullName }),
  )
  const { readerId } = await app.applications.register(
    authorise(network.operator, 'applications.decide'),
    id,
    {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    },
  )
  const row = await app.db
    .selectFrom('cards')
    .innerJoin('sealed_passwords as s', 's.reader_id', 'cards.reader_id')
    .select(['number', 'sealed'])
    .where('cards.reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  return { readerId, cardNumber: row.number, password: app.sealer.open(row.sealed, `${readerId}/initial`) }
}

const from = (address: string) => ({ address, userAgent: 'test' })
const attempt = (cardNumber: string, password: string, address: string) =>
  app.sessions.signInReader({ cardNumber, password }, from(address)).then(
    () => 'in',
    (error: Error) => error.message,
  )

describe('signing in with a library card', () => {
  it('works with number and password, however they were spaced and spelled', async () => {
    const { cardNumber, password, readerId } = await registered()
    const session = await app.sessions.signInReader(
      { cardNumber: cardNumber.replace(/(\d{4})/g, '$1 '), password: ` ${password.toUpperCase()} ` },
      from('198.51.100.1'),
    )
    expect(await app.sessions.actor(session.token)).toMatchObject({ kind: 'reader', readerId })
    await app.sessions.signOut(session.token)
    expect(await app.sessions.actor(session.token)).toBeUndefined()
  })

  it('removes the readable copy of the initial password, and the password goes on working', async () => {
    const { cardNumber, password, readerId } = await registered()
    expect(await attempt(cardNumber, password, '198.51.100.2')).toBe('in')
    expect(
      await app.db.selectFrom('sealed_passwords').selectAll().where('reader_id', '=', readerId).execute(),
    ).toEqual([])
    expect(await attempt(cardNumber, password, '198.51.100.2')).toBe('in')
  })

  it('an unknown card and a wrong password give one answer', async () => {
    const { cardNumber } = await registered()
    expect(await attempt(cardNumber, 'wrong', '198.51.100.3')).toBe('sessions.wrong_credentials')
    expect(await attempt('2999000000017', 'wrong', '198.51.100.3')).toBe('sessions.wrong_credentials')
  })

  it('a blocked card signs nobody in', async () => {
    const { cardNumber, password } = await registered()
    await app.db.updateTable('cards').set({ state: 'blocked' }).where('number', '=', cardNumber).execute()
    expect(await attempt(cardNumber, password, '198.51.100.4')).toBe('sessions.wrong_credentials')
  })

  it('an expired session is nobody’s', async () => {
    const { cardNumber, password } = await registered()
    const session = await app.sessions.signInReader({ cardNumber, password }, from('198.51.100.5'))
    app.setTime(session.expiresAt)
    expect(await app.sessions.actor(session.token)).toBeUndefined()
    app.setTime('2026-11-24T09:00:00Z')
  })
})

describe('wrong passwords', () => {
  it('are slowed down per card and address, also when guessed in parallel', async () => {
    const { cardNumber, password } = await registered()
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, n) => attempt(cardNumber, `guess${n}`, '203.0.113.1')),
    )
    expect(guesses.filter((answer) => answer === 'sessions.wrong_credentials').length).toBeLessThanOrEqual(5)
    expect(await attempt(cardNumber, password, '203.0.113.1')).toBe('sessions.too_many_attempts')
  })

  it('of a stranger lock nobody out: the reader gets in from his own address', async () => {
    const { cardNumber, password } = await registered()
    for (let n = 0; n < 8; n += 1) await attempt(cardNumber, `guess${n}`, '203.0.113.2')
    expect(await attempt(cardNumber, password, '203.0.113.3')).toBe('in')
  })

  it('drain with time', async () => {
    const { cardNumber, password } = await registered()
    for (let n = 0; n < 8; n += 1) await attempt(cardNumber, `guess${n}`, '203.0.113.4')
    expect(await attempt(cardNumber, password, '203.0.113.4')).toBe('sessions.too_many_attempts')
    await app.pool.query(`update sign_in_failures set updated_at = updated_at - interval '30 seconds'`)
    expect(await attempt(cardNumber, password, '203.0.113.4')).toBe('in')
  })

  it('a class of thirty behind one address, three typos each, gets in without waiting', async () => {
    const { cardNumber, password } = await registered()
    const pupils = Array.from({ length: 30 }, (_, n) => `2002${String(n).padStart(9, '0')}`)
    for (const pupil of pupils) {
      for (let typo = 0; typo < 3; typo += 1) {
        expect(await attempt(pupil, `typo${typo}`, '203.0.113.5')).toBe('sessions.wrong_credentials')
      }
    }
    expect(await attempt(cardNumber, password, '203.0.113.5')).toBe('in')
  }, 60_000)

  it('only failures count: signing in a hundred and fifty times from one address is fine', async () => {
    const { cardNumber, password } = await registered()
    for (let n = 0; n < 150; n += 1) expect(await attempt(cardNumber, password, '203.0.113.6')).toBe('in')
  }, 60_000)
})

describe('staff sign-in', () => {
  it('is audited, and a disabled staff member is shut out at once', async () => {
    const staffId = await app.staff.add(consoleActor(), {
      email: 'Someone@Library.test',
      fullName: 'Сотрудник',
      password: 'long enough',
      roles: [{ role: 'librarian', libraryId: network.bui }],
    })
    const session = await app.sessions.signInStaff(
      { email: 'someone@library.test', password: 'long enough' },
      from('192.0.2.1'),
    )
    expect(await app.sessions.actor(session.token)).toMatchObject({ kind: 'staff', staffId })
    const entry = await app.db
      .selectFrom('audit_log')
      .select(['action', 'actor_id'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({ action: 'sessions.sign-in', actor_id: staffId })
    await app.db.updateTable('staff').set({ disabled_at: app.clock() }).where('id', '=', staffId).execute()
    expect(await app.sessions.actor(session.token)).toBeUndefined()
  })
})
