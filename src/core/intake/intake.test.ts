import { randomUUID } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, testStart } from '../../../tests/support/app.ts'
import type { ImapServer } from '../../../tests/support/imap-server.ts'
import { imapCertificate, imapPassword, startImapServer } from '../../../tests/support/imap-server.ts'
import { eventually } from '../../../tests/support/system.ts'
import { authorise } from '../staff/actors.ts'
import type { MailHandler } from './handlers.ts'
import type { Intake, IntakeOptions } from './intake.ts'
import { startIntake } from './intake.ts'
import { mostMailBytes, parseMail } from './mail.ts'
import { connectionOf, doneFolder } from './mailbox.ts'

let app: TestApp
let network: TestNetwork
let server: ImapServer
let intakes: Intake[]
let lines: string[]

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  app.setTime(testStart)
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
    parse: parseMail,
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
/** How often a mail was tried in vain. */
const failures = async (uid: number) =>
  (await app.db.selectFrom('intake_mails').select('failures').where('uid', '=', uid).executeTakeFirst())
    ?.failures
const givenUp = () =>
  app.db
    .selectFrom('intake_mails')
    .select(['id', 'uid', 'failures as tries', 'fault'])
    .where('given_up_at', 'is not', null)
    .execute()
const later = (minutes: number) => app.setTime(new Date(app.clock().getTime() + minutes * 60_000 + 1000))
const idling = () => until(() => server.commands.at(-1) === 'IDLE')

describe('the mailbox', () => {
  it('gives a sign of life after each mail, not only after the last', async () => {
    let go = () => {}
    const slow: MailHandler = {
      name: 'slow',
      handle: async (_tx, { subject }) => {
        if (subject === 'second') await new Promise<void>((resolve) => (go = resolve))
        return 'not mine'
      },
    }
    await app.db.deleteFrom('signs').where('name', '=', 'mailbox').execute()
    for (const subject of ['first', 'second']) server.deliver(mail(subject))
    read([slow])
    const sign = () => app.db.selectFrom('signs').select('at').where('name', '=', 'mailbox').execute()
    try {
      await until(async () => (await sign()).length === 1)
    } finally {
      await until(() => {
        go()
        return server.commands.at(-1) === 'IDLE'
      })
    }
  })

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
      parse: parseMail,
      options: soon,
    })
    intakes.push(intake)
    await until(() => lines.length > 0)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ fault: 'sign_in_refused' })
    expect(lines.join('')).not.toMatch(new RegExp(`another|${imapPassword}|books@`))
  })
})

