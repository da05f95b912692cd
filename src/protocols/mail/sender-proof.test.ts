import { describe, expect, it } from 'vitest'
import { automatic, titledAutomatic } from './automatic.ts'
import type { MailHeader } from './headers.ts'
import { messageIdsIn } from './headers.ts'
import { senderProven } from './sender-proof.ts'

const from = 'lib@bui.example.ru'
const header = (name: string, value: string): MailHeader => ({ name, value })
const results = (...values: string[]) => [
  ...values.map((value) => header('authentication-results', value)),
  header('from', `Библиотека <${from}>`),
]
const proven = (...values: string[]) =>
  senderProven(results(...values), ['mx.own.test', '*.yandex.net'], from)

describe('the sender of a mail is proven', () => {
  it.each([
    'mx.own.test; dmarc=pass header.from=bui.example.ru',
    'MX.own.test; dmarc=pass (p=none dis=none) header.from=BUI.example.ru; dkim=fail header.d=evil.test',
    'mx.own.test; dkim=pass header.d=bui.example.ru',
    'mx.own.test; dmarc=pass; dkim=pass header.d=bui.example.ru',
    'mx.own.test; dkim=pass header.i=@bui.example.ru header.s=mail',
    'mx.own.test; dkim=pass header.d=example.ru',
    'mx.own.test; spf=pass smtp.mailfrom=lib@bui.example.ru',
    'mx.own.test; dmarc=none; spf=pass smtp.mailfrom=bui.example.ru',
    'front-57.vla.yandex.net; dkim=pass header.i=@bui.example.ru',
  ])('by %s', (value) => {
    expect(proven(value)).toBe(true)
  })
})

describe('the sender of a mail isn’t proven', () => {
  it.each([
    ['by nothing', []],
    ['by another server', ['mx.evil.test; dmarc=pass header.from=bui.example.ru']],
    ['by a server whose name only ends alike', ['evilyandex.net; dkim=pass header.d=bui.example.ru']],
    ['below a header that nobody can read', ['mx.own.test; spf=none (a "(" b)', 'mx.own.test; dmarc=pass']],
    ['below the server’s own word', ['mx.own.test; dmarc=fail', 'mx.own.test; dmarc=pass']],
    [
      'when DMARC failed, whatever else passed',
      ['mx.own.test; dmarc=fail; dkim=pass header.d=bui.example.ru'],
    ],
    [
      'when DMARC could not be asked',
      ['mx.own.test; dmarc=temperror; spf=pass smtp.mailfrom=bui.example.ru'],
    ],
    ['by DMARC that doesn’t say for whom', ['mx.own.test; dmarc=pass']],
    [
      'by DMARC that doesn’t say for whom, beside another’s signature',
      ['mx.own.test; dmarc=pass; dkim=pass header.d=evil.test'],
    ],
    [
      'by DMARC for another sender, whatever else passed',
      ['mx.own.test; dmarc=pass header.from=evil.test; dkim=pass header.d=bui.example.ru'],
    ],
    ['for another sender’s domain', ['mx.own.test; dmarc=pass header.from=evil.test']],
    ['by a signature of another domain', ['mx.own.test; dkim=pass header.d=evil.test']],
    ['by a domain below the sender’s', ['mx.own.test; dkim=pass header.d=x.bui.example.ru']],
    ['by a top-level domain', ['mx.own.test; dkim=pass header.d=ru']],
    ['by a domain that only ends alike', ['mx.own.test; spf=pass smtp.mailfrom=i.example.ru']],
    ['by a comment', ['mx.own.test; (dmarc=pass) spf=fail']],
    [
      'by the sender’s own words within SPF',
      ['mx.own.test; spf=pass smtp.mailfrom="x;dmarc=pass"@evil.test'],
    ],
  ])('%s', (_, values) => {
    expect(proven(...values)).toBe(false)
  })

  it('when there are two From lines', () => {
    const headers = [...results('mx.own.test; dmarc=pass'), header('from', 'x@evil.test')]
    expect(senderProven(headers, ['mx.own.test'], from)).toBe(false)
  })

  it('when nobody has said which server is believed', () => {
    expect(senderProven(results('mx.own.test; dmarc=pass'), [], from)).toBe(false)
  })
})

it('a Russian domain is the same in letters and over the wire', () => {
  const headers = [
    header('authentication-results', 'mx.own.test; dkim=pass header.d=xn--80abdqyfk7a.xn--p1ai'),
    header('from', ''),
  ]
  const domain = new URL('http://xn--80abdqyfk7a.xn--p1ai').hostname
  expect(senderProven(headers, ['mx.own.test'], `lib@${domain}`)).toBe(true)
})

describe('a machine’s mail', () => {
  it.each([
    ['auto-submitted', 'auto-replied', 'answer'],
    ['auto-submitted', 'Auto-Generated (rejected)', 'answer'],
    ['auto-submitted', 'no', undefined],
    ['return-path', '<>', 'answer'],
    ['return-path', '<lib@bui.example.ru>', undefined],
    ['precedence', 'Bulk', 'bulk'],
    ['precedence', 'auto_reply', 'answer'],
    ['precedence', 'first-class', undefined],
    ['list-id', '<a.b>', 'bulk'],
    ['x-auto-response-suppress', 'OOF, AutoReply', 'bulk'],
    ['x-auto-response-suppress', 'None', undefined],
  ] as const)('%s: %s', (name, value, expected) => {
    expect(automatic([header(name, value)], from)).toBe(expected)
  })

  it.each([
    ['MAILER-DAEMON@x.test', 'answer'],
    ['', 'answer'],
    ['no-reply@x.test', 'bulk'],
    ['noreply+7@x.test', 'bulk'],
    ['postmaster@x.test', 'bulk'],
    ['noreplies-welcome@x.test', undefined],
  ] as const)('is known by its sender %s', (sender, expected) => {
    expect(automatic([], sender)).toBe(expected)
  })

  it.each([
    ['Автоматический ответ: Re: Анкета', true],
    ['Автоответ: Анкета', true],
    ['Out of Office: Re: Анкета', true],
    ['Re: Автоответ', false],
    ['Анкета', false],
  ])('is known by its subject: %s', (subject, expected) => {
    expect(titledAutomatic(subject)).toBe(expected)
  })
})

it('Message-IDs are taken out of a header one by one, and nothing that would break another header', () => {
  expect(messageIdsIn('<a@b> (x) <c@d>\r\n <e@ж> <f g@h> <i@j>')).toEqual(['<a@b>', '<c@d>', '<i@j>'])
})
