import { expect, it } from 'vitest'
import { spokenMoment } from './moments.ts'

it('a moment is told in words, with the zone that its clock keeps', () => {
  const moment = new Date('2026-11-29T18:10:00Z')
  expect(spokenMoment(moment, 'Europe/Moscow')).toBe('29 ноября 2026 г. в 21:10 GMT+3')
  expect(spokenMoment(moment, 'UTC')).toBe('29 ноября 2026 г. в 18:10 UTC')
})
