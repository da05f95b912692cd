import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refuseOwnName } from './own-name.ts'

const person = { email: 'ivanova.m@example.ru', fullName: 'Семёнова-Иванова Мария Петровна' }

describe('a password', () => {
  it.each([
    'ivanova.m@example.ru',
    'Ivanova.M@Example.ru',
    'ivanova.m2026',
    'Мария Петровна',
    'СЕМЕНОВА-ИВАНОВА',
    'иванова 05.03.1970!',
  ])('isn’t one’s own name or address: %s', (password) => {
    expect(() => refuseOwnName(password, person)).toThrow('staff.own_name_as_password')
  })

  it.each(['Мария у крыльца', 'синий трактор 42', '83920175-4471', 'пётр и мария'])(
    'may have more in it: %s',
    (password) => expect(() => refuseOwnName(password, person)).not.toThrow(),
  )

  it('of digits and signs alone is nobody’s name, whoever he is', () => {
    const digits = fc.stringMatching(/^[\d .-]{10,40}$/)
    const fullName = fc.stringMatching(/^[а-я]{1,9} [а-я]{1,9}$/)
    fc.assert(
      fc.property(digits, fullName, (password, name) => {
        expect(() => refuseOwnName(password, { ...person, fullName: name })).not.toThrow()
      }),
    )
  })
})
