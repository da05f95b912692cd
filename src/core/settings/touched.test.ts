import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { backupRulesSchema } from '../backups/backups.schemas.ts'
import { numberingSchema } from '../cards/numbering.ts'
import { departmentSchema } from '../network/network.schemas.ts'
import { providerSettingsSchema, touchedService } from '../providers/provider-settings.ts'
import { guardingSchema } from '../staff-access/guarding.commands.ts'
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

  it('counts fields that are one setting all together', () => {
    const [before, typed] = [
      { nightly: false, time: '03:00', keep: 7 },
      { nightly: false, time: '04:30', keep: 7 },
    ]
    const form = { ...typed, shown: JSON.stringify(before) }
    expect(touched(backupRulesSchema, form, ['nightly', 'time'])).toEqual({ nightly: false, time: '04:30' })
    expect(touched(backupRulesSchema, form, ['nightly', 'keep'])).toEqual({ time: '04:30' })
  })

  const numbering = {
    prefix: '44',
    libraryCode: true,
    serialDigits: 6,
    check: 'luhn',
    lowStock: 15,
    validYears: 5,
  }
  const service = {
    mode: 'both',
    name: 'Внешняя',
    address: 'https://books.test',
    appIos: '',
    appAndroid: '',
    instructions: 'Установите приложение.',
    tell: 'at_once',
    keyTitle: 'Ключ',
    keyPlace: '1',
    numberTitle: 'Билет',
    numberPlace: '2',
    passwordTitle: 'Код',
    passwordPlace: '3',
  }
  const department = { name: 'Отдел', phone: '', email: '' }
  it.each([
    {
      what: 'card numbers',
      schema: numberingSchema,
      page: { ...numbering, example: '4400 1000 1236' },
      sent: { ...numbering, libraryCode: 'on', serialDigits: '6', lowStock: '15', validYears: '5' },
    },
    { what: 'the outside service', schema: providerSettingsSchema, page: service, sent: service },
    { what: 'the department', schema: departmentSchema, page: department, sent: department },
    { what: 'sign-in', schema: guardingSchema, page: { secondFactorRequired: false }, sent: {} },
  ])('that is sent as it was shown changes nothing: $what', ({ schema, page, sent }) => {
    const form = (schema as z.ZodObject).safeExtend({ shown }).parse({ ...sent, shown: JSON.stringify(page) })
    expect(touched(schema as z.ZodObject, form as { shown: string })).toEqual({})
  })

  it('about the outside service that changes the mode brings the name that stood beside it', () => {
    const form = providerSettingsSchema.parse({ ...service, mode: 'files' })
    expect(touchedService({ ...form, shown: JSON.stringify(service) })).toEqual({
      mode: 'files',
      name: 'Внешняя',
    })
  })

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
