import { describe, expect, it } from 'vitest'
import { createSoftPasskey } from '../../../tests/support/soft-passkey.ts'
import type { PasskeyAnswer } from './passkeys.ts'
import { passkeySchema } from './passkeys.ts'
import {
  actorOf,
  addPasskey,
  answerOf,
  app,
  codeOf,
  confirmed,
  from,
  newMember,
  now,
  origin,
  pass,
  setUpTotp,
  signedIn,
  stepOf,
  useStaffAccess,
  withCode,
  withPassword,
} from './staff-access.fixtures.ts'

useStaffAccess()

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
