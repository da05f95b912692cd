import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import type { ImapServer } from '../../../tests/support/imap-server.ts'
import { imapPassword, startImapServer } from '../../../tests/support/imap-server.ts'
import { eventually } from '../../../tests/support/system.ts'
import type { MailHandler } from './handlers.ts'
import type { Intake, IntakeOptions } from './intake.ts'
import { startIntake } from './intake.ts'
import { mostMailBytes } from './mail.ts'
import { connectionOf, doneFolder } from './mailbox.ts'

let app: TestApp
let server: ImapServer
let intakes: Intake[]
let lines: string[]

beforeAll(async () => {
  app = await createTestApp()
})
afterAll(() => app.dispose())
beforeEach(async () => {
  server = await startImapServer()
  intakes = []
  lines = []
})
afterEach(async () => {
  await Promise.all(intakes.map((intake) => intake.stop()))
  await server.close()
  await app.db.deleteFrom('intake_mails').execute()
  await app.db.deleteFrom('demo_outbox').execute()
})

/** Takes mails with its name in the subject; what it does about one is a row that commits with the answer. */
const taking = (name: string, fail: () => boolean = () => false): MailHandler => ({
  name,
  async handle(tx, mail) {
    if (!mail.subject.includes(name)) return 'not mine'
    await tx
      .insertInto('demo_outbox')
      .values({
        message_id: randomUUID(),
        channel: name,
        recipient: mail.from,
        subject: mail.subject,
        text: mail.text,
        at: app.clock(),
      })
      .execute()
    if (fail()) throw new Error(`can’t, because of ${mail.text}`)
    return 'taken'
  },
})

/** Far below the real ones, so that no test waits. */
const soon = { pauses: [10, 40], standBy: 20 } as const
function read(handlers = [taking('letter')], options: IntakeOptions = {}, db = app.db): Intake {
  const intake = startIntake({
    db,
    clock: app.clock,
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    url: server.url,
    handlers,
    options: { ...soon, ...options },
  })
  intakes.push(intake)
  return intake
}

const mail = (subject: string, text = 'Здравствуйте') =>
  `From: reader@home.test\nSubject: ${subject}\nMessage-ID: <${randomUUID()}@home.test>\nContent-Type: text/plain; charset=utf-8\n\n${text}\n`
const done = () => app.db.selectFrom('demo_outbox').select(['channel', 'subject', 'text']).execute()
const inbox = () => server.mailsIn('INBOX')
const aside = () => server.mailsIn(doneFolder)
const until = (condition: () => boolean | Promise<boolean>) =>
  eventually(async () => ((await condition()) ? true : undefined))
const fetches = () => server.commands.filter((command) => command.includes('BODY')).length
const idling = () => until(() => server.commands.at(-1) === 'IDLE')

describe('the mailbox', () => {
  it('is emptied of what is understood, into a folder of its own; everything else stays as it was', async () => {
    server.deliver(mail('a letter'))
    server.deliver(mail('an invitation'))
    read()
    await until(() => aside().length === 1)
    await idling()
    expect(await done()).toMatchObject([{ channel: 'letter', subject: 'a letter' }])
    expect(inbox()).toMatchObject([{ uid: 2, flags: [] }])
    expect(aside()[0]?.raw).toContain('a letter')
  })

  it('is looked at as soon as the server tells of a new mail', async () => {
    read()
    await idling()
    server.deliver(mail('a letter'))
    await until(() => aside().length === 1)
  })

  it('of a server that pushes nothing is asked again and again', async () => {
    await server.close()
    server = await startImapServer({ without: ['IDLE'] })
    read(undefined, { askEvery: 30 })
    await until(() => server.commands.includes('UID SEARCH ALL'))
    server.deliver(mail('a letter'))
    await until(() => aside().length === 1)
    expect(server.commands).not.toContain('IDLE')
  })

  it.each([['MOVE'], ['MOVE', 'UIDPLUS']])(
    'of a server without %s is emptied by copies',
    async (...without) => {
      await server.close()
      server = await startImapServer({ without })
      server.deliver(mail('a letter'))
      read()
      await until(() => inbox().length === 0)
      expect(aside()).toHaveLength(1)
    },
  )

  it('is read by one process at a time; the next takes over when it ends', async () => {
    const twin = await app.twin()
    const first = read()
    await idling()
    const second = read([taking('letter')], {}, twin.db)
    server.deliver(mail('a letter'))
    await until(() => aside().length === 1)
    expect(server.connections()).toBe(1)
    await first.stop()
    server.deliver(mail('another letter'))
    await until(() => aside().length === 2)
    expect(await done()).toHaveLength(2)
    await second.stop()
    await until(() => server.connections() === 0)
  })

  it('that can’t be reached is tried with growing pauses, until it can', async () => {
    const port = Number(new URL(server.url).port)
    await server.close()
    read()
    await until(() => lines.length >= 4)
    expect(lines.slice(0, 4).map((line) => (JSON.parse(line) as { again: number }).again)).toEqual([
      10, 20, 40, 40,
    ])
    server = await startImapServer({ port })
    server.deliver(mail('a letter'))
    await until(() => aside().length === 1)
  })

  it('that refuses to be opened is a fault in the log without a password', async () => {
    const url = new URL(server.url)
    url.password = 'another'
    const intake = startIntake({
      db: app.db,
      clock: app.clock,
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      url: url.href,
      handlers: [],
      options: soon,
    })
    intakes.push(intake)
    await until(() => lines.length > 0)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ fault: 'sign_in_refused' })
    expect(lines.join('')).not.toMatch(new RegExp(`another|${imapPassword}|books@`))
  })
})

