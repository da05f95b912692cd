import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'

/** A value of the environment that can't be worked with; the sentence names the variable. */
export class EnvironmentFault extends Error {}

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `ожидается адрес вида ${protocols.map((protocol) => `${protocol}//…`).join(' или ')}`,
  })

/** What each gateway can't do without, in the words of the sentence that stops the start. */
const smsNeeds: Record<string, (url: URL) => string | undefined> = {
  smsc: ({ username, password }) =>
    username && password ? undefined : 'ожидается smsc://логин:пароль@smsc.ru/?sender=ИМЯ',
  smsru: ({ username }) => (username ? undefined : 'ожидается smsru://api_id@sms.ru/?from=ИМЯ'),
  smsaero: (url) =>
    url.username &&
    url.password &&
    url.searchParams.get('sign') &&
    ['delivered', 'undelivered'].every((name) => /^(\d+(,\d+)*)?$/.test(url.searchParams.get(name) ?? ''))
      ? undefined
      : 'ожидается smsaero://почта:ключ@gate.smsaero.ru/?sign=ИМЯ&delivered=1&undelivered=2,6 (знак @ в почте — %40)',
}
const smsSchemes = Object.keys(smsNeeds).flatMap((scheme) => [`${scheme}:`, `${scheme}+http:`])

const smsUrl = url(...smsSchemes).superRefine((text, context) => {
  if (!URL.canParse(text)) return
  const parsed = new URL(text)
  const message = smsNeeds[parsed.protocol.replace(/(\+http)?:$/, '')]?.(parsed)
  if (message) context.addIssue({ code: 'custom', message })
})

const smtpUrl = url('smtp:', 'smtps:').refine(
  (text) =>
    !URL.canParse(text) || /^(true|false)$/.test(new URL(text).searchParams.get('requireTLS') ?? 'true'),
  { message: 'ожидается requireTLS=true или requireTLS=false' },
)

const imapUrl = url('imaps:', 'imap:').refine(
  (text) => {
    if (!URL.canParse(text)) return true
    const { hostname, username, password } = new URL(text)
    return hostname !== '' && username !== '' && password !== ''
  },
  { message: 'ожидается imaps://логин:пароль@узел:993/INBOX (знак @ в логине — %40)' },
)

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)

const authservIds = z
  .string()
  .refine((text) => listed(text).every((each) => /^(\*\.)?[\w-]+(\.[\w-]+)*$/.test(each)), {
    message:
      'ожидается имя почтового сервера, как в заголовке Authentication-Results: mx.example.ru или *.example.ru',
  })

const portExpected = 'ожидается номер порта от 0 до 65535'

/** What stands in letters as their sender: an address, with a name or without one. */
const sender = z.string().regex(/^([^<>]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, {
  message: 'ожидается адрес, с именем или без: Смарт-библиотека <books@example.ru>',
})

/** An address that isn't one would never be met, and every visitor would come from the proxy. */
const proxies = z.string().refine((text) => listed(text).every((each) => isIP(each) > 0), {
  message: 'ожидаются адреса через запятую: 127.0.0.1, ::1',
})

const environmentSchema = z.object({
  PORT: z.coerce
    .number(portExpected)
    .int(portExpected)
    .min(0, portExpected)
    .max(65535, portExpected)
    .default(3000),
  HOST: z.string().default('127.0.0.1'),
  ORIGIN: url('http:', 'https:').optional(),
  SMART_DATA_DIR: z.string().default('data'),
  BACKUP_DIR: z.string().optional(),
  SMART_ROLE: z.enum(['all', 'web', 'worker'], 'ожидается all, web или worker').default('all'),
  SMART_DEMO: z.enum(['0', '1'], 'ожидается 0 или 1').default('0'),
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  SMTP_URL: smtpUrl.optional(),
  SMS_URL: smsUrl.optional(),
  INTAKE_IMAP_URL: imapUrl.optional(),
  INTAKE_AUTHSERV_ID: authservIds.default(''),
  MAIL_FROM: sender.default('Смарт-библиотека <noreply@localhost>'),
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  TRUSTED_PROXY: proxies.default(''),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{16,}$/, 'ожидается не меньше 16 латинских букв и цифр без пробелов')
    .optional(),
  /** Read by the log itself; a wrong one stops the start as any other. */
  SMART_LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'], 'ожидается info, warn или debug')
    .optional(),
})

export interface Environment {
  port: number
  host: string
  /** Where people reach the system, without a slash at the end; undefined when only loopback is known. */
  origin: string | undefined
  dataDir: string
  /** Where nightly backups lie. */
  backupDir: string
  role: 'all' | 'web' | 'worker'
  demo: boolean
  databaseUrl: string | undefined
  smtpUrl: string | undefined
  smsUrl: string | undefined
  /** The mailbox to which letters come back. */
  intakeImapUrl: string | undefined
  /** Names under which the mailbox's server writes what it found out about senders; none: its host's. */
  intakeAuthservIds: readonly string[]
  mailFrom: string
  trustedProxies: readonly string[]
  /** With it /metrics is read from elsewhere than this computer. */
  metricsToken: string | undefined
}

/**
 * Reads the environment once, at start.
 * @throws EnvironmentFault with a sentence that names the variable and what is expected
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  // An empty value means "not set": that is how people switch a line off in a file of settings.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''))
  const result = environmentSchema.safeParse(given)
  if (!result.success) {
    const [issue] = result.error.issues
    const name = String(issue?.path[0])
    throw new EnvironmentFault(`Переменная окружения ${name} задана неверно: ${issue?.message}.`)
  }
  const values = result.data
  if (values.SMART_ROLE !== 'all' && !values.DATABASE_URL) {
    throw new EnvironmentFault(
      `Для SMART_ROLE=${values.SMART_ROLE} нужна переменная DATABASE_URL: встроенную базу запускает только роль all.`,
    )
  }
  return {
    port: values.PORT,
    host: values.HOST,
    origin: values.ORIGIN && new URL(values.ORIGIN).origin,
    dataDir: resolve(values.SMART_DATA_DIR),
    backupDir: resolve(values.BACKUP_DIR ?? join(values.SMART_DATA_DIR, 'backups')),
    role: values.SMART_ROLE,
    demo: values.SMART_DEMO === '1',
    databaseUrl: values.DATABASE_URL,
    smtpUrl: values.SMTP_URL,
    smsUrl: values.SMS_URL,
    intakeImapUrl: values.INTAKE_IMAP_URL,
    intakeAuthservIds: listed(values.INTAKE_AUTHSERV_ID),
    mailFrom: values.MAIL_FROM,
    trustedProxies: listed(values.TRUSTED_PROXY),
    metricsToken: values.METRICS_TOKEN,
  }
}
