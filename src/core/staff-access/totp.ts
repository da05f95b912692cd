import { Secret, TOTP } from 'otpauth'

/** What every authenticator app can do (RFC 6238): SHA-1, six digits, half a minute. */
const usual = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** How many steps a phone's clock may be off to either side. */
const stepsOff = 1

/** 20 random bytes, the length of SHA-1's result (RFC 4226, 4), in base32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

/** What a QR code carries into an app. @param names who gives the codes out, and whose they are */
export const totpLink = (secret: string, names: { issuer: string; account: string }): string =>
  new TOTP({
    ...usual,
    issuer: names.issuer,
    label: names.account,
    secret: Secret.fromBase32(secret),
  }).toString()

/**
 * The time step that a code belongs to, or undefined where it is no code of this secret now. Whoever takes it
 * sees to it that no step counts twice (RFC 6238, 5.2).
 */
export function totpStep(secret: string, typed: string, now: Date): number | undefined {
  const token = typed.replace(/\s/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const totp = new TOTP({ ...usual, secret: Secret.fromBase32(secret) })
  const timestamp = now.getTime()
  const off = totp.validate({ token, timestamp, window: stepsOff })
  return off === null ? undefined : totp.counter({ timestamp }) + off
}

/** «ABCD EFGH …»: how people read a secret off the screen. */
export const spacedSecret = (secret: string): string => secret.match(/.{1,4}/g)?.join(' ') ?? secret
