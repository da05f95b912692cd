import { randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { createSoftPasskey } from '../../../tests/support/soft-passkey.ts'
import { inTransaction } from '../shared/db.ts'
import { writeSetting } from '../settings/settings.ts'
import type { Role } from '../staff/actors.ts'
import { authorise, consoleActor, staffOf } from '../staff/actors.ts'
import type { PasskeyAnswer } from './passkeys.ts'
import { passkeySchema } from './passkeys.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

let now: Date
const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000)
  app.setTime(now)
}
beforeEach(async () => {
  now = new Date(testStart)
  pass(0)
  await require(false)
  await app.pool.query('delete from sign_in_failures')
})

const password = 'десять знаков'
const origin = 'http://library.test'
const from = { address: '192.0.2.1', userAgent: 'test' }
const require = (on: boolean) =>
  inTransaction(app.db, (tx) => writeSetting(tx, 'staff.secondFactorRequired', on))

interface Member {
  id: string
  email: string
}

async function newMember(...held: Role[]): Promise<Member> {
  const email = `${randomUUID()}@library.test`
  const id = await app.staff.add(consoleActor(), {
    email,
    fullName: 'Сотрудник',
    password,
    roles: held.map((role) => ({ role, libraryId: network.central })),
  })
  return { id, email }
}

const withPassword = ({ email }: Member, typed = password) =>
  app.staffAccess.withPassword({ email, password: typed }, from)

/** A session opened by the password alone. */
async function signedIn(member: Member): Promise<string> {
  const entered = await withPassword(member)
  if (!('token' in entered)) throw new Error('a second factor is asked for')
  return entered.token
}
/** What is left to do after the password. */
async function stepOf(member: Member): Promise<string> {
  const entered = await withPassword(member)
  if (!('step' in entered)) throw new Error('no second factor is asked for')
  return entered.step
}

const actorOf = async (token: string) => staffOf(await app.sessions.actor(token))
const confirmed = async (token: string) => app.staffAccess.confirmed(await actorOf(token), token)
const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate({ timestamp: now.getTime() })

/** Sets codes up in a session. @returns the secret and the recovery codes that were shown */
async function setUpTotp(token: string): Promise<{ secret: string; codes: string[] }> {
  await app.staffAccess.factors.beginTotp(await confirmed(token))
  const { secret = '' } = (await app.staffAccess.factors.totpToSetUp(await confirmed(token))) ?? {}
  const { codes } = await app.staffAccess.factors.confirmTotp(await confirmed(token), codeOf(secret))
  return { secret, codes: codes ?? [] }
}

const withCode = async (member: Member, typed: string) =>
  app.staffAccess.withCode(await stepOf(member), typed, from)

const answerOf = (text: string): PasskeyAnswer => passkeySchema.parse({ passkey: text }).passkey

async function addPasskey(token: string, passkey = createSoftPasskey(origin)) {
  const options = await app.staffAccess.factors.passkeyToSetUp(await confirmed(token))
  const made = answerOf(passkey.make(options))
  return {
    passkey,
    ...(await app.staffAccess.factors.addPasskey(await confirmed(token), { passkey: made, name: 'Ключ' })),
  }
}

