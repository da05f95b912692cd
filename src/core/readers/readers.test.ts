import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { phoneE164 } from './contacts.ts'
import { nameKey } from './names.ts'
import { foldGenerated, generatePassword, passwordAlphabet } from './passwords.ts'

describe('a generated password', () => {
  const generated = fc
    .array(fc.constantFrom(...passwordAlphabet), { minLength: 8, maxLength: 8 })
    .map((signs) => signs.join(''))
  const layout: Record<string, string> = {
    q: 'й',
    w: 'ц',
    e: 'у',
    r: 'к',
    t: 'е',
    y: 'н',
    u: 'г',
    i: 'ш',
    o: 'щ',
    p: 'з',
    a: 'ф',
    s: 'ы',
    d: 'в',
    f: 'а',
    g: 'п',
    h: 'р',
    j: 'о',
    k: 'л',
    l: 'д',
    z: 'я',
    x: 'ч',
    c: 'с',
    v: 'м',
    b: 'и',
    n: 'т',
    m: 'ь',
  }
  const looks: Record<string, string> = { a: 'а', c: 'с', e: 'е', k: 'к', m: 'м', p: 'р', x: 'х' }
  const spelled = (map: Record<string, string>, text: string) =>
    [...text].map((sign) => map[sign] ?? sign).join('')

  it('has 8 signs out of an alphabet in which none look alike', () => {
    for (let round = 0; round < 200; round += 1)
      expect(generatePassword()).toMatch(new RegExp(`^[${passwordAlphabet}]{8}$`))
    for (const alike of ['0o', '1l', '1i', '5s', '2z', 'uv', '6b', '9g', '9q']) {
      expect([...alike].every((sign) => passwordAlphabet.includes(sign))).toBe(false)
    }
  })

  it('is accepted in either case, in the wrong keyboard layout and with Cyrillic look-alikes', () => {
    fc.assert(
      fc.property(generated, (password) => {
        for (const typed of [
          password,
          password.toUpperCase(),
          spelled(layout, password),
          spelled(layout, password).toUpperCase(),
          spelled(looks, password),
        ]) {
          expect(foldGenerated(typed)).toBe(password)
        }
      }),
    )
  })

  it('folds no two passwords into one', () => {
    fc.assert(
      fc.property(generated, generated, (a, b) => {
        expect(foldGenerated(a) === foldGenerated(b)).toBe(a === b)
      }),
    )
  })
})

describe('a name key', () => {
  const word = fc.stringMatching(/^[а-яёa-z]{1,10}$/)
  const name = fc.array(word, { minLength: 1, maxLength: 6 })

  it('is the same in any case, with ё or е, in any order of words', () => {
    fc.assert(
      fc.property(name, fc.nat(), (words, seed) => {
        const turned = [...words.slice(seed % words.length), ...words.slice(0, seed % words.length)]
        const key = nameKey(words.join(' '))
        expect(nameKey(turned.join('  '))).toBe(key)
        expect(nameKey(words.join('-').toUpperCase())).toBe(key)
        expect(nameKey(words.join(' ').replaceAll('ё', 'е'))).toBe(key)
      }),
    )
  })

  it('counts repeated words: a bag, not a set', () => {
    expect(nameKey('Иван Иван Иванов')).not.toBe(nameKey('Иван Иванов'))
  })

  it('tells people with different words apart', () => {
    expect(nameKey('Иванова Мария Петровна')).not.toBe(nameKey('Иванова Мария Павловна'))
    expect(nameKey('Иванова Мария')).not.toBe(nameKey('Иванова Мария Петровна'))
  })
})

describe('a phone', () => {
  it('is understood in the spellings that people use', () => {
    for (const typed of [
      '8 910 123-45-67',
      '+7 (910) 123 45 67',
      '89101234567',
      '9101234567',
      '7 910 1234567',
    ]) {
      expect(phoneE164(typed)).toBe('+79101234567')
    }
  })

  it('is refused when it is none', () => {
    for (const typed of ['12345', 'нет', '8 910 123-45-6', '+7 910 123 45 67 89 00'])
      expect(phoneE164(typed)).toBeUndefined()
  })
})
