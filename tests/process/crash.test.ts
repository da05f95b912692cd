import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { doneFolder } from '../../src/core/intake/mailbox.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { processesIn } from '../../src/core/shared/postgres/processes.ts'
import type { Point } from '../../src/core/shared/points.ts'
import { messagesAtOnce, unsentMessages } from '../support/at-once.ts'
import { postfix } from '../support/bounces.ts'
import { copyOf, newDemoDataDir } from '../support/demo.ts'
import type { Answer, FormClient } from '../support/form-client.ts'
import { createFormClient, fieldOf } from '../support/form-client.ts'
import { startImapServer } from '../support/imap-server.ts'
import { authservId, formText, rawMail } from '../support/letters.ts'
import type { MailServer } from '../support/mail-server.ts'
import { startMailServer } from '../support/mail-server.ts'
import { onServer } from '../support/server-commands.ts'
import type { SmsGateway } from '../support/sms-gateway.ts'
import { smsError, startSmsGateway } from '../support/sms-gateway.ts'
import { demoPassword } from '../support/steps.ts'
import type { RunningSystem } from '../support/system.ts'
import {
  eventually,
  freePort,
  launchSystem,
  removeDataDir,
  startSystem,
  untilKilled,
} from '../support/system.ts'
import { expectWholeLog } from '../support/whole-log.ts'

/** Who is registered while the system dies. */
const person = {
  fullName: 'Ковалёв Илья Андреевич',
  birthDate: '1991-02-03',
  email: 'kovalyov@reader.test',
  phone: '+79101230001',
}

/** A data folder with the demonstration region, stopped in order; each test works on a copy. */
let template: string
let region: object
let dataDir: string
let port: number
let mail: MailServer
let gateway: SmsGateway
let systems: RunningSystem[]

beforeAll(async () => {
  template = await newDemoDataDir()
  const system = await startSystem({ dataDir: template, env: { SMART_DEMO: '1' } })
  await messagesAtOnce(system)
  region = await regionIn(template)
  await system.stop()
})
afterAll(() => removeDataDir(template))

beforeEach(async () => {
  systems = []
  dataDir = await copyOf(template)
  port = await freePort()
  ;[mail, gateway] = await Promise.all([startMailServer(), startSmsGateway()])
})
afterEach(async () => {
  for (const system of systems) await system.dispose()
  await Promise.all([mail.close(), gateway.close(), removeDataDir(dataDir)])
})

async function start(killAt?: Point, more: NodeJS.ProcessEnv = {}): Promise<RunningSystem> {
  const system = await startSystem({
    dataDir,
    port,
    env: {
      SMART_DEMO: '1',
      SMTP_URL: mail.url,
      SMS_URL: gateway.url,
      ...(killAt && { SMART_TEST_KILL_AT: killAt }),
      ...more,
    },
  })
  systems.push(system)
  return system
}

async function onDatabase<Row>(folder: string, command: string, values: unknown[] = []): Promise<Row[]> {
  const url = await runningPostgres(folder)
  if (!url) throw new Error('no database server runs')
  return (await onServer(url, command, values)).rows as Row[]
}

/** How much there is of everything that the demonstration is filled with. */
async function regionIn(folder: string): Promise<object> {
  const [row] = await onDatabase<object>(
    folder,
    `select (select count(*) from libraries)::int as libraries, (select count(*) from staff_roles)::int as staff,
            (select count(*) from publications)::int as publications, (select count(*) from readers)::int as readers,
            (select count(*) from cards)::int as cards, (select count(*) from applications)::int as questionnaires,
            (select count(*) from messages)::int as messages, (select count(*) from loans)::int as loans`,
  )
  return row ?? {}
}

// What people do, each in a browser of their own.

async function staffClient(system: RunningSystem, email: string): Promise<FormClient> {
  const client = createFormClient(system.origin)
  const answer = await client.post('/staff/sign-in', { email, password: demoPassword })
  expect([answer.status, answer.location]).toEqual([303, '/staff'])
  return client
}
const librarianOf = (system: RunningSystem) => staffClient(system, 'librarian@demo.test')
const operatorOf = (system: RunningSystem) => staffClient(system, 'operator@demo.test')

