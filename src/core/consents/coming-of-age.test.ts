import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, ageOn } from '../shared/calendar.ts'
import type { Basis, ConsentFacts, From14 } from './coming-of-age.ts'
import { basisOn, birthdayAt, consentDue, consentOverdue, outgrown, ownConsentAge } from './coming-of-age.ts'

const day = fc
  .integer({ min: Date.UTC(1930, 0, 1) / 86_400_000, max: Date.UTC(2030, 0, 1) / 86_400_000 })
  .map((number) => new Date(number * 86_400_000).toISOString().slice(0, 10))
/** Every fourth one or so is a leap day. */
const birthDate = fc.oneof(
  { weight: 3, arbitrary: day },
  { weight: 1, arbitrary: fc.integer({ min: 482, max: 506 }).map((fourth) => `${fourth * 4}-02-29`) },
)
const from14 = fc.constantFrom<From14>('self', 'both')
const basis = fc.constantFrom<Basis>('self', 'guardian', 'both')
const graceDays = fc.integer({ min: 1, max: 365 })

describe('a birthday', () => {
  it('is the first day of the new age, also for those born on 29 February', () => {
    fc.assert(
      fc.property(birthDate, fc.integer({ min: 1, max: 100 }), (born, years) => {
        const birthday = birthdayAt(born, years)
        expect(ageOn(born, birthday)).toBe(years)
        expect(ageOn(born, addDays(birthday, -1))).toBe(years - 1)
      }),
    )
  })

  it('falls on 1 March in common years for those born on 29 February', () => {
    expect(birthdayAt('2012-02-29', 14)).toBe('2026-03-01')
    expect(birthdayAt('2012-02-29', 16)).toBe('2028-02-29')
  })
})

describe('who signs', () => {
  it('changes exactly on the 14th and, where teenagers sign together, on the 18th birthday', () => {
    fc.assert(
      fc.property(birthDate, (born) => {
        const on = (years: number, days: number, rule: From14) =>
          basisOn(born, addDays(birthdayAt(born, years), days), rule)
        for (const rule of ['self', 'both'] as const) expect(on(14, -1, rule)).toBe('guardian')
        expect([on(14, 0, 'self'), on(18, 0, 'self')]).toEqual(['self', 'self'])
        expect([on(14, 0, 'both'), on(18, -1, 'both'), on(18, 0, 'both')]).toEqual(['both', 'both', 'self'])
      }),
    )
  })

  it('a consent is outgrown from the birthday on and not a day before, and never one of the reader alone', () => {
    fc.assert(
      fc.property(birthDate, from14, basis, (born, rule, given) => {
        const birthday = birthdayAt(born, ownConsentAge(rule))
        expect(outgrown(given, born, addDays(birthday, -1), rule)).toBe(false)
        const own = given === 'self' || (given === 'both' && rule === 'self')
        expect(outgrown(given, born, birthday, rule)).toBe(!own)
      }),
    )
  })

  it('what is outgrown can always be given by the reader himself', () => {
    fc.assert(
      fc.property(birthDate, day, from14, basis, (born, today, rule, given) => {
        fc.pre(outgrown(given, born, today, rule))
        expect(basisOn(born, today, rule)).toBe('self')
      }),
    )
  })
})

describe('a consent that is due', () => {
  const facts = (change: Partial<ConsentFacts> = {}): ConsentFacts => ({
    birthDate: '2012-11-24',
    since: '2025-01-01',
    consent: { basis: 'guardian', version: 1 },
    text: { version: 1, since: '2024-01-01' },
    ...change,
  })
  const rules = { from14: 'self', graceDays: 30 } as const

  it('is asked for from the birthday on, may wait its days and is overdue the day after', () => {
    fc.assert(
      fc.property(birthDate, from14, graceDays, (born, rule, days) => {
        const birthday = birthdayAt(born, ownConsentAge(rule))
        const at = (offset: number) => {
          const today = addDays(birthday, offset)
          const due = consentDue(facts({ birthDate: born }), today, { from14: rule, graceDays: days })
          return { due, overdue: consentOverdue(due, today) }
        }
        expect(at(-1)).toEqual({ due: undefined, overdue: false })
        expect(at(0).due).toMatchObject({ why: 'age', basis: 'self', until: addDays(birthday, days) })
        expect([at(0).overdue, at(days).overdue, at(days + 1).overdue]).toEqual([false, false, true])
      }),
    )
  })

  it('a new version is asked of whoever signs alone, for its days; of a representative without a term', () => {
    const text = { version: 2, since: '2026-11-01' }
    const adult = facts({ birthDate: '1990-01-01', consent: { basis: 'self', version: 1 }, text })
    const due = consentDue(adult, '2026-11-02', rules)
    expect(due).toEqual({ why: 'version', basis: 'self', until: '2026-12-01' })
    expect(consentOverdue(due, '2026-12-01')).toBe(false)
    expect(consentOverdue(due, '2026-12-02')).toBe(true)

    const child = consentDue(facts({ birthDate: '2018-01-01', text }), '2028-01-01', rules)
    expect(child).toEqual({ why: 'version', basis: 'guardian', until: undefined })
    expect(consentOverdue(child, '2028-01-01')).toBe(false)
  })

  it('coming of age goes before a new version', () => {
    const both = facts({ text: { version: 2, since: '2026-12-01' } })
    expect(consentDue(both, '2026-12-02', rules)?.why).toBe('age')
  })

  it('without any consent one is asked for, counted from the record on', () => {
    const none = facts({ birthDate: '1990-01-01', consent: undefined, since: '2026-11-01' })
    expect(consentDue(none, '2026-11-24', rules)).toEqual({ why: 'none', basis: 'self', until: '2026-12-01' })
  })

  it('nobody is asked who has agreed himself to the text in force', () => {
    fc.assert(
      fc.property(birthDate, day, from14, (born, today, rule) => {
        const own = facts({ birthDate: born, consent: { basis: 'self', version: 1 } })
        expect(consentDue(own, today, { from14: rule, graceDays: 30 })).toBeUndefined()
      }),
    )
  })
})
