import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, ageOn, dateIn, endOfDay, isCalendarDate } from './calendar.ts'

const zones = fc.constantFrom(
  'Europe/Moscow',
  'Europe/Kaliningrad',
  'Asia/Kamchatka',
  'Europe/Berlin',
  'America/St_Johns',
)
const date = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  .map((moment) => moment.toISOString().slice(0, 10))

describe('the region’s calendar', () => {
  it('a day ends where the next one begins, in every zone, across clock changes', () => {
    fc.assert(
      fc.property(zones, date, (zone, day) => {
        const end = endOfDay(zone, day)
        expect(dateIn(zone, end)).toBe(day)
        expect(dateIn(zone, new Date(end.getTime() + 1))).toBe(addDays(day, 1))
      }),
    )
  })

  it('one turns a year older on the birthday, and on 1 March when born on 29 February', () => {
    expect(ageOn('2012-03-05', '2026-03-04')).toBe(13)
    expect(ageOn('2012-03-05', '2026-03-05')).toBe(14)
    expect(ageOn('2012-02-29', '2026-02-28')).toBe(13)
    expect(ageOn('2012-02-29', '2026-03-01')).toBe(14)
  })

  it('knows which dates there are', () => {
    expect(isCalendarDate('2024-02-29')).toBe(true)
    for (const wrong of ['2023-02-29', '2024-13-01', '2024-1-1', '', 'вчера', '2024-00-10']) {
      expect(isCalendarDate(wrong)).toBe(false)
    }
  })
})