async function filledForm(librarian: FormClient): Promise<Record<string, string>> {
  const page = await librarian.get('/staff/applications/new')
  return {
    ...person,
    formKey: fieldOf(page, 'formKey'),
    libraryId: fieldOf(page, 'libraryId'),
    consentVersion: fieldOf(page, 'consentVersion'),
    consentGiven: 'on',
    guardianName: '',
    guardianRelation: '',
  }
}

const sendForm = (librarian: FormClient, form: Record<string, string>) =>
  librarian.post('/staff/applications/new', form)

/** Where a questionnaire that was sent is seen. */
function pathOf(sent: Answer): string {
  expect(sent.status).toBe(303)
  return sent.location.replace('?sent', '')
}

const pressRegister = (operator: FormClient, path: string) =>
  operator.post(`${path}?/register`, { revision: '1', providerNumber: '', providerPassword: '' })

/** The questionnaire's path, sent before anything is killed. */
const sentQuestionnaire = async (system: RunningSystem) => {
  const librarian = await librarianOf(system)
  return pathOf(await sendForm(librarian, await filledForm(librarian)))
}

/** What a person sees who presses a button at the moment of the crash. */
async function expectNoAnswer(answer: Promise<Answer>, system: RunningSystem): Promise<void> {
  await expect(answer).rejects.toThrow()
  await untilKilled(system)
}

// What must hold afterwards, whatever happened.

/** Everything that lies in the database about the person. */
async function traces() {
  const [row] = await onDatabase<Record<string, number>>(
    dataDir,
    `with reader as (select id from readers where full_name = $1),
          application as (select id from applications where full_name = $1)
     select (select count(*) from reader)::int as readers,
            (select count(*) from cards where state = 'issued' and reader_id in (table reader))::int as cards,
            (select count(*) from sealed_passwords where reader_id in (table reader))::int as seals,
            (select count(*) from application)::int as questionnaires,
            (select count(*) from applications where reader_id in (table reader) and state = 'registered')::int as registered,
            (select count(*) from application_events where application_id in (table application))::int as moves,
            (select count(*) from consents where application_id in (table application))::int as consents,
            (select count(*) from consents where reader_id in (table reader))::int as "readersConsents",
            (select count(*) from messages where reader_id in (table reader))::int as messages,
            (select count(*) from audit_log where action = 'applications.send'
              and subject_id in (select id::text from application))::int as "sendsAudited",
            (select count(*) from audit_log where action = 'applications.register'
              and subject_id in (select id::text from reader))::int as "registrationsAudited"`,
    [person.fullName],
  )
  return row
}

const nothing = {
  readers: 0,
  cards: 0,
  seals: 0,
  questionnaires: 0,
  registered: 0,
  moves: 0,
  consents: 0,
  readersConsents: 0,
  messages: 0,
  sendsAudited: 0,
  registrationsAudited: 0,
}
const waiting = { ...nothing, questionnaires: 1, moves: 1, consents: 1, sendsAudited: 1 }
const registered = {
  readers: 1,
  cards: 1,
  seals: 1,
  questionnaires: 1,
  registered: 1,
  moves: 2,
  consents: 1,
  readersConsents: 1,
  messages: 3,
  sendsAudited: 1,
  registrationsAudited: 1,
}

