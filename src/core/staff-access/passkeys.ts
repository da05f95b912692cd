import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import { after, minutes } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { storable } from '../shared/storable.ts'
import { passkeyNotAdded, passkeyRefused } from './second-factors.ts'

/** Some hundred milliseconds and twenty megabytes that most processes never need. */
const library = () => import('@simplewebauthn/server')

/** What a challenge is for: taking a passkey on record, the second step of a sign-in, or the whole of one. */
type Purpose = 'register' | 'second' | 'sign-in'

const challengeLasts = minutes(5)

/** Ed25519, ES256, RS256 (COSE numbers): what authenticators in use have. */
const algorithms = [-8, -7, -257]

const base64url = z
  .string()
  .max(2000)
  .regex(/^[\w-]+$/)

/** A passkey's answer as the browser's script puts it into a form. What is in it the library checks. */
const answerField = z
  .string()
  .max(20_000)
  .transform((text, context) => {
    try {
      const answer = z
        .looseObject({ id: base64url, response: z.looseObject({ clientDataJSON: z.string() }) })
        .parse(JSON.parse(text))
      const clientData = Buffer.from(answer.response.clientDataJSON, 'base64url').toString('utf8')
      const { challenge } = z.object({ challenge: base64url }).parse(JSON.parse(clientData))
      return { answer: answer as unknown, id: answer.id, challenge }
    } catch {
      context.addIssue({ code: 'custom', message: 'passkey_unreadable' })
      return z.NEVER
    }
  })
export type PasskeyAnswer = z.output<typeof answerField>

export const passkeySchema = z.object({ passkey: answerField })
export const newPasskeySchema = passkeySchema.extend({
  name: z.string().transform(storable).pipe(z.string().trim().max(60, 'passkey_name_long')).default(''),
})

/** Passkeys belong to a domain name, and browsers have them where pages are safe: https, or this machine. */
export const passkeysPossible = (origin: string): boolean => {
  const { protocol, hostname } = new URL(origin)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 && (protocol === 'https:' || hostname === 'localhost')
}

export type Passkeys = ReturnType<typeof createPasskeys>

/** @param deps.origin where people reach the system */
export function createPasskeys(deps: { db: Database; clock: Clock; origin: string }) {
  const { db, clock, origin } = deps
  const domain = new URL(origin).hostname

  async function newChallenge(purpose: Purpose, staffId: string | null): Promise<string> {
    const challenge = randomBytes(32).toString('base64url')
    await db
      .insertInto('passkey_challenges')
      .values({ challenge, purpose, staff_id: staffId, expires_at: after(clock(), challengeLasts) })
      .execute()
    return challenge
  }

  /** Uses a challenge up, whatever comes of it. @returns whether it was one for this */
  async function takeChallenge(challenge: string, purpose: Purpose, staffId: string | null) {
    const { numDeletedRows } = await db
      .deleteFrom('passkey_challenges')
      .where('challenge', '=', challenge)
      .where('purpose', '=', purpose)
      .where('staff_id', 'is not distinct from', staffId)
      .where('expires_at', '>', clock())
      .executeTakeFirstOrThrow()
    return numDeletedRows === 1n
  }

  const known = async (staffId: string) =>
    (
      await db
        .selectFrom('staff_passkeys')
        .select(['credential_id', 'transports'])
        .where('staff_id', '=', staffId)
        .execute()
    ).map(({ credential_id: id, transports }) => ({ id, transports }))

  return {
    possible: passkeysPossible(origin),

    /** What the browser needs for making a passkey of this member's. */
    async creationOptions(member: {
      staffId: string
      email: string
      fullName: string
    }): Promise<PublicKeyCredentialCreationOptionsJSON> {
      const { generateRegistrationOptions } = await library()
      return generateRegistrationOptions({
        rpName: 'Смарт-библиотека',
        rpID: domain,
        userID: new Uint8Array(Buffer.from(member.staffId.replaceAll('-', ''), 'hex')),
        userName: member.email,
        userDisplayName: member.fullName,
        challenge: new Uint8Array(Buffer.from(await newChallenge('register', member.staffId), 'base64url')),
        supportedAlgorithmIDs: algorithms,
        excludeCredentials: await known(member.staffId),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      })
    },

    /** Whether a new passkey may be kept, and what of it. @throws passkeyNotAdded */
    async created(staffId: string, { answer, challenge }: PasskeyAnswer) {
      if (!(await takeChallenge(challenge, 'register', staffId))) throw passkeyNotAdded()
      const { verifyRegistrationResponse } = await library()
      // Whatever is wrong with an answer the library throws; it touches nothing of ours.
      const { registrationInfo } = await verifyRegistrationResponse({
        response: answer as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: domain,
        requireUserVerification: false,
        supportedAlgorithmIDs: algorithms,
      }).catch(() => ({ registrationInfo: undefined }))
      if (!registrationInfo) throw passkeyNotAdded()
      return registrationInfo.credential
    },

    /**
     * What the browser needs for using one.
     * @param staffId whose it must be, as the second step of signing in; without one, whoever's is there
     */
    async requestOptions(staffId: string | undefined): Promise<PublicKeyCredentialRequestOptionsJSON> {
      const { generateAuthenticationOptions } = await library()
      const challenge = await newChallenge(staffId ? 'second' : 'sign-in', staffId ?? null)
      return generateAuthenticationOptions({
        rpID: domain,
        challenge: new Uint8Array(Buffer.from(challenge, 'base64url')),
        // As the only thing that is asked for it must know its owner: by a finger, a face or a PIN.
        userVerification: staffId ? 'preferred' : 'required',
        ...(staffId && { allowCredentials: await known(staffId) }),
      })
    },

    takeForUse: (answer: PasskeyAnswer, staffId: string | undefined) =>
      takeChallenge(answer.challenge, staffId ? 'second' : 'sign-in', staffId ?? null),

    /**
     * Whose passkey has answered; the caller has taken its challenge.
     * @param staffId whose it must be; without one its owner must have been recognised by the device
     * @throws passkeyRefused
     */
    async use(
      tx: Transaction,
      { answer, id, challenge }: PasskeyAnswer,
      staffId: string | undefined,
    ): Promise<string> {
      let query = tx.selectFrom('staff_passkeys').selectAll().where('credential_id', '=', id).forUpdate()
      if (staffId) query = query.where('staff_id', '=', staffId)
      const row = await query.executeTakeFirst()
      if (!row) throw passkeyRefused()
      const { verifyAuthenticationResponse } = await library()
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: answer as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: domain,
        requireUserVerification: staffId === undefined,
        credential: {
          id: row.credential_id,
          publicKey: new Uint8Array(row.public_key),
          counter: row.counter,
          transports: row.transports,
        },
      }).catch(() => ({ verified: false, authenticationInfo: undefined }))
      if (!verified || !authenticationInfo) throw passkeyRefused()
      await tx
        .updateTable('staff_passkeys')
        .set({ counter: authenticationInfo.newCounter, used_at: clock() })
        .where('id', '=', row.id)
        .execute()
      return row.staff_id
    },
  }
}
