import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finalBounces, oldExim, postfix, qmail, yandex } from '../../../tests/support/bounces.ts'
import { parseMail } from '../../core/intake/mail.ts'
import type { ReportMail } from './delivery-report.ts'
import { readDeliveryReport } from './delivery-report.ts'
import { refusesAddress } from './statuses.ts'

const letter = { messageId: '019abf00-aaaa-7bbb-8ccc-0123456789ab@library.test', to: 'anna@reader.test' }

async function asReport(raw: string): Promise<ReportMail> {
  const mail = await parseMail({ bytes: Buffer.from(raw.replaceAll('\n', '\r\n')), headOnly: false })
  return {
    ...mail,
    parts: mail.parts.map((part) => ({ ...part, content: part.content.toString('utf8') })),
  }
}
const read = async (raw: string) => readDeliveryReport(await asReport(raw))

describe('a report of delivery', () => {
  it.each(Object.entries(finalBounces))(
    'as %s writes it tells whose letter came back, and why',
    async (_, bounce) => {
      const report = await read(bounce(letter))
      expect(report).toMatchObject({
        messageId: letter.messageId,
        recipients: [{ finalRecipient: letter.to, action: 'failed', status: expect.stringMatching(/^5\./) }],
      })
    },
  )

  it.each(Object.entries(finalBounces).filter(([name]) => name !== 'RFC 3464'))(
    'as %s writes it says that the address takes nothing',
    async (_, bounce) => {
      const told = (await read(bounce(letter)))?.recipients[0]
      expect(refusesAddress(told?.diagnostic ?? '', told?.status)).toBe(true)
    },
  )

  it('tells what each recipient’s fields say, folded lines put together', async () => {
    expect((await read(finalBounces['RFC 3464'](letter)))?.recipients).toEqual([
      {
        finalRecipient: letter.to,
        originalRecipient: letter.to,
        action: 'failed',
        status: '5.0.0',
        diagnostic: `550 '${letter.to}' is not a registered gateway user`,
      },
    ])
  })

  it('of a delay is one of a delay', async () => {
    const report = await read(postfix(letter, { action: 'delayed', status: '4.4.1', answer: 'timed out' }))
    expect(report?.recipients).toMatchObject([{ action: 'delayed', status: '4.4.1' }])
  })

  it('without the letter that it is about names it as its cause, or isn’t understood', async () => {
    const raw = postfix(letter).replace(
      'Content-Type: message/rfc822',
      'Content-Type: application/octet-stream',
    )
    expect(await read(raw)).toBeUndefined()
    const answering = raw.replace('MIME-Version', `In-Reply-To: <${letter.messageId}>\nMIME-Version`)
    expect(await read(answering)).toMatchObject({ messageId: letter.messageId })
  })

  it.each([
    ['without a recipient', (raw: string) => raw.replace(/^Final-Recipient.*\n/m, '')],
    ['with an action that doesn’t exist', (raw: string) => raw.replace('Action: failed', 'Action: eaten')],
    ['that failed with success', (raw: string) => raw.replace('Status: 5.1.1', 'Status: 2.0.0')],
    ['about a disposition', (raw: string) => raw.replace('delivery-status;', 'disposition-notification;')],
  ])('%s isn’t understood', async (_, spoil) => {
    const raw = postfix(letter)
    expect(spoil(raw)).not.toBe(raw)
    expect(await read(spoil(raw))).toBeUndefined()
  })
})

describe('a bounce in words', () => {
  it.each([
    ['from a person', (raw: string) => raw.replace('MAILER-DAEMON@', 'ivan@')],
    ['without the letter that came back', (raw: string) => raw.replace(/^Message-ID:\n.*\n/m, '')],
    ['with a temporary code', (raw: string) => raw.replace('550 5.1.1', '451 4.7.1')],
    ['without a code', (raw: string) => raw.replace('550 5.1.1 ', '')],
    [
      'that names two',
      (raw: string) => raw.replace('--- Below', '<other@reader.test>:\n550 no\n\n--- Below'),
    ],
    [
      'that will be tried again',
      (raw: string) => raw.replace('I’ve', 'I').replace('Hi.', 'I will try again.'),
    ],
  ])('%s isn’t understood: nothing is guessed', async (_, spoil) => {
    const raw = qmail(letter)
    expect(await read(raw)).toBeDefined()
    expect(spoil(raw)).not.toBe(raw)
    expect(await read(spoil(raw))).toBeUndefined()
  })

  it('takes qmail’s own codes', async () => {
    const report = await read(qmail(letter, 'Sorry, no mailbox here by that name. (#5.1.1)'))
    expect(report?.recipients).toMatchObject([{ finalRecipient: letter.to, status: '5.1.1' }])
  })

  it('of Exim about several isn’t understood', async () => {
    const raw = oldExim(letter)
    expect(
      await read(
        raw.replace(`X-Failed-Recipients: ${letter.to}`, `X-Failed-Recipients: ${letter.to}, b@b.test`),
      ),
    ).toBeUndefined()
  })
})

