import { describe, expect, it } from 'vitest'
import { fieldsOf, noteTyped, tellingLine } from '../support/spoken.ts'

const quiet = [
  'Смарт-библиотека открыта: http://localhost:34567',
  'Первый запуск. Откройте: http://localhost:34567/staff/setup?key=Jx0pL2m_4v8-QwErTyUiOpAsDfGhJkLz',
  '{"level":50,"time":"2026-11-29T07:00:00.000Z","id":"0a1b2c3d","route":"/staff/applications/[id=uuid]"}',
  '    at resolve (file:///srv/node_modules/@sveltejs/kit/src/runtime/server/respond.js:60:11)',
  '{"job":"messages.send","message":"0198f2a4-1111-7222-8333-444455556666"}',
].join('\n')

describe('the scan of a system’s log', () => {
  it('is content with ids, codes and places', () => {
    expect(tellingLine(quiet)).toBeUndefined()
  })

  it.each([
    ['a name', 'no reader Владеева Анна Петровна'],
    ['a name in other case', 'ключ: владеева анна петровна'],
    ['an e-mail address', 'sent to anna@reader.test'],
    ['a phone', '{"to":"+79101234567"}'],
    ['a card’s password', 'password kotleswa'],
    ['a session', 'cookie staff=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO_-'],
    ['the way to the database', 'postgres://smart:secret@127.0.0.1/smart'],
  ])('finds %s', (_what, line) => {
    expect(tellingLine(`${quiet}\n${line}`, ['Владеева Анна Петровна', 'kotleswa'])).toBe(line)
  })

  it('knows what was typed into a form, however it was sent', () => {
    const multipart =
      '--x\r\nContent-Disposition: form-data; name="fullName"\r\n\r\nТипографова Ада\r\n--x--\r\n'
    noteTyped(
      fieldsOf(
        'fullName=%D0%9E%D1%82%D0%BF%D1%80%D0%B0%D0%B2%D0%BE%D0%B2+%D0%98%D0%B2%D0%B0%D0%BD',
        'application/x-www-form-urlencoded',
      ),
    )
    noteTyped(fieldsOf(multipart, 'multipart/form-data; boundary=x'))
    noteTyped(fieldsOf('{"password":"очень тайное","remark":"обычные слова"}', 'application/json'))
    for (const said of ['Отправов Иван', 'Типографова Ада', 'очень тайное'])
      expect(tellingLine(`x ${said} y`), said).toBeDefined()
    expect(tellingLine('обычные слова')).toBeUndefined()
  })
})