/** One reader with one card, told by both channels; the SMS once, each e-mail under one id; the log whole. */
async function expectRegisteredAndTold(system: RunningSystem): Promise<void> {
  await eventually(async () => ((await unsentMessages(dataDir)) === 0 ? true : undefined))
  expect(await traces()).toEqual(registered)
  const states = await onDatabase(
    dataDir,
    `select channel, m.state from messages m join readers r on r.id = m.reader_id where r.full_name = $1
     order by channel`,
    [person.fullName],
  )
  expect(states).toEqual([
    { channel: 'email', state: 'sent' },
    { channel: 'email', state: 'sent' },
    { channel: 'sms', state: 'sent' },
  ])

  expect(gateway.taken.map(({ phone }) => phone)).toEqual([person.phone])
  const recipients = new Set(mail.received.flatMap(({ to }) => to))
  expect([...recipients].toSorted()).toEqual([person.email, 'library009@demo.test'])
  for (const recipient of recipients) expect(new Set(idsTo(recipient)).size).toBe(1)

  const [sms = ''] = gateway.taken.map(({ text }) => text)
  const card = /Билет (\d{13})/.exec(sms)?.[1] ?? ''
  const password = /Пароль (\S{8})$/m.exec(sms)?.[1] ?? ''
  for (const { to, text } of mail.received) {
    if (to.includes(person.email)) expect(text).toMatch(new RegExp(`^Пароль: ${password}$`, 'm'))
    else expect(text).not.toContain(password)
  }
  const reader = createFormClient(system.origin)
  const answer = await reader.post('/sign-in', { cardNumber: card, password })
  expect([answer.status, answer.location]).toEqual([303, '/shelf'])
  await expectWholeLog(system)
}

const idsTo = (recipient: string) =>
  mail.received.filter(({ to }) => to.includes(recipient)).map(({ messageId }) => messageId)

describe('a questionnaire that is sent while the process is killed', () => {
  it('just before its commit isn’t there at all; the same form pressed again sends it once', async () => {
    const killed = await start('application:inserted')
    const librarian = await librarianOf(killed)
    const form = await filledForm(librarian)
    await expectNoAnswer(sendForm(librarian, form), killed)

    const system = await start()
    expect(await traces()).toEqual(nothing)
    pathOf(await sendForm(librarian, form))
    expect(await traces()).toEqual(waiting)
    await expectWholeLog(system)
  })

  it('just after its commit is there whole; the same form pressed again leads to the same one', async () => {
    const killed = await start('application:committed')
    const librarian = await librarianOf(killed)
    const form = await filledForm(librarian)
    await expectNoAnswer(sendForm(librarian, form), killed)

    const system = await start()
    expect(await traces()).toEqual(waiting)
    const [kept] = await onDatabase<{ id: string }>(
      dataDir,
      'select id from applications where form_key = $1',
      [form['formKey']],
    )
    expect(pathOf(await sendForm(librarian, form))).toBe(`/staff/applications/${kept?.id}`)
    expect(await traces()).toEqual(waiting)
    await expectWholeLog(system)
  })
})

describe('a registration during which the process is killed', () => {
  it('before its commit has made nothing: the questionnaire waits, and can be registered', async () => {
    const killed = await start('register:inserted')
    const path = await sentQuestionnaire(killed)
    const operator = await operatorOf(killed)
    await expectNoAnswer(pressRegister(operator, path), killed)

    const system = await start()
    expect(await traces()).toEqual(waiting)
    expect((await operator.get('/staff/applications')).text).toContain(path)
    expect((await pressRegister(operator, path)).status).toBe(303)
    await expectRegisteredAndTold(system)
  })

  it('after its commit is whole: all messages go out, and pressing again makes no second reader', async () => {
    const killed = await start('register:committed')
    const path = await sentQuestionnaire(killed)
    const operator = await operatorOf(killed)
    await expectNoAnswer(pressRegister(operator, path), killed)

    const system = await start()
    expect((await pressRegister(operator, path)).status).toBe(409)
    await expectRegisteredAndTold(system)
  })

  it('and its database server with it, right after the answer, is all there', async () => {
    const before = await start()
    const path = await sentQuestionnaire(before)
    expect((await pressRegister(await operatorOf(before), path)).status).toBe(303)
    for (const pid of [before.pid, ...(await processesIn(join(dataDir, 'postgres')))])
      process.kill(pid, 'SIGKILL')
    await before.exited

    await expectRegisteredAndTold(await start())
  })
})

/** Registers the person in a system that dies while telling him; the answer may or may not come. */
async function registerUntilKilled(killAt: Point): Promise<void> {
  const killed = await start(killAt)
  const path = await sentQuestionnaire(killed)
  const operator = await operatorOf(killed)
  await pressRegister(operator, path).catch(() => undefined)
  await untilKilled(killed)
}

