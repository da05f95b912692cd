import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MailServer } from '../../../tests/support/mail-server.ts'
import { mailPassword, startMailServer } from '../../../tests/support/mail-server.ts'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import type { SmsBehaviour, SmsGateway } from '../../../tests/support/sms-gateway.ts'
import { smsError, smsPassword, startSmsGateway } from '../../../tests/support/sms-gateway.ts'
import {
  smsaero,
  smsaeroError,
  smsc,
  smsru,
  smsruError,
  smsruNumberError,
} from '../../../tests/support/sms-protocols.ts'
import type { SmsProtocol } from '../../../tests/support/sms-protocols.ts'
import type { Database } from '../shared/db.ts'
import { openDatabase, openPool, sql } from '../shared/db.ts'
import { readEnvironment } from '../shared/environment.ts'
import type { Driver, OutgoingMessage } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import { chooseDrivers } from './drivers.ts'
import { createOutboxDriver, readOutbox } from './outbox.driver.ts'
import { createSmsaeroDriver } from './smsaero.driver.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmsruDriver } from './smsru.driver.ts'
import { createSmtpDriver, requiresTls } from './smtp.driver.ts'

/** Far below the drivers' own limit: for tests of silence only, so that they take no time. */
const impatience = 200
const secret = 'ключ-7Ж!q'
const text = `Здравствуйте, Анна Петровна — «ёлки»!\n\nПароль: ${secret}\n.\nСтрока, ${'которая не кончается, '.repeat(30)}конец = 100%.\n`

/** A driver and the receivers beyond it. */
interface Side {
  driver: Driver
  /** `identity`: by what the receivers' side knows that it has a message already. */
  arrived(): Promise<{ identity: string; to: string; subject: string; text: string }[]>
  close(): Promise<void>
}

interface Kind<Other extends Side> {
  recipient: string
  /** An SMS has none. */
  subject: string
  /** Its gateway takes the same twice, so the sending part hands nothing over again on a guess. */
  unguarded?: boolean
  start(): Promise<Other>
  /** Ways to be unable just now. */
  unable: Record<string, (side: Other) => void | Promise<void>>
  /** Ways to refuse a message for good. */
  refusing: Record<string, (side: Other) => void>
}

const smtpDriver = ({ url }: MailServer, options: { answerLimit?: number } = {}) =>
  createSmtpDriver({
    url,
    from: 'Смарт-библиотека <noreply@library.test>',
    messageIdHost: 'library.test',
    ...options,
  })

const mail: Kind<Side & { server: MailServer }> = {
  recipient: 'anna@reader.test',
  subject: 'Ваш читательский билет, «ёлки» — №1',
  async start() {
    const server = await startMailServer()
    return {
      server,
      driver: smtpDriver(server),
      arrived: async () =>
        server.received.map(({ messageId, to, subject, text }) => ({
          identity: messageId,
          to: to.join(),
          subject,
          text,
        })),
      close: () => server.close(),
    }
  },
  unable: {
    'a mailbox that is busy (450)': ({ server }) => server.refuse('recipient', 450),
    'a server short of space (452)': ({ server }) => server.refuse('text', 452),
    'refused credentials (535)': ({ server }) => server.refuse('credentials', 535),
    'a sender’s address that isn’t allowed (553)': ({ server }) => server.refuse('sender', 553),
    'a connection broken before the answer': ({ server }) => server.breakAfterTaking(),
    'no answer at all': (side) => {
      side.server.fallSilent()
      side.driver = smtpDriver(side.server, { answerLimit: impatience })
    },
    'a server that is down': ({ server }) => server.close(),
  },
  refusing: {
    'a mailbox that doesn’t exist (550)': ({ server }) => server.refuse('recipient', 550),
    'a text that isn’t wanted (554)': ({ server }) => server.refuse('text', 554),
  },
}

type SmsSide = Side & { gateway: SmsGateway }
const sending =
  (behaviour: SmsBehaviour) =>
  ({ gateway }: SmsSide) =>
    gateway.behave('send', behaviour)

