import { describe, expect, it } from 'vitest'
import { mailFaultText, mailFaultTodo, messageFaultText } from './words.ts'

describe('why a letter doesn’t go', () => {
  it.each(['smtp_esocket', 'smtp_etimedout', 'smtp_edns', 'smtp_unreachable'])(
    'is said in words where nobody answers: %s',
    (fault) => {
      expect(mailFaultText(fault)).toBe('Почтовый сервер не отвечает.')
      expect(messageFaultText(fault)).toBe('Почтовый сервер не отвечает.')
    },
  )

  it('is said in words where the server doesn’t know us', () => {
    expect(mailFaultText('smtp_535')).toMatch(/^Почтовый сервер не принял имя или пароль/)
    expect(messageFaultText('smtp_eauth')).toMatch(/^Почтовый сервер не принял имя или пароль/)
  })

  it('has the server’s own code where it says one', () => {
    expect(mailFaultText('smtp_rcpt451')).toBe('Почтовый сервер отвечает отказом (451).')
    expect(messageFaultText('smtp_rcpt451')).toBe('Почтовый сервер пока не взял письмо (451).')
  })

  it('is the address’s own where one letter is refused, and the server’s where all are', () => {
    expect(messageFaultText('smtp_550')).toContain('проверьте электронную почту')
    expect(mailFaultText('smtp_550')).toBe('Почтовый сервер отвечает отказом (550).')
  })

  it('says what to do where the server offers no TLS; other faults have the usual advice', () => {
    expect(mailFaultTodo('smtp_no_tls')).toContain('smtps://')
    for (const fault of ['smtp_550', 'smtp_esocket', null]) expect(mailFaultTodo(fault)).toBeUndefined()
  })
})
