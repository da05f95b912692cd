import type { Settings } from '../settings/settings.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { addDays, addYears, dateIn } from '../shared/calendar.ts'
import type { CardStanding, CardState } from './moves.ts'

/** So many days before its end a card can be renewed. */
export const renewalAhead = 60

/** The last day of a card that is given or renewed at a moment; null where the region's cards have none. */
export function lastDay(settings: Settings, now: Date): CalendarDate | null {
  const years = settings['cards.validYears']
  return years === 0 ? null : addYears(dateIn(settings['region.timeZone'], now), years)
}

/** A card is good through the whole of its last day. */
export const isOver = (validUntil: CalendarDate | null, today: CalendarDate): boolean =>
  validUntil !== null && validUntil < today

export const standingOf = (
  card: { state: CardState; validUntil: CalendarDate | null },
  today: CalendarDate,
): CardStanding => (card.state === 'issued' && isOver(card.validUntil, today) ? 'expired' : card.state)

/** Whether the end is so near, or past, that a renewal means something. */
export const isRenewable = (
  card: { state: CardState; validUntil: CalendarDate | null },
  today: CalendarDate,
): boolean =>
  card.state === 'issued' && card.validUntil !== null && addDays(card.validUntil, -renewalAhead) <= today
