import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EnvironmentFault, readEnvironment } from './environment.ts'

/** The sentence that a person gets for these variables. */
function sentence(variables: NodeJS.ProcessEnv): string {
  try {
    readEnvironment(variables)
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentFault)
    return (error as Error).message
  }
  throw new Error(`taken: ${JSON.stringify(variables)}`)
}

describe('the environment', () => {
  it('needs nothing: without variables the system opens on this computer with its own database', () => {
    expect(readEnvironment({})).toEqual({
      port: 3000,
      host: '127.0.0.1',
      origin: undefined,
      dataDir: resolve('data'),
      backupDir: resolve('data', 'backups'),
      role: 'all',
      demo: false,
      databaseUrl: undefined,
      smtpUrl: undefined,
      smsUrl: undefined,
      intakeImapUrl: undefined,
      intakeAuthservIds: [],
      mailFrom: 'Смарт-библиотека <noreply@localhost>',
      trustedProxies: [],
      metricsToken: undefined,
    })
  })

  it.each([
    ['METRICS_TOKEN', 'short'],
    ['MAIL_FROM', 'Областная библиотека'],
    ['MAIL_FROM', 'Библиотека <books>'],
    ['TRUSTED_PROXY', 'localhost'],
    ['TRUSTED_PROXY', '127.0.0.1, 10.0.0.0/8'],
    ['SMART_LOG_LEVEL', 'тихо'],
    ['METRICS_TOKEN', 'with a space in the middle'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', 'восемьдесят'],
    ['ORIGIN', 'library.region.ru'],
    ['ORIGIN', 'ftp://library.region.ru'],
    ['SMART_ROLE', 'webworker'],
    ['SMART_DEMO', 'yes'],
    ['DATABASE_URL', 'mysql://localhost/library'],
    ['DATABASE_URL', 'localhost'],
    ['SMTP_URL', 'mail.region.ru:25'],
    ['SMTP_URL', 'smtp://mail.region.ru/?requireTLS=no'],
    ['INTAKE_AUTHSERV_ID', 'https://mx.region.ru'],
    ['INTAKE_AUTHSERV_ID', 'mx.*.ru'],
    ['INTAKE_IMAP_URL', 'imap.region.ru'],
    ['INTAKE_IMAP_URL', 'https://imap.region.ru'],
    ['INTAKE_IMAP_URL', 'pop3://books:key@imap.region.ru'],
    ['INTAKE_IMAP_URL', 'imaps://imap.region.ru/INBOX'],
    ['INTAKE_IMAP_URL', 'imaps://books%40region.ru@imap.region.ru/INBOX'],
    ['SMS_URL', 'https://smsc.ru'],
    ['SMS_URL', 'smsc://login@smsc.ru'],
    ['SMS_URL', 'smsru://sms.ru'],
    ['SMS_URL', 'smsaero://a%40b.ru:key@gate.smsaero.ru/'],
    ['SMS_URL', 'smsaero://a%40b.ru@gate.smsaero.ru/?sign=BOOKS'],
    ['SMS_URL', 'smsaero://a%40b.ru:key@gate.smsaero.ru/?sign=BOOKS&delivered=да'],
  ])('with a wrong %s (%s) is refused with a sentence that names the variable', (name, value) => {
    expect(sentence({ [name]: value })).toMatch(
      new RegExp(`^Переменная окружения ${name} задана неверно: ожида[а-яё]+ .+\\.$`),
    )
  })

  it.each([
    'smsc://login:password@smsc.ru/?sender=BOOKS&reserve=www2.smsc.ru',
    'smsru://0A1B-2C3D@sms.ru/?from=BOOKS',
    'smsaero://books%40example.ru:key@gate.smsaero.ru/?sign=BOOKS&delivered=1&undelivered=2,6',
    'smsru+http://0A1B-2C3D@127.0.0.1:8080/',
  ])('takes the gateway %s', (value) => {
    expect(readEnvironment({ SMS_URL: value }).smsUrl).toBe(value)
  })

  it.each(['web', 'worker'])('for the role %s needs DATABASE_URL, and says so', (role) => {
    expect(sentence({ SMART_ROLE: role })).toMatch(
      new RegExp(`^Для SMART_ROLE=${role} нужна переменная DATABASE_URL`),
    )
    expect(sentence({ SMART_ROLE: role, DATABASE_URL: '' })).toContain('DATABASE_URL')
    const databaseUrl = 'postgres://smart@localhost/library'
    expect(readEnvironment({ SMART_ROLE: role, DATABASE_URL: databaseUrl })).toMatchObject({
      role,
      databaseUrl,
    })
  })

  it('takes an empty variable as one that isn’t set', () => {
    const names = [
      'PORT',
      'HOST',
      'ORIGIN',
      'SMART_DATA_DIR',
      'SMART_ROLE',
      'SMART_DEMO',
      'DATABASE_URL',
      'SMTP_URL',
      'SMS_URL',
      'INTAKE_IMAP_URL',
      'MAIL_FROM',
      'TRUSTED_PROXY',
    ]
    fc.assert(
      fc.property(fc.subarray(names), (empty) => {
        expect(readEnvironment(Object.fromEntries(empty.map((name) => [name, ''])))).toEqual(
          readEnvironment({}),
        )
      }),
    )
  })

  it('takes every port there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65_535 }), (port) => {
        expect(readEnvironment({ PORT: String(port) }).port).toBe(port)
      }),
    )
  })

  it('keeps of the origin only what names it, without a slash at the end', () => {
    expect(readEnvironment({ ORIGIN: 'https://Library.Region.ru/path/' }).origin).toBe(
      'https://library.region.ru',
    )
    expect(readEnvironment({ ORIGIN: 'http://10.0.0.7:8080/' }).origin).toBe('http://10.0.0.7:8080')
  })

  it('takes a list of trusted proxies with commas, spaces and gaps', () => {
    expect(readEnvironment({ TRUSTED_PROXY: '10.0.0.1, 10.0.0.2,,' }).trustedProxies).toEqual([
      '10.0.0.1',
      '10.0.0.2',
    ])
  })

  it('takes no notice of variables that aren’t its own', () => {
    expect(readEnvironment({ PATH: '/bin', LANG: 'C', npm_config_x: '' })).toEqual(readEnvironment({}))
  })
})