describe('whatever comes', () => {
  const anyMail = fc.record<ReportMail>({
    contentType: fc.constantFrom('multipart/report', 'text/plain', 'multipart/mixed', ''),
    reportType: fc.constantFrom('delivery-status', undefined, 'x'),
    from: fc.constantFrom('mailer-daemon@x.test', '', 'postmaster@x'),
    failedRecipients: fc.oneof(fc.constant(''), fc.string()),
    answersTo: fc.array(fc.string(), { maxLength: 2 }),
    text: fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
    parts: fc.array(
      fc.record({
        contentType: fc.constantFrom(
          'message/delivery-status',
          'message/rfc822',
          'text/rfc822-headers',
          'x/y',
        ),
        content: fc.oneof(
          fc.string(),
          fc.stringMatching(
            /^(Final-Recipient: rfc822; [a-z]@[a-z]\n|Action: failed\n|Status: [245]\.1\.1\n|\n){0,8}$/,
          ),
          fc.stringMatching(/^(Message-ID: <[a-z]{1,3}>?\n| \n|[a-z]:){0,5}$/),
        ),
      }),
      { maxLength: 3 },
    ),
  })

  it('is read without an error, and what is told is whole', () => {
    fc.assert(
      fc.property(anyMail, (mail) => {
        const report = readDeliveryReport(mail)
        if (!report) return
        expect(report.messageId).toMatch(/^[^<>\s]+$/)
        expect(report.recipients.length).toBeGreaterThan(0)
        for (const { finalRecipient, status } of report.recipients) {
          expect(finalRecipient).toMatch(/^\S+@\S+$/)
          expect(status).toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('of any case, order and line ends says the same', () => {
    const fields = [
      `Final-Recipient: rfc822; ${letter.to}`,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1\n no such user',
    ]
    fc.assert(
      fc.property(
        fc.shuffledSubarray(fields, { minLength: 4 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n', '\r'),
        (order, upper, end) => {
          const block = order
            .map((field) => (upper ? field.replace(/^[^:]+/, (name) => name.toUpperCase()) : field))
            .join('\n')
          const content = `Reporting-MTA: dns; x\n\n${block}\n`.replaceAll('\n', end)
          const report = readDeliveryReport({
            contentType: 'multipart/report',
            reportType: 'delivery-status',
            from: '',
            failedRecipients: '',
            answersTo: [],
            text: '',
            parts: [
              { contentType: 'message/delivery-status', content },
              { contentType: 'message/rfc822', content: `Message-ID: <a@b>${end}${end}x` },
            ],
          })
          expect(report).toEqual({
            messageId: 'a@b',
            recipients: [
              {
                finalRecipient: letter.to,
                originalRecipient: undefined,
                action: 'failed',
                status: '5.1.1',
                diagnostic: '550 5.1.1 no such user',
              },
            ],
          })
        },
      ),
    )
  })

  it('of great length is read to its end', async () => {
    const long = `${'a'.repeat(200_000)}\n${' 550 '.repeat(50_000)}\n${'<x@'.repeat(50_000)}\n`.repeat(3)
    expect(await read(qmail(letter, long))).toMatchObject({ messageId: letter.messageId })
    const to = `${'a'.repeat(100_000)}@b.test`
    expect((await read(yandex({ ...letter, to })))?.recipients).toMatchObject([{ finalRecipient: to }])
  })
})

describe('a refusal', () => {
  it.each([
    ['550 5.1.1 <a@b>: Recipient address rejected', true],
    ['550 5.1.2 Bad destination system', true],
    ['556 5.1.10 Recipient address has a null MX', true],
    ['550 5.2.1 The email account is disabled', true],
    [
      '550 Message was not accepted -- invalid mailbox. Local mailbox a@b is unavailable: user not found',
      true,
    ],
    ['550 5.7.1 No such user!', true],
    ['550 User unknown', true],
    ['550 5.7.1 Message rejected as spam', false],
    ['550 5.7.26 This mail is unauthenticated', false],
    ['552 5.2.2 Mailbox full', false],
    ['550 5.4.1 Recipient address rejected: Access denied', false],
    ['550 5.1.8 Sender address rejected: Domain not found', false],
    ['550 refused', false],
    ['450 4.1.1 User unknown', false],
  ])('%s: of the address itself — %s', (answer, expected) => {
    expect(refusesAddress(answer)).toBe(expected)
  })
})