/** What every gateway over HTTP has to get through, whatever its own errors are. */
function smsKind(
  protocol: SmsProtocol,
  create: (url: string, answerLimit?: number) => Driver,
  own: {
    query?: string
    unguarded?: boolean
    unable: Record<string, SmsBehaviour>
    refusing: Record<string, SmsBehaviour>
  },
): Kind<SmsSide> {
  const urlOf = (gateway: SmsGateway) => gateway.url + (own.query ?? '')
  const ways = (behaviours: Record<string, SmsBehaviour>) =>
    Object.fromEntries(Object.entries(behaviours).map(([way, behaviour]) => [way, sending(behaviour)]))
  return {
    recipient: '+79101234567',
    subject: '',
    unguarded: own.unguarded ?? false,
    async start() {
      const gateway = await startSmsGateway(protocol)
      return {
        gateway,
        driver: create(urlOf(gateway)),
        arrived: async () =>
          gateway.taken.map(({ phone, text, id }) => ({
            identity: String(id),
            to: phone,
            subject: '',
            text,
          })),
        close: () => gateway.close(),
      }
    },
    unable: {
      ...ways(own.unable),
      'a page of HTML': sending('html'),
      'a fault of its own (500)': sending('broken'),
      'JSON that says nothing': sending({ answer: {} }),
      'JSON of another kind': sending({ answer: ['OK'] }),
      'no answer at all': (side) => {
        side.gateway.behave('send', 'silent')
        side.driver = create(urlOf(side.gateway), impatience)
      },
      'a connection broken before the answer': sending('taken_unanswered'),
      'a gateway that is down': ({ gateway }) => gateway.close(),
    },
    refusing: ways(own.refusing),
  }
}

const sms = smsKind(smsc, createSmscDriver, {
  unable: {
    'refused credentials (2)': smsError(2),
    'an empty account (3)': smsError(3),
    'an address blocked for a time (4)': smsError(4),
    'too many requests at once (9)': smsError(9),
    'an error that nobody has heard of': smsError(42),
  },
  refusing: {
    'wrong parameters (1)': smsError(1),
    'a forbidden text (6)': smsError(6),
    'a wrong number (7)': smsError(7),
    'a number that can’t be reached (8)': smsError(8),
  },
})

const smsruSms = smsKind(smsru, createSmsruDriver, {
  unable: {
    'a wrong api_id (200)': smsruError(200),
    'an empty account (201)': smsruError(201),
    'a name that isn’t agreed yet (204)': smsruError(204),
    'the day’s limit (206)': smsruError(206),
    'a service that is busy (220)': smsruError(220),
    'refused authorisation (301)': smsruError(301),
    'a fault of its server (500)': smsruError(500),
    'too many SMS to the number (230), of an “OK” request': smsruNumberError(230),
    'an “OK” that says nothing of the number': { answer: { status: 'OK', status_code: 100, sms: {} } },
    'an “OK” about another number': smsruNumberError(100, '79990000000'),
  },
  refusing: {
    'a wrong number (202), of an “OK” request': smsruNumberError(202),
    'no route to the number (207)': smsruNumberError(207),
    'a number in the stop-list (209)': smsruNumberError(209),
    'a text that is too long (205)': smsruError(205),
  },
})

const aeroSms = smsKind(smsaero, createSmsaeroDriver, {
  query: '?sign=BOOKS&delivered=1&undelivered=2,6',
  unguarded: true,
  unable: {
    'a wrong key (401)': smsaeroError(401),
    'a name that isn’t agreed (400)': smsaeroError(400, { sign: ['bad'] }),
    'too many requests (429)': smsaeroError(429),
    'a fault of its server (503), in JSON': smsaeroError(503),
  },
  refusing: {
    'a wrong number (400)': smsaeroError(400, { number: ['bad'] }),
    'a wrong text (400)': smsaeroError(400, { text: ['bad'] }),
  },
})

