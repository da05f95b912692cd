import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backupRulesSchema } from '../backups/backups.schemas.ts'
import { generalSettingsSchema } from './general.ts'
import { shown, touched } from './touched.ts'

const rules = fc.record({
  nightly: fc.boolean(),
  time: fc.constantFrom('03:00', '04:30'),
  keep: fc.integer({ min: 1, max: 365 }),
})

describe('a form of settings', () => {
  it('changes what its sender has changed and nothing else, whatever the page showed', () => {
    fc.assert(
      fc.property(rules, rules, rules, (before, typed, meanwhile) => {
        const now = {
          ...meanwhile,
          ...touched(backupRulesSchema, { ...typed, shown: JSON.stringify(before) }),
        }
        for (const name of ['nightly', 'time', 'keep'] as const)
          expect(now[name]).toBe(typed[name] === before[name] ? meanwhile[name] : typed[name])
      }),
    )
  })

  it.each(['', 'nonsense', '[]', '{"nightly":true}', 'null'])(
    'counts whole where what its page showed can’t be read: %s',
    (text) => {
      const form = { nightly: true, time: '03:00', keep: 7 }
      expect(touched(backupRulesSchema, { ...form, shown: shown.parse(text) })).toEqual(form)
    },
  )

  it('is read by the same rules as what was shown', () => {
    const values = {
      regionName: 'Область',
      timeZone: 'Europe/Moscow',
      undoSeconds: 20,
      hoursLimit: 48,
      loanDays: 14,
    }
    const form = generalSettingsSchema.extend({ shown }).parse({
      ...values,
      loansMost: ' 5 ',
      loanDays: '21',
      shown: JSON.stringify({ ...values, loansMost: 5 }),
    })
    expect(touched(generalSettingsSchema, form)).toEqual({ loanDays: 21 })
  })
})