describe('a second factor by codes', () => {
  it('is asked for from the next sign-in on, and the password alone opens nothing', async () => {
    const member = await newMember('librarian')
    const { secret } = await setUpTotp(await signedIn(member))
    pass(30)
    const entered = await withPassword(member)
    expect(entered).not.toHaveProperty('token')
    const { token } = await withCode(member, codeOf(secret))
    expect((await actorOf(token)).roles).toHaveLength(1)
  })

  it('counts only once a right code was typed: a set-up that was left changes nothing', async () => {
    const member = await newMember('librarian')
    const token = await signedIn(member)
    await app.staffAccess.factors.beginTotp(await confirmed(token))
    await expect(app.staffAccess.factors.confirmTotp(await confirmed(token), '000000')).rejects.toThrow(
      'wrong_code',
    )
    expect(await signedIn(member)).toBeTruthy()
    const { secret = '' } = (await app.staffAccess.factors.totpToSetUp(await confirmed(token))) ?? {}
    await app.staffAccess.factors.confirmTotp(await confirmed(token), codeOf(secret))
    await expect(app.staffAccess.factors.confirmTotp(await confirmed(token), codeOf(secret))).rejects.toThrow(
      'nothing_pending',
    )
  })

  it('lets a code in once: neither again, nor an older one, nor the one of the set-up', async () => {
    const member = await newMember('librarian')
    const { secret } = await setUpTotp(await signedIn(member))
    await expect(withCode(member, codeOf(secret))).rejects.toThrow('wrong_code')
    const older = codeOf(secret)
    pass(30)
    const code = codeOf(secret)
    await withCode(member, code)
    await expect(withCode(member, code)).rejects.toThrow('wrong_code')
    await expect(withCode(member, older)).rejects.toThrow('wrong_code')
  })

  it('lets one of two in who type the same code at the same moment', async () => {
    const member = await newMember('librarian')
    const { secret } = await setUpTotp(await signedIn(member))
    pass(30)
    const step = await stepOf(member)
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => app.staffAccess.withCode(step, codeOf(secret), from)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is slowed down from wherever it is tried, and lies sealed in the database', async () => {
    const member = await newMember('librarian')
    const { secret } = await setUpTotp(await signedIn(member))
    pass(30)
    const step = await stepOf(member)
    const answers: string[] = []
    for (let n = 0; n < 14; n += 1)
      await app.staffAccess
        .withCode(step, '12345x', { ...from, address: `198.51.100.${n}` })
        .catch((error: Error) => answers.push(error.message))
    expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'staff_access.wrong_code'))
    expect(answers.at(-1)).toBe('sessions.too_many_attempts')
    await expect(withCode(member, codeOf(secret))).rejects.toThrow('too_many_attempts')
    const { rows } = await app.pool.query<{ row: string }>('select t::text as row from staff_totp t')
    expect(rows.some(({ row }) => row.includes(secret.replaceAll(' ', '')))).toBe(false)
  })

  it('can be moved to another phone: the old one counts until the new one has given a code', async () => {
    const member = await newMember('librarian')
    const token = await signedIn(member)
    const { secret: old } = await setUpTotp(token)
    await app.staffAccess.factors.beginTotp(await confirmed(token))
    pass(30)
    await withCode(member, codeOf(old))
    const { secret = '' } = (await app.staffAccess.factors.totpToSetUp(await confirmed(token))) ?? {}
    const { codes } = await app.staffAccess.factors.confirmTotp(await confirmed(token), codeOf(secret))
    expect(codes, 'the recovery codes stay').toBeUndefined()
    pass(30)
    await expect(withCode(member, codeOf(old))).rejects.toThrow('wrong_code')
    await withCode(member, codeOf(secret))
  })
})

describe('the first step of a sign-in', () => {
  it('ends after ten minutes, with the password and with the account', async () => {
    const member = await newMember('librarian')
    const token = await signedIn(member)
    const { codes } = await setUpTotp(token)
    const [first = '', second = '', third = ''] = codes
    const late = await stepOf(member)
    pass(600)
    await expect(app.staffAccess.withCode(late, first, from)).rejects.toThrow('step_over')

    const before = await stepOf(member)
    const { token: fresh } = await withCode(member, first)
    await app.staffAccess.changePassword(await confirmed(fresh), 'совсем другой')
    await expect(app.staffAccess.withCode(before, second, from)).rejects.toThrow('step_over')

    const { step } = (await withPassword(member, 'совсем другой')) as { step: string }
    await app.db.updateTable('staff').set({ disabled_at: now }).where('id', '=', member.id).execute()
    await expect(app.staffAccess.withCode(step, third, from)).rejects.toThrow('step_over')
  })

  it('is nobody’s to make up', async () => {
    for (const made of ['', 'x', 'AAAA', Buffer.alloc(80, 1).toString('base64url')])
      await expect(app.staffAccess.withCode(made, '123456', from)).rejects.toThrow('step_over')
  })
})

