import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, signInStaff } from '../../../tests/support/app.ts'
import { after, days, hours } from '../shared/clock.ts'
import { inTransaction } from '../shared/db.ts'
import { isExpected } from '../shared/errors.ts'
import { authorise, consoleActor, readerOf } from '../staff/actors.ts'
import { attemptBuckets, createAttemptLimits } from './limits.ts'
import { openSession } from './opening.ts'

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

/** Time goes by for the limits: the database's clock drains them, so what it has booked grows older. */
const pass = (seconds: number) =>
  app.pool.query(`update sign_in_failures set updated_at = updated_at - $1::float8 * interval '1 second'`, [
    seconds,
  ])

/** How long a try is told to wait, in seconds; undefined when it was not refused, right or wrong. */
async function waitOf(trying: Promise<unknown>): Promise<number | undefined> {
  try {
    await trying
    return undefined
  } catch (error) {
    if (!isExpected(error)) throw error
    if (error.code === 'sessions.too_many_attempts') return Number(error.values['seconds'])
    expect(error.code).toBe('sessions.wrong_credentials')
    return undefined
  }
}

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

describe('a reader’s devices', () => {
  it('are listed with the one in hand, and signed out one by one or all the others at once', async () => {
    const { cardNumber, password, readerId } = await registered()
    const somebody = await registered()
    const signIn = (userAgent: string, typed = { cardNumber, password }) =>
      app.sessions.signInReader(typed, { address: '198.51.100.6', userAgent })
    const [phone, home, library] = [await signIn('Phone'), await signIn('Home'), await signIn('Library')]
    const other = await signIn('Other', somebody)
    const who = await app.sessions.actor(phone.token)
    const [reader, stranger] = [readerOf(who), readerOf(await app.sessions.actor(other.token))]
    expect(reader.readerId).toBe(readerId)
    const listed = async () =>
      (await app.sessions.devices(reader, phone.token)).map(({ userAgent, here }) => [userAgent, here])
    expect((await listed()).toSorted()).toEqual([
      ['Home', false],
      ['Library', false],
      ['Phone', true],
    ])
    const devices = await app.sessions.devices(reader, phone.token)
    const id = devices.find(({ userAgent }) => userAgent === 'Library')?.id ?? ''
    await expect(app.sessions.signOutDevice(stranger, id)).rejects.toThrow('device_gone')
    expect(await app.sessions.actor(library.token)).toBeDefined()
    await app.sessions.signOutDevice(reader, id)
    expect(await app.sessions.actor(library.token)).toBeUndefined()
    await expect(app.sessions.signOutDevice(reader, id)).rejects.toThrow('device_gone')

    await app.sessions.signOutOthers(reader, phone.token)
    expect(await listed()).toEqual([['Phone', true]])
    expect(await app.sessions.actor(home.token)).toBeUndefined()
    expect(await app.sessions.actor(other.token)).toBeDefined()
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
    await pass(30)
    expect(await attempt(cardNumber, password, '203.0.113.4')).toBe('in')
  })

  it('only failures count: signing in more often than an address may fail is fine', async () => {
    const { cardNumber, password } = await registered()
    for (let n = 0; n < 105; n += 1) expect(await attempt(cardNumber, password, '203.0.113.6')).toBe('in')
  }, 60_000)
})

const minutes = 60
const lessonEnd = 10 * minutes

interface Pupil {
  cardNumber: string
  password: string
  typos: number
  /** Seconds that one try takes at the keyboard. */
  pace: number
}

/**
 * A lesson in which a class signs in behind one address. Whoever is ready presses the button in the same
 * moment as the others; whoever is told to wait waits exactly that long.
 * @param press one try of a pupil; the seconds to wait when it is refused
 * @returns the second in which the last one got in; the lesson's end when that comes before
 */
async function lesson(
  pupils: readonly Pupil[],
  press: (pupil: Pupil, wrong: boolean) => Promise<number | undefined>,
): Promise<number> {
  const outside = new Set(pupils.map((pupil) => ({ pupil, typos: pupil.typos, readyAt: pupil.pace })))
  for (let now = 0; ;) {
    const next = Math.min(...[...outside].map(({ readyAt }) => readyAt))
    await pass(next - now)
    now = next
    const pressing = [...outside].filter(({ readyAt }) => readyAt === now)
    const waits = await Promise.all(pressing.map(({ pupil, typos }) => press(pupil, typos > 0)))
    for (const [index, each] of pressing.entries()) {
      const wait = waits[index]
      if (wait !== undefined) each.readyAt = now + wait
      else if (each.typos === 0) outside.delete(each)
      else Object.assign(each, { typos: each.typos - 1, readyAt: now + each.pupil.pace })
    }
    if (outside.size === 0 || now >= lessonEnd) return now
  }
}