describe('a mailbox in TLS', () => {
  const trusted = getCACertificates('default')
  afterEach(() => setDefaultCACertificates(trusted))

  it.each(['at once', 'on request'] as const)('(%s) is read, over TLS only', async (tls) => {
    setDefaultCACertificates([...trusted, imapCertificate])
    await server.close()
    server = await startImapServer({ tls })
    server.deliver(mail('a letter'))
    read()
    await until(() => aside().length === 1)
    expect(server.commands.includes('STARTTLS')).toBe(tls === 'on request')
  })

  it.each(['at once', 'on request'] as const)(
    '(%s) whose certificate nobody trusts is sent no password, and the log says why',
    async (tls) => {
      await server.close()
      server = await startImapServer({ tls })
      read()
      await until(() => lines.length >= 2)
      expect(lines.join('')).toContain('certificate')
      expect(server.commands).not.toContain('LOGIN')
    },
  )

  it('whose certificate names another host is sent no password either', async () => {
    setDefaultCACertificates([...trusted, imapCertificate])
    await server.close()
    server = await startImapServer({ tls: 'at once' })
    server.url = server.url.replace('127.0.0.1', 'localhost')
    read()
    await until(() => lines.length >= 2)
    expect(lines.join('')).toContain('certificate')
    expect(server.commands).not.toContain('LOGIN')
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
    read(undefined, { askEvery: 20 })
    await until(async () => (await failures(1)) === 1)
    later(1)
    await until(() => aside().length === 1)
    expect(await done()).toHaveLength(1)
    expect(inbox()).toEqual([])
  })

  it('that can’t be moved is moved later, and not taken again', async () => {
    server.once('CREATE', 'refuse')
    server.deliver(mail('a letter'))
    read(undefined, { askEvery: 20 })
    await until(async () => (await failures(1)) === 1)
    later(1)
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

  it('at which a handler fails changes nothing, and holds no other up', async () => {
    server.deliver(mail('a letter', 'личное'))
    server.deliver(mail('a form'))
    read([taking('letter', () => true), taking('form')])
    await until(() => aside().length === 1)
    await idling()
    expect((await done()).map(({ channel }) => channel)).toEqual(['form'])
    expect(inbox()[0]?.raw).toContain('a letter')
    expect(await failures(1)).toBe(1)
  })

  it.each([
    ['UID FETCH', 'refuse', 'fetch'],
    ['UID FETCH', 'cut', 'fetch'],
    ['UID MOVE', 'refuse', 'move'],
    ['UID MOVE', 'cut', 'move'],
  ] as const)(
    'at which the server’s answer to %s is always %s holds no other up, and is left to people at last',
    async (command, mishap, fault) => {
      server.spoil(server.deliver(mail('a letter')), command, mishap)
      server.deliver(mail('another letter'))
      read(undefined, { askEvery: 20 })
      await until(() => aside().length === 1)
      for (const [index, pause] of [1, 10, 60, 360].entries()) {
        await until(async () => (await failures(1)) === index + 1)
        later(pause)
      }
      await until(async () => (await failures(1)) === 5)
      expect(await givenUp()).toMatchObject([{ tries: 5, fault }])
      later(100_000)
      server.deliver(mail('a third letter'))
      await until(() => aside().length === 2)
      expect(await failures(1)).toBe(5)
    },
  )

  it('isn’t tried again before its pause is over, by the next process neither', async () => {
    server.spoil(server.deliver(mail('a letter')), 'UID FETCH', 'refuse')
    const first = read()
    await until(async () => (await failures(1)) === 1)
    await idling()
    await first.stop()
    app.setTime(new Date(app.clock().getTime() + 59_000))
    server.deliver(mail('another letter'))
    read(undefined, { askEvery: 20 })
    await until(() => aside().length === 1)
    expect(await failures(1)).toBe(1)
    app.setTime(new Date(app.clock().getTime() + 2_000))
    await until(async () => (await failures(1)) === 2)
  })

  it('that is left to people is tried again at an operator’s word, and forgotten once it is gone', async () => {
    const decides = authorise(network.operator, 'letters.decide')
    server.deliver(mail('a letter'))
    server.deliver(mail('another letter'))
    let fails = true
    read([taking('letter', () => fails)], { askEvery: 20 })
    for (const [index, pause] of [1, 10, 60, 360].entries()) {
      await until(async () => (await failures(1)) === index + 1 && (await failures(2)) === index + 1)
      later(pause)
    }
    await until(async () => (await givenUp()).length === 2)
    const { id } = (await givenUp()).find((each) => each.uid === 1) ?? { id: '' }
    fails = false
    expect(await app.letters.givenUp.list(decides)).toMatchObject({ count: 2, mails: [{ tries: 5 }, {}] })
    await app.letters.givenUp.tryAgain(decides, { mailId: id })
    await app.letters.givenUp.tryAgain(decides, { mailId: id })
    await until(() => aside().length === 1)
    const entries = await app.db
      .selectFrom('audit_log')
      .select('subject_id')
      .where('action', '=', 'letters.try-again')
      .execute()
    expect(entries).toEqual([{ subject_id: id }])
    server.remove(2)
    await until(async () => (await givenUp()).length === 0)
    await expect(app.letters.givenUp.tryAgain(decides, { mailId: randomUUID() })).rejects.toThrow('not_found')
  })

  it('that is only too large pushes none that failed out of the operators’ list', async () => {
    const at = (uid: number) => new Date(app.clock().getTime() + uid)
    await app.db
      .insertInto('intake_mails')
      .values(
        Array.from({ length: 51 }, (_, uid) => ({
          mailbox: 'INBOX',
          uid_validity: 1,
          uid,
          seen_at: at(uid),
          failures: 1,
          fault: uid === 0 ? 'read' : 'large',
          failed_at: at(uid),
          given_up_at: at(uid),
        })),
      )
      .execute()
    const { mails, count } = await app.letters.givenUp.list(authorise(network.operator, 'letters.decide'))
    expect(count).toBe(51)
    expect(mails.map(({ fault }) => fault)).toEqual(['read', ...Array.from({ length: 49 }, () => 'large')])
    expect(mails[1]?.failedAt).toEqual(at(50))
  })

  it('for which there is no room stays, is seen by operators, and isn’t tried again by itself', async () => {
    const crowded: MailHandler = { name: 'letter', handle: () => Promise.resolve('no room') }
    server.deliver(mail('a letter'))
    read([crowded], { askEvery: 20 })
    await until(async () => (await givenUp()).length === 1)
    expect(await givenUp()).toMatchObject([{ tries: 1, fault: 'crowd' }])
    expect(inbox()).toHaveLength(1)
    expect(fetches()).toBe(1)
  })

  it('that is too large stays where it is for people, who are told of it; handlers see its header alone', async () => {
    const decides = authorise(network.operator, 'letters.decide')
    server.deliver(mail('a letter', 'x'.repeat(mostMailBytes)))
    server.deliver(mail('a letter'))
    const seen: { subject: string; text: string; headOnly: boolean }[] = []
    const noting: MailHandler = {
      name: 'noting',
      async handle(_tx, { subject, text, headOnly }) {
        seen.push({ subject, text: text.trim(), headOnly })
        return headOnly ? 'noted' : 'taken'
      },
    }
    read([noting], { askEvery: 20 })
    await until(() => aside().length === 1)
    expect(seen).toEqual([
      { subject: 'a letter', text: '', headOnly: true },
      { subject: 'a letter', text: 'Здравствуйте', headOnly: false },
    ])
    expect(inbox()).toMatchObject([{ uid: 1, flags: [] }])
    expect((await app.letters.givenUp.list(decides)).mails).toMatchObject([{ fault: 'large' }])
    expect(server.commands.find((command) => command.includes('BODY'))).toContain('<0.65536>')
    server.remove(1)
    await until(async () => (await givenUp()).length === 0)
  })

  it('that is too large and nobody’s is left to people, too, and looked at again at their word', async () => {
    server.deliver(mail('an invitation', 'x'.repeat(mostMailBytes)))
    read(undefined, { askEvery: 20 })
    await until(async () => (await givenUp()).length === 1)
    const [{ id } = { id: '' }] = await givenUp()
    await app.letters.givenUp.tryAgain(authorise(network.operator, 'letters.decide'), { mailId: id })
    await until(async () => fetches() === 2 && (await givenUp()).length === 1)
    expect(await givenUp()).toMatchObject([{ fault: 'large', tries: 1 }])
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