describe('recovery codes', () => {
  it('are ten, let in once each, however they are typed, and lie in the database as hashes', async () => {
    const member = await newMember('librarian')
    const { codes } = await setUpTotp(await signedIn(member))
    expect(new Set(codes).size).toBe(10)
    const [first = '', second = ''] = codes
    await withCode(member, first.toUpperCase().replaceAll('-', ' '))
    await expect(withCode(member, first)).rejects.toThrow('wrong_code')
    await withCode(member, second)
    const { rows } = await app.pool.query<{ row: string }>(
      'select t::text as row from staff_recovery_codes t',
    )
    for (const code of codes)
      expect(rows.some(({ row }) => row.includes(code.replaceAll('-', '')))).toBe(false)
  })

  it('let one of many in who type the same one at the same moment', async () => {
    const member = await newMember('librarian')
    const { codes } = await setUpTotp(await signedIn(member))
    const step = await stepOf(member)
    const [code = ''] = codes
    const other = await app.twin()
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => (n % 2 ? app : other).staffAccess.withCode(step, code, from)),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('are somebody’s own, and new ones end those before', async () => {
    const [one, another] = [await newMember('librarian'), await newMember('librarian')]
    const token = await signedIn(one)
    const { codes: old } = await setUpTotp(token)
    await setUpTotp(await signedIn(another))
    await expect(withCode(another, old[0] ?? '')).rejects.toThrow('wrong_code')
    const { codes = [] } = await app.staffAccess.factors.newCodes(await confirmed(token))
    await expect(withCode(one, old[0] ?? '')).rejects.toThrow('wrong_code')
    await withCode(one, codes[0] ?? '')
    expect((await app.staffAccess.factors.own(await actorOf(token))).codesLeft).toBe(9)
  })
})

describe('passkeys', () => {
  it('are a second factor, and the whole sign-in where the device has recognised its owner', async () => {
    const member = await newMember('operator')
    const { passkey, codes } = await addPasskey(await signedIn(member))
    expect(codes).toHaveLength(10)
    const step = await stepOf(member)
    const second = await app.staffAccess.passkeyOptions(step, from)
    expect(second.allowCredentials).toHaveLength(1)
    const use = passkey.use(second, { verified: false })
    const { token } = await app.staffAccess.withPasskey(step, answerOf(use), from)
    expect((await actorOf(token)).staffId).toBe(member.id)

    const alone = await app.staffAccess.passkeyOptions(undefined, from)
    expect([alone.allowCredentials, alone.userVerification]).toEqual([undefined, 'required'])
    const entered = await app.staffAccess.withPasskey(undefined, answerOf(passkey.use(alone)), from)
    expect((await actorOf(entered.token)).staffId).toBe(member.id)
  })

  it('that don’t know their owner open nothing without the password', async () => {
    const { passkey } = await addPasskey(await signedIn(await newMember('operator')))
    const options = await app.staffAccess.passkeyOptions(undefined, from)
    const answer = answerOf(passkey.use(options, { verified: false }))
    await expect(app.staffAccess.withPasskey(undefined, answer, from)).rejects.toThrow('passkey_refused')
  })

  it('sign each challenge once, for what it was made for, in time, here, and with their own key', async () => {
    const member = await newMember('operator')
    const { passkey } = await addPasskey(await signedIn(member))
    const options = () => app.staffAccess.passkeyOptions(undefined, from)
    const use = (text: string, step?: string) => app.staffAccess.withPasskey(step, answerOf(text), from)
    const refused = (trying: Promise<unknown>) => expect(trying).rejects.toThrow('passkey_refused')

    const answer = passkey.use(await options())
    await use(answer)
    await refused(use(answer))
    await refused(use(passkey.use({ challenge: 'made-up' })))
    await refused(use(passkey.use(await options()), await stepOf(member)))
    const step = await stepOf(member)
    await refused(use(passkey.use(await app.staffAccess.passkeyOptions(step, from))))
    const session = (await use(passkey.use(await options()))).token
    const toMake = await app.staffAccess.factors.passkeyToSetUp(await confirmed(session))
    await refused(use(passkey.use(toMake), step))
    const late = passkey.use(await options())
    pass(300)
    await refused(use(late))
    await refused(use(createSoftPasskey(origin).use(await options())))
    const elsewhere = JSON.parse(createSoftPasskey('https://evil.test').use(await options())) as object
    const own = JSON.parse(passkey.use(await options())) as { id: string }
    await refused(use(JSON.stringify({ ...elsewhere, id: own.id, rawId: own.id })))
  })

  it('of somebody else are no second factor, nor are those of a closed account', async () => {
    const [one, another] = [await newMember('operator'), await newMember('operator')]
    const { passkey } = await addPasskey(await signedIn(one))
    await addPasskey(await signedIn(another))
    const step = await stepOf(another)
    const foreign = passkey.use(await app.staffAccess.passkeyOptions(step, from))
    await expect(app.staffAccess.withPasskey(step, answerOf(foreign), from)).rejects.toThrow('refused')
    await app.db.updateTable('staff').set({ disabled_at: now }).where('id', '=', one.id).execute()
    const alone = passkey.use(await app.staffAccess.passkeyOptions(undefined, from))
    await expect(app.staffAccess.withPasskey(undefined, answerOf(alone), from)).rejects.toThrow('refused')
  })

  it('are taken on record only for the challenge of that member, and only once', async () => {
    const [one, another] = [
      await signedIn(await newMember('operator')),
      await signedIn(await newMember('operator')),
    ]
    const passkey = createSoftPasskey(origin)
    const made = answerOf(passkey.make(await app.staffAccess.factors.passkeyToSetUp(await confirmed(one))))
    const add = async (token: string, answer: PasskeyAnswer) =>
      app.staffAccess.factors.addPasskey(await confirmed(token), { passkey: answer, name: '' })
    await expect(add(another, made)).rejects.toThrow('passkey_not_added')
    const again = answerOf(passkey.make(await app.staffAccess.factors.passkeyToSetUp(await confirmed(one))))
    await add(one, again)
    await expect(add(one, again)).rejects.toThrow('passkey_not_added')
    const taken = answerOf(
      passkey.make(await app.staffAccess.factors.passkeyToSetUp(await confirmed(another))),
    )
    await expect(add(another, taken)).rejects.toThrow('passkey_not_added')
  })

  it('of which nothing can be read are a faulty field', () => {
    for (const passkey of [
      '',
      '{',
      '[]',
      '{"id":"x"}',
      '{"id":"x","response":{"clientDataJSON":"e30"}}',
      '{"id":"\\u0000","response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOiJ4In0"}}',
    ])
      expect(passkeySchema.safeParse({ passkey }).success, passkey).toBe(false)
  })
})

describe('a required second factor', () => {
  it('leads administrators and operators to set one up, and lets them nowhere else until then', async () => {
    await require(true)
    for (const role of ['admin', 'operator'] as const) {
      const token = await signedIn(await newMember(role, 'librarian'))
      const held = await actorOf(token)
      expect([held.factorMissing, held.roles]).toEqual([true, []])
      expect(() => authorise(held, 'applications.read')).toThrow('not_allowed')
      await setUpTotp(token)
      const free = await actorOf(token)
      expect([free.factorMissing, free.roles.length]).toEqual([undefined, 2])
    }
  })

  it('is nobody else’s matter, and begins with the next sign-in', async () => {
    const operator = await newMember('operator')
    const before = await signedIn(operator)
    await require(true)
    expect((await actorOf(before)).factorMissing).toBeUndefined()
    for (const role of ['librarian', 'curator', 'methodologist'] as const)
      expect((await actorOf(await signedIn(await newMember(role)))).factorMissing).toBeUndefined()
    expect((await actorOf(await signedIn(operator))).factorMissing).toBe(true)
  })

  it('can’t be turned off by those who must have it, unless another one is there', async () => {
    const token = await signedIn(await newMember('operator'))
    await setUpTotp(token)
    await require(true)
    await expect(app.staffAccess.factors.removeTotp(await confirmed(token))).rejects.toThrow('last_factor')
    await addPasskey(token)
    await app.staffAccess.factors.removeTotp(await confirmed(token))
    const [key] = (await app.staffAccess.factors.own(await actorOf(token))).passkeys
    await expect(
      app.staffAccess.factors.removePasskey(await confirmed(token), key?.id ?? ''),
    ).rejects.toThrow('last_factor')
    await require(false)
    await app.staffAccess.factors.removePasskey(await confirmed(token), key?.id ?? '')
    expect(await app.staffAccess.factors.own(await actorOf(token))).toMatchObject({
      totp: false,
      passkeys: [],
      codesLeft: 0,
    })
  })

  it('leaves one of two that are removed at the same moment', async () => {
    await require(false)
    const token = await signedIn(await newMember('operator'))
    await setUpTotp(token)
    await addPasskey(token)
    await require(true)
    const member = await confirmed(token)
    const [key] = (await app.staffAccess.factors.own(await actorOf(token))).passkeys
    const ends = await Promise.allSettled([
      app.staffAccess.factors.removeTotp(member),
      app.staffAccess.factors.removePasskey(member, key?.id ?? ''),
    ])
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('what one signs in with', () => {
  it('is changed only shortly after the password was typed', async () => {
    const token = await signedIn(await newMember('librarian'))
    pass(601)
    await expect(confirmed(token)).rejects.toThrow('not_confirmed')
    const actor = await actorOf(token)
    await expect(app.staffAccess.confirm(actor, token, 'не тот', from)).rejects.toThrow('wrong_password')
    await expect(confirmed(token)).rejects.toThrow('not_confirmed')
    await app.staffAccess.confirm(actor, token, password, from)
    expect((await confirmed(token)).staffId).toBe(actor.staffId)
  })

  it('a password guessed at an open desk is slowed down', async () => {
    const token = await signedIn(await newMember('librarian'))
    const actor = await actorOf(token)
    const answers: string[] = []
    for (let n = 0; n < 7; n += 1)
      await app.staffAccess
        .confirm(actor, token, `guess ${n}`, from)
        .catch((error: Error) => answers.push(error.message))
    expect(answers.at(-1)).toBe('sessions.too_many_attempts')
  })

  it('a new password ends every other session', async () => {
    const member = await newMember('librarian')
    const [here, there] = [await signedIn(member), await signedIn(member)]
    await app.staffAccess.changePassword(await confirmed(here), 'совсем другой')
    expect(await app.sessions.actor(there)).toBeUndefined()
    expect(await actorOf(here)).toBeDefined()
    await expect(withPassword(member)).rejects.toThrow('wrong_credentials')
  })

  it('sessions are listed and ended by their owner only', async () => {
    const [one, another] = [await newMember('librarian'), await newMember('librarian')]
    const [here, there] = [await signedIn(one), await signedIn(one)]
    const stranger = await actorOf(await signedIn(another))
    const actor = await actorOf(here)
    const devices = await app.sessions.devices(actor, here)
    expect(devices.map((device) => device.here).toSorted()).toEqual([false, true])
    const id = devices.find((device) => !device.here)?.id ?? ''
    await expect(app.sessions.signOutDevice(stranger, id)).rejects.toThrow('device_gone')
    await app.sessions.signOutDevice(actor, id)
    expect(await app.sessions.actor(there)).toBeUndefined()
    const third = await signedIn(one)
    await app.sessions.signOutOthers(actor, here)
    expect(await app.sessions.actor(third)).toBeUndefined()
    expect(await app.sessions.actor(here)).toBeDefined()
  })
})

describe('a lost second factor', () => {
  const admin = () => authorise(network.admin, 'staff.secure')

  it('is taken away by an administrator or from the console: all of it, with every session', async () => {
    for (const actor of [admin(), consoleActor()]) {
      const member = await newMember('operator')
      const token = await signedIn(member)
      await setUpTotp(token)
      await addPasskey(token)
      await app.staffAccess.guarding.reset(actor, member.id)
      expect(await app.sessions.actor(token)).toBeUndefined()
      expect(await actorOf(await signedIn(member))).toBeDefined()
      await expect(app.staffAccess.guarding.reset(actor, member.id)).rejects.toThrow('factor_gone')
    }
  })

  it('is not one’s own to take away there', async () => {
    await expect(app.staffAccess.guarding.reset(admin(), network.admin.staffId)).rejects.toThrow('own_factor')
  })

  it('every change of it is in the log, and so is how somebody got in and from where', async () => {
    const member = await newMember('operator')
    const token = await signedIn(member)
    const { codes } = await setUpTotp(token)
    await addPasskey(token)
    await withCode(member, codes[0] ?? '')
    await app.staffAccess.factors.newCodes(await confirmed(token))
    await app.staffAccess.factors.removeTotp(await confirmed(token))
    await app.staffAccess.changePassword(await confirmed(token), 'совсем другой')
    await app.staffAccess.guarding.reset(admin(), member.id)
    await app.staffAccess.guarding.changeRule(admin(), { secondFactorRequired: true })
    const rows = await app.db
      .selectFrom('audit_log')
      .select(['action', 'details'])
      .where((eb) => eb.or([eb('subject_id', '=', member.id), eb('action', '=', 'settings.change')]))
      .orderBy('seq')
      .execute()
    expect(rows.map(({ action, details }) => [action, details])).toEqual([
      ['staff.add', { roles: ['operator'] }],
      ['sessions.sign-in', { way: 'password', address: from.address }],
      ['staff.set-up-factor', { factor: 'totp' }],
      ['staff.set-up-factor', { factor: 'passkey' }],
      ['sessions.sign-in', { way: 'recovery', address: from.address }],
      ['staff.new-recovery-codes', {}],
      ['staff.remove-factor', { factor: 'totp' }],
      ['staff.change-password', {}],
      ['staff.reset-factor', {}],
      ['settings.change', { settings: ['staff.secondFactorRequired'] }],
    ])
  })
})
