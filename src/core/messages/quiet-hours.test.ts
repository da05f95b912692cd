import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeIn } from '../shared/calendar.ts'
import { quietUntil } from './quiet-hours.ts'

const timeZone = 'Asia/Yekaterinburg'
const at = (moment: string) => new Date(moment)

describe('quiet hours', () => {
  it.each([
    // 22:30 in Yekaterinburg: until the next morning.
    ['2026-11-24T17:30:00Z', '2026-11-25T04:00:00Z'],
    // 03:00 and 08:59: until the same morning.
    ['2026-11-24T22:00:00Z', '2026-11-25T04:00:00Z'],
    ['2026-11-25T03:59:59Z', '2026-11-25T04:00:00Z'],
  ])('at %s last until %s', (moment, end) => {
    expect(quietUntil({ from: '22:00', to: '09:00', timeZone }, at(moment))).toEqual(at(end))
  })

  it.each(['2026-11-25T04:00:00Z', '2026-11-25T16:59:59Z'])('are over at %s', (moment) => {
    expect(quietUntil({ from: '22:00', to: '09:00', timeZone }, at(moment))).toBeUndefined()
  })

  it('within one day end on that day', () => {
    const hours = { from: '13:00', to: '14:00', timeZone: 'Europe/Moscow' }
    expect(quietUntil(hours, at('2026-11-24T10:30:00Z'))).toEqual(at('2026-11-24T11:00:00Z'))
    expect(quietUntil(hours, at('2026-11-24T11:00:00Z'))).toBeUndefined()
  })

  it('of which both ends are the same never are', () => {
    fc.assert(
      fc.property(
        fc.date({ min: at('2020-01-01'), max: at('2040-01-01'), noInvalidDate: true }),
        (moment) => {
          expect(quietUntil({ from: '09:00', to: '09:00', timeZone }, moment)).toBeUndefined()
        },
      ),
    )
  })

  it('end within a day, when it isn’t quiet any more, also where clocks are changed', () => {
    const minute = fc.integer({ min: 0, max: 1439 }).map((count) => {
      const [hours, minutes] = [Math.floor(count / 60), count % 60].map((part) =>
        String(part).padStart(2, '0'),
      )
      return `${hours}:${minutes}`
    })
    fc.assert(
      fc.property(
        fc.date({ min: at('2020-01-01'), max: at('2040-01-01'), noInvalidDate: true }),
        minute,
        minute,
        fc.constantFrom('Europe/Moscow', 'Asia/Yekaterinburg', 'UTC'),
        (moment, from, to, zone) => {
          const end = quietUntil({ from, to, timeZone: zone }, moment)
          if (!end) return
          expect(end.getTime()).toBeGreaterThan(moment.getTime())
          expect(end.getTime() - moment.getTime()).toBeLessThanOrEqual(24 * 3_600_000)
          expect(timeIn(zone, end)).toBe(to)
        },
      ),
    )
  })
})