describe('a class of thirty behind one address', () => {
  it('with three typos each gets in within two minutes, all of it', async () => {
    const pupils: Pupil[] = []
    for (let n = 0; n < 30; n += 1) pupils.push({ ...(await registered()), typos: 3, pace: 15 })
    const lastIn = await lesson(pupils, ({ cardNumber, password }, wrong) =>
      waitOf(
        app.sessions.signInReader({ cardNumber, password: wrong ? 'typo' : password }, from('203.0.113.5')),
      ),
    )
    expect(lastIn).toBeLessThanOrEqual(2 * minutes)
    const { rows } = await app.pool.query(
      `select from readers join cards on cards.reader_id = readers.id
       where number = any($1) and first_signed_in_at is not null`,
      [pupils.map(({ cardNumber }) => cardNumber)],
    )
    expect(rows).toHaveLength(30)
  }, 60_000)

  it('gets in within five minutes, however many of five typos each makes and however fast they type', async () => {
    const limits = createAttemptLimits(app.db, app.sealer)
    let lessons = 0
    const pupil = fc.record({
      typos: fc.integer({ min: 0, max: 5 }),
      pace: fc.integer({ min: 1, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(pupil, { minLength: 30, maxLength: 30 }), async (pupils) => {
        lessons += 1
        const lastIn = await lesson(
          pupils.map((each, n) => ({ ...each, cardNumber: `${lessons}/${n}`, password: '' })),
          async ({ cardNumber }, wrong) => {
            const buckets = attemptBuckets(`card ${cardNumber}`, `school ${lessons}`)
            const wait = await waitOf(limits.book(buckets))
            if (wait === undefined && !wrong) await limits.refund(buckets)
            return wait
          },
        )
        expect(lastIn).toBeLessThanOrEqual(5 * minutes)
      }),
      {
        numRuns: 8,
        endOnFailure: true,
        // The most that may be, and all at once.
        examples: [[Array.from({ length: 30 }, () => ({ typos: 5, pace: 1 }))]],
      },
    )
  }, 60_000)
})

describe('a card at which a stranger guesses', () => {
  it('from a hundred addresses lets its owner in twelve seconds after the last guess', async () => {
    const { cardNumber, password } = await registered()
    const answers = []
    for (let n = 0; n < 100; n += 1) answers.push(await attempt(cardNumber, `guess${n}`, `192.0.2.${n}`))
    // Thirty guesses, and a few more for the time that these hundred take.
    expect(answers.filter((answer) => answer === 'sessions.wrong_credentials').length).toBeLessThan(40)
    const owner = () => app.sessions.signInReader({ cardNumber, password }, from('198.51.100.7'))
    const wait = await waitOf(owner())
    expect(wait).toBeLessThanOrEqual(12)
    await pass(wait ?? 0)
    expect(await waitOf(owner())).toBeUndefined()
    expect(await attempt(cardNumber, password, '198.51.100.7')).toBe('in')
  }, 60_000)

  it('lets at most five guesses a minute through, from however many addresses they come', async () => {
    const { cardNumber } = await registered()
    for (let n = 0; n < 31; n += 1) await attempt(cardNumber, `guess${n}`, `192.0.2.${n}`)
    let through = 0
    for (let second = 0; second < 3 * minutes; second += 5) {
      await pass(5)
      if ((await attempt(cardNumber, 'guess', `stranger ${second}`)) === 'sessions.wrong_credentials')
        through += 1
    }
    expect(through).toBeGreaterThan(0)
    expect(through).toBeLessThanOrEqual(3 * 5 + 5)
  }, 60_000)

  it('costs other cards behind the same addresses nothing', async () => {
    const { cardNumber } = await registered()
    for (let n = 0; n < 120; n += 1) await attempt(cardNumber, `guess${n}`, '192.0.2.200')
    const neighbour = await registered()
    expect(await attempt(neighbour.cardNumber, neighbour.password, '192.0.2.200')).toBe('in')
  })
})

describe('a session', () => {
  /** Uses it every so often for as long as it lasts. @returns the days that it lasted */
  async function lastedUsed(kind: 'reader' | 'staff', every: number): Promise<number> {
    const at = app.clock()
    const who = kind === 'staff' ? network.admin.staffId : (await registered()).readerId
    const { token } = await inTransaction(app.db, (tx) =>
      openSession(tx, at, { kind, id: who }, from('192.0.2.1')),
    )
    for (let used = after(at, every); ; used = after(used, every)) {
      app.setTime(used)
      if (!(await app.sessions.actor(token))) return (used.getTime() - at.getTime()) / days(1)
    }
  }

  it('of staff ends half a day after it was used last, and after a week however it is used', async () => {
    expect(await lastedUsed('staff', hours(13))).toBe(13 / 24)
    expect(await lastedUsed('staff', hours(12) - 1)).toBeCloseTo(7, 0)
  })

  it('of a reader goes on for months with use, a year at most', async () => {
    expect(await lastedUsed('reader', days(91))).toBe(91)
    expect(await lastedUsed('reader', days(61))).toBe(7 * 61 - 61)
  })

  it('is kept by the browser as long as it may last', async () => {
    const { expiresAt } = await inTransaction(app.db, (tx) =>
      openSession(tx, app.clock(), { kind: 'staff', id: network.admin.staffId }, from('192.0.2.1')),
    )
    expect(expiresAt).toEqual(after(app.clock(), days(7)))
  })
})

describe('staff sign-in', () => {
  it('is audited, and a disabled staff member is shut out at once', async () => {
    const staffId = await app.staff.add(consoleActor(), {
      email: 'Someone@Library.test',
      fullName: 'Сотрудник',
      password: 'long enough',
      roles: [{ role: 'librarian', libraryId: network.bui }],
    })
    const session = await signInStaff(
      app,
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
