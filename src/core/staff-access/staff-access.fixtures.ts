import { randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import { createSoftPasskey } from '../../../tests/support/soft-passkey.ts'
import { inTransaction } from '../shared/db.ts'
import { writeSetting } from '../settings/settings.ts'
import type { Role } from '../staff/actors.ts'
import { consoleActor, staffOf } from '../staff/actors.ts'
import type { PasskeyAnswer } from './passkeys.ts'
import { passkeySchema } from './passkeys.ts'

export let app: TestApp
export let network: TestNetwork
export let now: Date

/** Staff members of an app of the file’s own; no second factor is required when a test begins. */
export function useStaffAccess(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
  beforeEach(async () => {
    now = new Date(testStart)
    pass(0)
    await require(false)
    await app.pool.query('delete from sign_in_failures')
  })
}

export const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000)
  app.setTime(now)
}

export const password = 'десять знаков'
export const origin = 'http://library.test'
export const from = { address: '192.0.2.1', userAgent: 'test' }
export const require = (on: boolean) =>
  inTransaction(app.db, (tx) => writeSetting(tx, 'staff.secondFactorRequired', on))

export interface Member {
  id: string
  email: string
}

export async function newMember(...held: Role[]): Promise<Member> {
  const email = `${randomUUID()}@library.test`
  const id = await app.staff.add(consoleActor(), {
    email,
    fullName: 'Сотрудник',
    password,
    roles: held.map((role) => ({ role, libraryId: network.central })),
  })
  return { id, email }
}

export const withPassword = ({ email }: Member, typed = password) =>
  app.staffAccess.withPassword({ email, password: typed }, from)

/** A session opened by the password alone. */
export async function signedIn(member: Member): Promise<string> {
  const entered = await withPassword(member)
  if (!('token' in entered)) throw new Error('a second factor is asked for')
  return entered.token
}
/** What is left to do after the password. */
export async function stepOf(member: Member): Promise<string> {
  const entered = await withPassword(member)
  if (!('step' in entered)) throw new Error('no second factor is asked for')
  return entered.step
}

export const actorOf = async (token: string) => staffOf(await app.sessions.actor(token))
export const confirmed = async (token: string) => app.staffAccess.confirmed(await actorOf(token), token)
export const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate({ timestamp: now.getTime() })

/** Sets codes up in a session. @returns the secret and the recovery codes that were shown */
export async function setUpTotp(token: string): Promise<{ secret: string; codes: string[] }> {
  await app.staffAccess.factors.beginTotp(await confirmed(token))
  const { secret = '' } = (await app.staffAccess.factors.totpToSetUp(await confirmed(token))) ?? {}
  const { codes } = await app.staffAccess.factors.confirmTotp(await confirmed(token), codeOf(secret))
  return { secret, codes: codes ?? [] }
}

export const withCode = async (member: Member, typed: string) =>
  app.staffAccess.withCode(await stepOf(member), typed, from)

export const answerOf = (text: string): PasskeyAnswer => passkeySchema.parse({ passkey: text }).passkey

export async function addPasskey(token: string, passkey = createSoftPasskey(origin)) {
  const options = await app.staffAccess.factors.passkeyToSetUp(await confirmed(token))
  const made = answerOf(passkey.make(options))
  return {
    passkey,
    ...(await app.staffAccess.factors.addPasskey(await confirmed(token), { passkey: made, name: 'Ключ' })),
  }
}
