import { Secret } from 'otpauth'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newTotpSecret, spacedSecret, totpLink, totpStep } from './totp.ts'

/** The key of RFC 6238's appendix B for SHA-1. */
const key = Secret.fromUTF8('12345678901234567890').base32

/** Seconds since 1970, and the eight digits that belong to them; six digits are their last six. */
const vectors = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const

const at = (seconds: number) => new Date(seconds * 1000)
const codeAt = (seconds: number) => vectors.find(([time]) => time === seconds)?.[1].slice(-6) ?? ''

describe('codes of an authenticator app', () => {
  it.each(vectors)('are those of RFC 6238 at %i s', (seconds, digits) => {
    expect(totpStep(key, digits.slice(-6), at(seconds))).toBe(Math.floor(seconds / 30))
  })

  it('count one step before and after, and no further', () => {
    const [seconds, step] = [1111111109, Math.floor(1111111109 / 30)]
    const code = codeAt(seconds)
    for (const off of [-1, 0, 1]) expect(totpStep(key, code, at(seconds + 30 * off))).toBe(step)
    for (const off of [-2, 2]) expect(totpStep(key, code, at(seconds + 30 * off))).toBeUndefined()
  })

  it('may be typed with the space that apps show', () => {
    expect(totpStep(key, ' 081 804 ', at(1111111109))).toBeDefined()
  })

  it('whatever else is typed is no code and no fault', () => {
    fc.assert(
      fc.property(fc.string(), (typed) => {
        fc.pre(!/^\d{6}$/.test(typed.replace(/\s/g, '')))
        expect(totpStep(key, typed, at(59))).toBeUndefined()
      }),
    )
  })

  it('come from a secret that apps can take: by a link, and by hand', () => {
    const secret = newTotpSecret()
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(newTotpSecret()).not.toBe(secret)
    expect(spacedSecret(secret).replaceAll(' ', '')).toBe(secret)
    const link = new URL(totpLink(secret, { issuer: 'Костромская область', account: 'a@library.test' }))
    expect([link.protocol, link.host]).toEqual(['otpauth:', 'totp'])
    expect(Object.fromEntries(link.searchParams)).toEqual({
      secret,
      issuer: 'Костромская область',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
  })
})
