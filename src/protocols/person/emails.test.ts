import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance, emailFault, mailDomains, meantEmail, tidyEmail } from './emails.ts'

const local = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}(\.[a-z0-9_]{1,8})?$/)
const domain = fc.constantFrom(...mailDomains)
const right = fc.tuple(local, domain).map(([name, at]) => `${name}@${at}`)

describe('an e-mail address', () => {
  it('at a domain of the list stands, and nothing else is offered for it', () => {
    fc.assert(
      fc.property(right, (email) => {
        expect(tidyEmail(email)).toBe(email)
        expect(emailFault(email)).toBeUndefined()
        expect(meantEmail(email)).toBeUndefined()
      }),
    )
  })

  it('is the same in capitals, with spaces and in brackets', () => {
    fc.assert(
      fc.property(right, (email) => {
        const [name = '', at = ''] = email.split('@')
        for (const typed of [
          ` ${email} `,
          email.toUpperCase(),
          `${name} @ ${at}`,
          `<${email}>`,
          `mailto:${email}`,
          `${email}.`,
        ])
          expect(tidyEmail(typed)).toBe(email)
      }),
    )
  })

  it('with a slip in a long domain gets that domain offered, and one tap settles it', () => {
    const long = mailDomains.filter((each) => (each.split('.')[0] ?? '').length >= 6)
    const slip = fc
      .tuple(local, fc.constantFrom(...long), fc.nat(), fc.constantFrom('drop', 'double', 'swap'))
      .map(([name, at, seed, kind]) => {
        const place = seed % (at.length - 1)
        const [before, sign = '', after] = [at.slice(0, place), at[place], at.slice(place + 1)]
        const next = after[0] ?? ''
        const spoilt = {
          drop: before + after,
          double: before + sign + sign + after,
          swap: before + next + sign + after.slice(1),
        }[kind]
        return { name, at, spoilt }
      })
      .filter(({ at, spoilt }) => spoilt !== at && !mailDomains.includes(spoilt))
    fc.assert(
      fc.property(slip, ({ name, spoilt }) => {
        const offer = meantEmail(`${name}@${spoilt}`)
        if (offer === undefined) throw new Error(`nothing is offered for ${spoilt}`)
        expect(mailDomains).toContain(offer.split('@')[1])
        expect(meantEmail(offer)).toBeUndefined()
      }),
    )
  })

  it('whatever is typed, what is offered may stand and is settled', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.emailAddress(),
          right.map((email) => email.replace('.', ',')),
        ),
        (typed) => {
          const offer = meantEmail(typed)
          if (offer === undefined) return
          expect(emailFault(offer)).toBeUndefined()
          expect(meantEmail(offer)).toBeUndefined()
        },
      ),
    )
  })

  it.each([
    ['anna@yandex.ry', 'anna@yandex.ru'],
    ['anna@yandx.ru', 'anna@yandex.ru'],
    ['anna@yandex.com.ru', 'anna@yandex.ru'],
    ['anna@mail.ry', 'anna@mail.ru'],
    ['anna@mial.ru', 'anna@mail.ru'],
    ['anna@mail', 'anna@mail.ru'],
    ['anna@mail,ru', 'anna@mail.ru'],
    ['anna@mail..ru', 'anna@mail.ru'],
    ['anna@gmail.ru', 'anna@gmail.com'],
    ['anna@gmail.con', 'anna@gmail.com'],
    ['anna@gmial.com', 'anna@gmail.com'],
    ['anna@bk.ry', 'anna@bk.ru'],
    ['anna@icloud.ru', 'anna@icloud.com'],
    ['аnnа@mаil.ru', 'anna@mail.ru'],
    ['фттф@ьфшдюкг', 'anna@mail.ru'],
    ['фттф"нфтвучюкг', 'anna@yandex.ru'],
  ])('%s was probably meant as %s', (typed, meant) => {
    expect(meantEmail(typed)).toBe(meant)
  })

  it.each([
    'anna@kbibl.ru',
    'anna@tk.ru',
    'anna@school5.edu.ru',
    'anna@mai.ru',
    'anna@yandex.kz',
    'анна@почта.рф',
    'anna@почта.рф',
    'нет',
    '@',
    '',
  ])('nothing is offered for %j', (typed) => {
    expect(meantEmail(typed)).toBeUndefined()
  })

  it.each([
    'anna@yandex',
    'a@mail.ru, b@mail.ru',
    'a@mail.ru b@mail.ru',
    'a..b@mail.ru',
    '.a@mail.ru',
    'a.@mail.ru',
    'a@-mail.ru',
    'анна@mail.ru',
    'a b',
  ])('%s can’t stand', (typed) => {
    expect(emailFault(tidyEmail(typed))).toBe('email_unreadable')
  })

  it('at a Cyrillic domain is kept in the letters that mail uses', () => {
    expect(tidyEmail('Anna@Почта.рф')).toBe('anna@xn--80a1acny.xn--p1ai')
    expect(emailFault('anna@xn--80a1acny.xn--p1ai')).toBeUndefined()
  })
})

it('the distance between words counts a drop, an extra, another and two swapped letters as one each', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(distance(a, b)).toBe(distance(b, a))
      expect(distance(a, b) === 0).toBe(a === b)
    }),
  )
  expect(['mal.ru', 'maill.ru', 'mayl.ru', 'mial.ru'].map((each) => distance('mail.ru', each))).toEqual([
    1, 1, 1, 1,
  ])
})
