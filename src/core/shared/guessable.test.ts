import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generatePassword } from '../readers/passwords.ts'
import { isGuessable } from './guessable.ts'

describe('a password that is tried first', () => {
  it.each([
    ['keys in a row', '12345678'],
    ['backwards', '87654321'],
    ['twice', '123456781234'],
    ['one sign', 'aaaaaaaa'],
    ['two signs', 'abababab'],
    ['the word itself', 'Password1'],
    ['in Russian, with a year', 'пароль2026'],
    ['a row of keys', 'qwertyui'],
    ['of Russian keys', 'йцукенгш'],
    ['a word of this place', 'Библиотека2026'],
    ['two of them', 'smart-library!'],
    ['on a list of common ones', 'iloveyou123'],
    ['the same in capitals', 'ILOVEYOU123'],
    ['a name that many choose', 'Michelle1'],
  ])('is told: %s', (_about, password) => expect(isGuessable(password)).toBe(true))

  it.each(['Сирень у крыльца', 'библиотека у реки', 'demo-smart-library', 'десять знаков'])(
    'isn’t every one with a known word in it: %s',
    (password) => expect(isGuessable(password)).toBe(false),
  )

  it('is none of those that we make', () => {
    for (let count = 0; count < 1000; count += 1) expect(isGuessable(generatePassword())).toBe(false)
  })

  it('is told of any text, at once', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => typeof isGuessable(text) === 'boolean'))
  })
})