const mostCopies = () => Math.max(0, ...[person.email, 'library009@demo.test'].map((to) => idsTo(to).length))

describe('a message during whose sending the process is killed', () => {
  it.for(['email:claimed', 'email:noted', 'sms:noted'] as const)('at %s arrives', async (point: Point) => {
    await registerUntilKilled(point)
    await expectRegisteredAndTold(await start())
  })

  it('before the gateway has heard of it is asked about, and then sent', async () => {
    await registerUntilKilled('sms:claimed')
    expect(gateway.asked).toEqual([])
    const system = await start()
    await expectRegisteredAndTold(system)
    expect(gateway.asked).toEqual(['status', 'send'])
  })

  it('after the gateway’s answer is asked about, and not sent again', async () => {
    await registerUntilKilled('sms:accepted')
    expect(gateway.asked).toEqual(['send'])
    await expectRegisteredAndTold(await start())
    expect(gateway.asked).toEqual(['send', 'status'])
  })

  it('after the mail server’s answer goes again, under the same Message-ID', async () => {
    await registerUntilKilled('email:accepted')
    await expectRegisteredAndTold(await start())
    expect(mostCopies()).toBe(2)
  })

  it('while the gateway works on it is asked about, and not sent again', async () => {
    const killed = await start()
    const path = await sentQuestionnaire(killed)
    const held = gateway.hold('send')
    await pressRegister(await operatorOf(killed), path)
    await held.arrived
    await killed.kill9()
    held.release()
    await eventually(async () => (gateway.taken.length > 0 ? true : undefined))
    await expectRegisteredAndTold(await start())
    expect(gateway.asked).toEqual(['send', 'status'])
  })

  it('for good, between noting that and sending it the other way, goes the other way all the same', async () => {
    const before = await start()
    const path = await sentQuestionnaire(before)
    await pressRegister(await operatorOf(before), path)
    await expectRegisteredAndTold(before)
    await before.stop()
    const cardNumber = /Билет (\d{13})/.exec(gateway.taken[0]?.text ?? '')?.[1] ?? ''
    const askCode = (system: RunningSystem) =>
      createFormClient(system.origin).post('/recover?/send', { cardNumber, channel: 'sms' })
    gateway.behave('send', smsError(7))

    const killed = await start('sms:failed')
    await askCode(killed).catch(() => undefined)
    await untilKilled(killed)
    await start()
    await eventually(async () => ((await unsentMessages(dataDir)) === 0 ? true : undefined))
    const states = await onDatabase(
      dataDir,
      `select channel, state, fault from messages where event = 'reader.code' order by channel`,
    )
    expect(states).toEqual([
      { channel: 'email', state: 'sent', fault: null },
      { channel: 'sms', state: 'failed', fault: 'sms_7' },
    ])
    expect(mail.received.filter(({ subject }) => subject.startsWith('Код'))).toHaveLength(1)
  })

  it('while the mail server takes it goes again, under the same Message-ID', async () => {
    const killed = await start()
    const path = await sentQuestionnaire(killed)
    mail.fallSilent()
    await pressRegister(await operatorOf(killed), path)
    await eventually(async () => (mail.received.length === 2 ? true : undefined))
    await killed.kill9()
    mail.recover()
    await expectRegisteredAndTold(await start())
    expect(mostCopies()).toBe(2)
  })

  it('again and again, at every start, arrives all the same once the dying has an end', async () => {
    await registerUntilKilled('email:accepted')
    for (let again = 1; again <= 2; again += 1) {
      // It may die before it is ready to serve.
      const dying = await start('email:accepted').catch(() => undefined)
      if (dying) await untilKilled(dying)
    }
    await expectRegisteredAndTold(await start())
    // Each of three deaths let an e-mail out that nobody could note; at last both went out.
    expect(mail.received.length).toBeGreaterThanOrEqual(5)
  })
})

