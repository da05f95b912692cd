import { describe, expect, it } from 'vitest'
import { clientAddress, isThisMachine } from './addresses.ts'

describe('the client’s address', () => {
  it('is the peer’s own when the peer is no configured proxy, whatever it claims', () => {
    expect(clientAddress('203.0.113.9', '10.0.0.1', [])).toBe('203.0.113.9')
    expect(clientAddress('203.0.113.9', '10.0.0.1', ['192.0.2.1'])).toBe('203.0.113.9')
  })

  it('is the last one in X-Forwarded-For that a configured proxy has seen itself', () => {
    expect(clientAddress('192.0.2.1', 'spoofed, 203.0.113.9', ['192.0.2.1'])).toBe('203.0.113.9')
    expect(clientAddress('::ffff:192.0.2.1', 'x, 203.0.113.9, 192.0.2.2', ['192.0.2.1', '192.0.2.2'])).toBe(
      '203.0.113.9',
    )
  })

  it('is the proxy’s own when it forwards nothing', () => {
    expect(clientAddress('192.0.2.1', undefined, ['192.0.2.1'])).toBe('192.0.2.1')
  })
})

describe('this machine', () => {
  it.each(['localhost', 'library.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('is %s', (host) => {
    expect(isThisMachine(host)).toBe(true)
  })

  it.each([
    'library.test',
    'localhost.library.test',
    'mylocalhost',
    '127.0.0.1.library.test',
    '192.168.1.5',
    '[::2]',
  ])('isn’t %s', (host) => {
    expect(isThisMachine(host)).toBe(false)
  })
})
