import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAuthenticationResults } from './authentication-results.ts'

/** What was read, without its maps. */
const read = (value: string) => {
  const found = readAuthenticationResults(value)
  return (
    found && [
      found.authservId,
      ...found.results.map(({ method, result, properties }) => [
        method,
        result,
        Object.fromEntries(properties),
      ]),
    ]
  )
}

describe('an Authentication-Results header of RFC 8601, appendix B', () => {
  it.each([
    ['example.org 1; none', ['example.org']],
    [
      'example.com; spf=pass smtp.mailfrom=example.net',
      ['example.com', ['spf', 'pass', { 'smtp.mailfrom': 'example.net' }]],
    ],
    [
      'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net',
      [
        'example.com',
        ['auth', 'pass', { 'smtp.auth': 'sender@example.net' }],
        ['spf', 'pass', { 'smtp.mailfrom': 'example.net' }],
      ],
    ],
    [
      'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; dkim=fail reason="bad signature" header.i=@newyork.example.com',
      [
        'example.com',
        ['dkim', 'pass', { reason: 'good signature', 'header.i': '@mail-router.example.net' }],
        ['dkim', 'fail', { reason: 'bad signature', 'header.i': '@newyork.example.com' }],
      ],
    ],
    [
      'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) .expired=1362471462',
      ['foo.example.net'],
    ],
    [
      'example.com; dkim=pass header.d=example.com header.b=AbC/d+e=; dmarc=pass (p=NONE sp="a;b") header.from=example.com',
      [
        'example.com',
        ['dkim', 'pass', { 'header.d': 'example.com', 'header.b': 'AbC/d+e=' }],
        ['dmarc', 'pass', { 'header.from': 'example.com' }],
      ],
    ],
    // A comment that nests, a result that is hidden in one, and in a quoted string.
    [
      'mx.test; (dmarc=pass (x) ; dkim=pass) spf=fail smtp.mailfrom="a; dmarc=pass"',
      ['mx.test', ['spf', 'fail', { 'smtp.mailfrom': 'a; dmarc=pass' }]],
    ],
    ['MX.Test; SPF=Pass', ['mx.test', ['spf', 'pass', {}]]],
  ])('%s', (value, expected) => {
    expect(read(value)).toEqual(expected)
  })

  it.each([
    '',
    ';',
    'a b c; spf=pass',
    'mx.test 2; spf=pass',
    '(never ends; dmarc=pass',
    '"never ends; dmarc=pass',
    `${'x'.repeat(30_000)}; spf=pass`,
  ])('that is none (%#) says nothing', (value) => {
    expect(read(value)).toBeUndefined()
  })

  it('that is anything at all is read to its end', () => {
    const signs = fc.constantFrom(
      'mx.test',
      ';',
      '=',
      '/',
      '(',
      ')',
      '"',
      '\\',
      ' ',
      'dkim',
      'pass',
      'header.d',
      'a.ru',
      'я',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(signs).map((each) => each.join('')),
        ),
        (value) => {
          const found = readAuthenticationResults(value)
          for (const { method, result } of found?.results ?? []) expect([method, result]).not.toContain('')
        },
      ),
    )
  })

  it('finds what was written, with comments and folding anywhere between', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/)
    const gap = fc.constantFrom(' ', '\t', ' (dmarc=pass) ', ' (a (b) "c) ')
    fc.assert(
      fc.property(
        word,
        fc.array(fc.record({ method: word, result: word, value: word }), { maxLength: 4 }),
        gap,
        (id, results, between) => {
          const value = [
            id,
            ...results.map(
              (each) => `${each.method}${between}=${between}${each.result}${between}header.d=${each.value}`,
            ),
          ].join(`${between};`)
          expect(read(value)).toEqual([
            id,
            ...results.map((each) => [each.method, each.result, { 'header.d': each.value }]),
          ])
        },
      ),
    )
  })
})