const outbox: Kind<Side & { db: Database }> = {
  recipient: 'anna@reader.test',
  subject: 'Ваш читательский билет',
  async start() {
    const database = await createTestDatabase()
    const db = openDatabase(openPool(database.url))
    return {
      db,
      driver: createOutboxDriver(db, () => new Date('2026-11-24T09:00:00Z'), 'email'),
      arrived: async () => {
        const rows = await db.selectFrom('demo_outbox').selectAll().execute()
        return rows.map(({ message_id, recipient, subject, text }) => ({
          identity: message_id,
          to: recipient,
          subject,
          text,
        }))
      },
      close: async () => {
        await db.destroy()
        await database.drop()
      },
    }
  },
  unable: {
    // The row stands in the message that PostgreSQL makes of this, so it must not be passed on.
    'a database that refuses the row': ({ db }) =>
      db.schema
        .alterTable('demo_outbox')
        .addCheckConstraint('refused', sql`text = ''`)
        .execute(),
  },
  refusing: {},
}

const messageTo = ({ recipient, subject }: Pick<OutgoingMessage, 'recipient' | 'subject'>) => ({
  id: randomUUID(),
  recipient,
  subject,
  text,
})

async function faultOf(work: Promise<unknown>): Promise<DeliveryFault> {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(fault instanceof DeliveryFault)) throw new Error('no delivery fault', { cause: fault })
  return fault
}

const personal = new RegExp(`${secret}|Здравствуйте|${mailPassword}|${smsPassword}|reader.test|7910`)
/** All that a log or the queue could make of a fault. */
const told = (fault: DeliveryFault) =>
  `${fault.stack} ${JSON.stringify(Object.entries(fault))} ${String(fault.cause)}`

function keepsTheContract<Other extends Side>(kind: Kind<Other>): void {
  let side: Other
  beforeEach(async () => {
    side = await kind.start()
  })
  afterEach(() => side.close())

  it('a message arrives at its recipient, every sign of it', async () => {
    const message = messageTo(kind)
    await side.driver.send(message)
    expect(await side.arrived()).toEqual([
      { identity: expect.stringMatching(/./), to: kind.recipient, subject: kind.subject, text },
    ])
  })

  it('different messages to one recipient are different ones', async () => {
    await side.driver.send(messageTo(kind))
    await side.driver.send({ ...messageTo(kind), text: 'Другой текст' })
    expect(new Set((await side.arrived()).map(({ identity }) => identity)).size).toBe(2)
  })

  it('a message handed over again is the same one to the receiver’s side, or isn’t taken again', async () => {
    const message = messageTo(kind)
    await side.driver.send(message)
    if (kind.unguarded) {
      expect([side.driver.repeatable, await side.driver.trace(message)]).toEqual([false, 'cannot_tell'])
      return
    }
    const again = side.driver.send(message)
    if (side.driver.repeatable) await again
    else expect(await faultOf(again)).toMatchObject({ temporary: true, inTheDark: true })
    expect(new Set((await side.arrived()).map(({ identity }) => identity)).size).toBe(1)
  })

  for (const [way, make] of Object.entries(kind.unable)) {
    it(`${way} is temporary, and what may have arrived all the same is said to be in the dark`, async () => {
      await make(side)
      const fault = await faultOf(side.driver.send(messageTo(kind)))
      expect(fault).toMatchObject({ temporary: true, code: expect.stringMatching(/^[a-z]+_[a-z0-9]+$/) })
      expect(told(fault)).not.toMatch(personal)
      const arrivedAllTheSame = (await side.arrived()).length > 0
      expect(fault.inTheDark || side.driver.repeatable || !arrivedAllTheSame).toBe(true)
    })
  }

  for (const [way, make] of Object.entries(kind.refusing)) {
    it(`${way} is permanent`, async () => {
      make(side)
      const fault = await faultOf(side.driver.send(messageTo(kind)))
      expect(fault).toMatchObject({ temporary: false, code: expect.stringMatching(/^[a-z]+_\d+$/) })
      expect(told(fault)).not.toMatch(personal)
      expect(await side.arrived()).toEqual([])
    })
  }

  it('tells of a message that arrived no untruth, and of one that never left neither', async () => {
    const [sent, unsent] = [messageTo(kind), messageTo(kind)]
    await side.driver.send(sent)
    expect(['accepted', 'cannot_tell']).toContain(await side.driver.trace(sent))
    expect(['unknown', 'cannot_tell']).toContain(await side.driver.trace(unsent))
  })
}