describe('a letter that came back, at which the process is killed', () => {
  it('between taking it and moving it away, is moved by the next start and was taken once', async () => {
    const mailbox = await startImapServer()
    const intake = { INTAKE_IMAP_URL: mailbox.url }
    const before = await start()
    const path = await sentQuestionnaire(before)
    await pressRegister(await operatorOf(before), path)
    await eventually(async () => ((await unsentMessages(dataDir)) === 0 ? true : undefined))
    await before.stop()
    const [messageId = ''] = idsTo(person.email)
    mailbox.deliver(postfix({ messageId: messageId.replaceAll(/[<>]/g, ''), to: person.email }))

    // It may die before it is ready to serve.
    const killed = await start('intake:taken', intake).catch(() => undefined)
    if (killed) await untilKilled(killed)
    expect(mailbox.mailsIn('INBOX')).toHaveLength(1)
    await start(undefined, intake)
    await eventually(async () => (mailbox.mailsIn(doneFolder).length === 1 ? true : undefined))
    expect(mailbox.mailsIn('INBOX')).toEqual([])
    const states = await onDatabase(
      dataDir,
      `select channel, m.state from messages m join readers r on r.id = m.reader_id
       where r.full_name = $1 and recipient in ($2, $3) order by channel`,
      [person.fullName, person.email, person.phone],
    )
    expect(states).toEqual([
      { channel: 'email', state: 'undelivered' },
      { channel: 'sms', state: 'sent' },
    ])
    expect(await onDatabase(dataDir, 'select address from refused_addresses')).toEqual([
      { address: person.email },
    ])
    await mailbox.close()
  })
})

describe('a letter with questionnaires, at which the process is killed', () => {
  it.for(['intake:stored', 'intake:taken'] as const)(
    'at %s, becomes one letter, one draft and one answer, and leaves the inbox only then',
    async (point: Point) => {
      const mailbox = await startImapServer()
      const from = 'library009@demo.test'
      const intake = { INTAKE_IMAP_URL: mailbox.url, INTAKE_AUTHSERV_ID: authservId }
      mailbox.deliver(rawMail({ from, text: formText({ fullName: person.fullName }), subject: 'Анкета' }))
      const kept = () =>
        onDatabase<object>(
          dataDir,
          `select l.found, l.state, (select count(*) from drafts where letter_id = l.id)::int as drafts,
                  (select count(*) from messages where letter_id = l.id)::int as answers
           from mailed_letters l where l.subject = 'Анкета'`,
        )

      // It may die before it is ready to serve.
      const killed = await start(point, intake).catch(() => undefined)
      if (killed) await untilKilled(killed)
      expect(mailbox.mailsIn('INBOX')).toHaveLength(1)
      const system = await start(undefined, intake)
      await eventually(async () => (mailbox.mailsIn(doneFolder).length === 1 ? true : undefined))
      expect(mailbox.mailsIn('INBOX')).toEqual([])
      expect(await kept()).toEqual([{ found: 1, state: 'open', drafts: 1, answers: 1 }])
      await eventually(async () => ((await unsentMessages(dataDir)) === 0 ? true : undefined))
      expect(new Set(idsTo(from)).size).toBe(1)
      await expectWholeLog(system)
      await mailbox.close()
    },
  )
})

describe('the demonstration region', () => {
  it('whose filling is killed half-way is filled to its end by the next start, and stays as it is then', async () => {
    const folder = join(dataDir, 'new')
    const killed = await launchSystem({ dataDir: folder, env: { SMART_DEMO: '1' } })
    systems.push(killed)
    const readers = () =>
      onDatabase<object>(folder, 'select from readers').then(
        (rows) => rows.length,
        // Neither server nor table is there yet.
        () => 0,
      )
    await eventually(async () => ((await readers()) >= 2 ? true : undefined))
    await killed.kill9()
    for (const times of ['once', 'twice']) {
      const system = await startSystem({ dataDir: folder, env: { SMART_DEMO: '1' } })
      systems.push(system)
      expect(await regionIn(folder), times).toEqual(region)
      await system.stop()
    }
    expect(killed.output()).not.toContain('Смарт-библиотека открыта')
  })
})
