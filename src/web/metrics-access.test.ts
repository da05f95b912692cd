import { describe, expect, it } from 'vitest'
import { mayReadMetrics } from './metrics-access.ts'

const token = 'a-token-of-the-administrators'
const may = (address: string, headers: Record<string, string> = {}, known: string | undefined = token) =>
  mayReadMetrics({ address, headers: new Headers(headers), token: known })

describe('metrics', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'are read on this computer (%s) without a token',
    (address) => {
      expect(may(address)).toBe(true)
      expect(may(address, {}, undefined)).toBe(true)
    },
  )

  it.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])(
    'aren’t read through a proxy on this computer, whose requests carry %s',
    (header) => expect(may('127.0.0.1', { [header]: '203.0.113.7' })).toBe(false),
  )

  it('are read from elsewhere with the token alone', () => {
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
    expect(may('203.0.113.7', bearer(token))).toBe(true)
    expect(may('127.0.0.1', { ...bearer(token), 'x-forwarded-for': '203.0.113.7' })).toBe(true)
    expect(may('203.0.113.7')).toBe(false)
    expect(may('203.0.113.7', bearer(`${token}x`))).toBe(false)
    expect(may('203.0.113.7', { authorization: token })).toBe(false)
  })

  it('aren’t read with any token where none is set', () => {
    expect(may('203.0.113.7', { authorization: 'Bearer undefined' }, undefined)).toBe(false)
    expect(may('203.0.113.7', { authorization: 'Bearer ' }, undefined)).toBe(false)
  })
})