describe('the contract of drivers: SMTP', () => {
  keepsTheContract(mail)

  it('an e-mail’s Message-ID is made of our id, so that it stays the same after a restart', async () => {
    const side = await mail.start()
    const message = messageTo(mail)
    const { gatewayId } = await side.driver.send(message)
    expect(gatewayId).toBe(`<${message.id}@library.test>`)
    expect(side.server.received[0]?.messageId).toBe(gatewayId)
    await side.close()
  })

  it('an e-mail says that a program wrote it, and its lines end as mail’s lines do', async () => {
    const side = await mail.start()
    await side.driver.send(messageTo(mail))
    const [head = '', body = ''] = (side.server.received[0]?.raw ?? '').split('\r\n\r\n')
    expect(head).toContain('Auto-Submitted: auto-generated')
    expect(head).toContain('Content-Transfer-Encoding: base64')
    expect(Buffer.from(body, 'base64').toString('utf8')).toBe(text.replaceAll('\n', '\r\n'))
    await side.close()
  })
})

describe('mail that begins in the clear', () => {
  it.each([
    ['smtp://a:b@smtp.library.test', true],
    ['smtp://a:b@192.168.1.5:25', true],
    ['smtp://127.0.0.1:25', false],
    ['smtp://[::1]:25', false],
    ['smtp://localhost', false],
    ['smtp://192.168.1.5:25/?requireTLS=false', false],
    ['smtp://127.0.0.1:25/?requireTLS=true', true],
  ])('goes on in TLS or not at all, but on this machine and at the administrator’s word: %s', (url, must) => {
    expect(requiresTls(url)).toBe(must)
  })

  it('isn’t sent where the server offers no TLS, and waits', async () => {
    const server = await startMailServer()
    const [refusing, sending] = [true, false].map((must) =>
      createSmtpDriver({
        url: `${server.url}/?requireTLS=${must}`,
        from: 'library@library.test',
        messageIdHost: 'library.test',
      }),
    )
    await expect(refusing?.send(messageTo(mail))).rejects.toMatchObject({
      code: 'smtp_no_tls',
      temporary: true,
    })
    expect(server.received).toEqual([])
    await sending?.send(messageTo(mail))
    expect(server.received).toHaveLength(1)
    for (const driver of [refusing, sending]) await driver?.close?.()
    await server.close()
  })
})

/** What a gateway that is asked says of an SMS it took. */
function tellsOfDeliveries(
  kind: Kind<SmsSide>,
  statuses: { under_way: number[]; undelivered: number[]; no_such_number?: number[] },
) {
  let side: SmsSide
  beforeEach(async () => {
    side = await kind.start()
  })
  afterEach(() => side.close())
  const asked = async () => {
    const message = messageTo(kind)
    const { gatewayId } = await side.driver.send(message)
    return { ...message, gatewayId: gatewayId ?? null }
  }

  it('tells of a delivery', async () => {
    expect(await side.driver.delivery?.(await asked())).toBe('delivered')
  })

  it.each([
    ...statuses.under_way.map((status) => ({ status, delivery: 'under_way' })),
    ...statuses.undelivered.map((status) => ({ status, delivery: 'undelivered' })),
    ...(statuses.no_such_number ?? []).map((status) => ({ status, delivery: 'no_such_number' })),
  ])('an SMS with the status $status is $delivery', async ({ status, delivery }) => {
    const message = await asked()
    side.gateway.status = status
    expect(await side.driver.delivery?.(message)).toBe(delivery)
  })

  it.each<SmsBehaviour>(['html', 'broken', 'hung_up'])('is asked again when it answers %j', async (way) => {
    const message = await asked()
    side.gateway.behave('status', way)
    const fault = await faultOf(side.driver.delivery?.(message) ?? Promise.resolve())
    expect(fault).toMatchObject({ temporary: true })
    expect(told(fault)).not.toMatch(personal)
  })

  it('can’t tell by an answer that says nothing', async () => {
    const message = await asked()
    side.gateway.behave('status', { answer: {} })
    expect(await side.driver.delivery?.(message)).toBe('cannot_tell')
  })
}

