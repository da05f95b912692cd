import { describe, expect, it } from 'vitest'
import { authorise, consoleActor } from '../staff/actors.ts'
import {
  actorOf,
  addPasskey,
  app,
  confirmed,
  from,
  network,
  newMember,
  now,
  pass,
  password,
  require,
  setUpTotp,
  signedIn,
  stepOf,
  useStaffAccess,
  withCode,
  withPassword,
} from './staff-access.fixtures.ts'

useStaffAccess()

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