describe('a mail', () => {
  it('is shown to each handler until one takes it, and later handlers see what nobody took', async () => {
    server.deliver(mail('a form'))
    server.deliver(mail('a form and a letter'))
    const first = read()
    await until(() => aside().length === 1)
    await idling()
    await first.stop()
    read([taking('letter'), taking('form')])
    await until(() => aside().length === 2)
    expect((await done()).map(({ channel, subject }) => [channel, subject])).toEqual([
      ['letter', 'a form and a letter'],
      ['form', 'a form'],
    ])
  })

  it('that nobody takes is fetched once, over all connections', async () => {
    server.deliver(mail('an invitation'))
    const first = read()
    await idling()
    await first.stop()
    read()
    await until(() => server.commands.filter((command) => command === 'IDLE').length === 2)
    expect(fetches()).toBe(1)
  })

  it.each(['UID FETCH', 'UID MOVE', 'CREATE'])('whose connection is cut at %s is taken once', async (at) => {
    server.once(at, 'cut')
    server.deliver(mail('a letter'))
    read()
    await until(() => aside().length === 1)
    expect(await done()).toHaveLength(1)
    expect(inbox()).toEqual([])
  })

  it('that can’t be moved is moved later, and not taken again', async () => {
    server.once('CREATE', 'refuse')
    server.deliver(mail('a letter'))
    read()
    await until(() => aside().length === 1)
    expect(await done()).toHaveLength(1)
    expect(fetches()).toBe(1)
  })

  it('that was taken isn’t taken again under another UID', async () => {
    server.deliver(mail('a letter'))
    server.once('UID MOVE', 'cut')
    const first = read(undefined, { pauses: [60_000, 60_000] })
    await until(() => lines.some((line) => line.includes('again')))
    await first.stop()
    server.renumber()
    read()
    await until(() => aside().length === 1)
    expect(await done()).toHaveLength(1)
  })

  it('at which a handler fails changes nothing, is tried again, holds no other up, and is left at last', async () => {
    server.deliver(mail('a letter', 'личное'))
    server.deliver(mail('a form'))
    read([taking('letter', () => true), taking('form')])
    await until(() => aside().length === 1)
    await idling()
    for (let more = 0; more < 6; more += 1) {
      const idlings = server.commands.filter((command) => command === 'IDLE').length
      server.deliver(mail(`invitation ${more}`))
      await until(() => server.commands.filter((command) => command === 'IDLE').length > idlings)
    }
    expect((await done()).map(({ channel }) => channel)).toEqual(['form'])
    expect(inbox()[0]?.raw).toContain('a letter')
    const faults = lines.filter((line) => line.includes('"level":50'))
    expect(faults).toHaveLength(5)
  })

  it('that is too large stays where it is, unread', async () => {
    server.deliver(mail('a letter', 'x'.repeat(mostMailBytes)))
    server.deliver(mail('a letter'))
    read()
    await until(() => aside().length === 1)
    expect(inbox()).toMatchObject([{ uid: 1 }])
    expect(fetches()).toBe(1)
  })
})

describe('INTAKE_IMAP_URL', () => {
  it.each([
    ['imaps://a%40b.ru:p%2Fw@imap.b.ru', { host: 'imap.b.ru', port: 993, secure: true, path: 'INBOX' }],
    ['imap://a:b@imap.b.ru/', { port: 143, secure: false, doSTARTTLS: true, path: 'INBOX' }],
    ['imap://a:b@imap.b.ru:1143/%D0%91%D0%B8%D0%BB%D0%B5%D1%82%D1%8B', { port: 1143, path: 'Билеты' }],
  ])('%s goes over TLS or not at all', (url, expected) => {
    expect(connectionOf(url)).toMatchObject(expected)
  })

  it.each(['127.0.0.1', 'localhost', '[::1]'])('on this machine (%s) may do without TLS', (host) => {
    expect(connectionOf(`imap://a:b@${host}`)).not.toHaveProperty('doSTARTTLS')
  })

  it('is decoded', () => {
    expect(connectionOf('imaps://a%40b.ru:p%2Fw@imap.b.ru').auth).toEqual({ user: 'a@b.ru', pass: 'p/w' })
  })
})