describe('the contract of drivers: smsc', () => {
  keepsTheContract(sms)
  tellsOfDeliveries(sms, {
    under_way: [-1, 0],
    undelivered: [-2, 3, 20, 23, 24, 25],
    no_such_number: [22],
  })

  it('the reserve host stands in for one that is down, and for no other', async () => {
    const [first, reserve] = [await startSmsGateway(), await startSmsGateway()]
    const driver = createSmscDriver(`${first.url}?reserve=${reserve.host}`)
    first.behave('send', 'taken_unanswered')
    // It may have taken the SMS, and the reserve host would send a second one.
    expect(await faultOf(driver.send(messageTo(sms)))).toMatchObject({ inTheDark: true })
    expect(reserve.taken).toEqual([])
    await first.close()
    await driver.send(messageTo(sms))
    expect(reserve.taken).toHaveLength(1)
    await reserve.close()
    expect(await faultOf(driver.send(messageTo(sms)))).toMatchObject({ temporary: true, inTheDark: false })
  })

  let side: SmsSide
  const message = messageTo(sms)
  beforeEach(async () => {
    side = await sms.start()
  })
  afterEach(() => side.close())

  it('an SMS goes out under the sender’s name, when there is one', async () => {
    const named = createSmscDriver(`${side.gateway.url}?sender=${encodeURIComponent('Библиотека')}`)
    await named.send(message)
    await side.driver.send(messageTo(sms))
    expect(side.gateway.taken.map(({ sender }) => sender)).toEqual(['Библиотека', undefined])
  })

  it('the gateway knows an SMS by the same number on every attempt', async () => {
    await side.driver.send(message)
    side.gateway.passMinute()
    await createSmscDriver(side.gateway.url).send(message)
    const [first, second] = side.gateway.taken
    expect(first?.id).toBe(second?.id)
  })

  it.each([-2, -1, 0, 1, 2, 3, 20, 25])('an SMS with the status %i was accepted', async (status) => {
    await side.driver.send(message)
    side.gateway.status = status
    expect(await side.driver.trace(message)).toBe('accepted')
  })

  it('an SMS that the gateway doesn’t find is unknown, in both of its ways to say so', async () => {
    await side.driver.send(message)
    expect(await side.driver.trace(messageTo(sms))).toBe('unknown')
    expect(await side.driver.trace({ ...message, recipient: '+79107654321' })).toBe('unknown')
    side.gateway.behave('status', { answer: { status: -3, last_date: '', last_timestamp: 0 } })
    expect(await side.driver.trace(message)).toBe('unknown')
  })

  it.each([smsError(1), { answer: {} }, { answer: 'OK' }, { answer: { status: 'delivered' } }])(
    'the gateway can’t tell when it answers %j',
    async (behaviour) => {
      side.gateway.behave('status', behaviour)
      expect(await side.driver.trace(message)).toBe('cannot_tell')
    },
  )

  it.each<SmsBehaviour>([smsError(2), smsError(4), smsError(9), 'html', 'broken', 'hung_up', 'silent'])(
    'the gateway is asked again later when its answer is %j',
    async (behaviour) => {
      side.gateway.behave('status', behaviour)
      if (behaviour === 'silent') side.driver = createSmscDriver(side.gateway.url, impatience)
      const fault = await faultOf(side.driver.trace(message))
      expect(fault).toMatchObject({ temporary: true, inTheDark: true })
      expect(told(fault)).not.toMatch(personal)
    },
  )
})

describe('the contract of drivers: sms.ru', () => {
  keepsTheContract(smsruSms)
  tellsOfDeliveries(smsruSms, { under_way: [100, 101, 102], undelivered: [104, 105, 106, 107, 108] })

  it('an SMS goes out under the sender’s name, and the api_id stays out of the address', async () => {
    const side = await smsruSms.start()
    await createSmsruDriver(`${side.gateway.url}?from=BOOKS`).send(messageTo(smsruSms))
    await side.driver.send({ ...messageTo(smsruSms), recipient: '+79107654321' })
    expect(side.gateway.taken.map(({ sender }) => sender)).toEqual(['BOOKS', undefined])
    await side.close()
  })
})

describe('the contract of drivers: SMS Aero', () => {
  keepsTheContract(aeroSms)
  tellsOfDeliveries(aeroSms, { under_way: [0, 3, 4, 8], undelivered: [2, 6] })

  it('asks about no delivery where the statuses’ meanings aren’t set', async () => {
    const side = await aeroSms.start()
    const bare = createSmsaeroDriver(`${side.gateway.url}?sign=BOOKS`)
    expect(bare.delivery).toBeUndefined()
    await bare.send(messageTo(aeroSms))
    expect(side.gateway.taken).toMatchObject([{ sender: 'BOOKS' }])
    await side.close()
  })
})

describe('the contract of drivers: the demonstration’s outbox', () => {
  keepsTheContract(outbox)

  it('the outbox shows what was sent, the newest first', async () => {
    const side = await outbox.start()
    const [older, newer] = ['2026-11-24T09:00:00Z', '2026-11-24T09:00:01Z'].map((at) => new Date(at))
    const drivers = [newer, older].map((at) => createOutboxDriver(side.db, () => at ?? new Date(0), 'sms'))
    for (const driver of drivers) await driver.send(messageTo(sms))
    expect(await readOutbox(side.db)).toEqual(
      [newer, older].map((at) => ({ channel: 'sms', to: sms.recipient, subject: '', text, at })),
    )
    await side.close()
  })
})

describe('the choice of drivers', () => {
  const choose = async (variables: NodeJS.ProcessEnv) => {
    const side = await outbox.start()
    const environment = readEnvironment({ SMART_DATA_DIR: '/nowhere', ...variables })
    const drivers = chooseDrivers(environment, 'http://library.test:3000', side.db, () => new Date(0))
    return { ...side, drivers }
  }

  it('channels that the environment doesn’t name have no way out', async () => {
    const { drivers, close } = await choose({})
    expect(drivers).toEqual({ email: undefined, sms: undefined })
    await close()
  })

  it('in the demonstration nothing leaves the house but over the channels that are named', async () => {
    const server = await startMailServer()
    const { drivers, arrived, close } = await choose({
      SMART_DEMO: '1',
      SMTP_URL: server.url,
      MAIL_FROM: 'Библиотека <library@library.test>',
    })
    await drivers.email?.send(messageTo(mail))
    await drivers.sms?.send(messageTo(sms))
    expect(server.received).toMatchObject([
      { messageId: expect.stringMatching(/@library\.test>$/), raw: expect.stringContaining('<library@') },
    ])
    expect(await arrived()).toMatchObject([{ to: sms.recipient }])
    await server.close()
    await close()
  })

  it.each([
    ['smsc.ru', smsc, ''],
    ['sms.ru', smsru, ''],
    ['SMS Aero', smsaero, '?sign=BOOKS'],
  ])('a gateway that is named is used: %s', async (_, protocol, query) => {
    const gateway = await startSmsGateway(protocol)
    const { drivers, arrived, close } = await choose({ SMS_URL: gateway.url + query })
    await drivers.sms?.send(messageTo(sms))
    expect(gateway.taken).toMatchObject([{ phone: sms.recipient, text }])
    expect(await arrived()).toEqual([])
    await gateway.close()
    await close()
  })
})
