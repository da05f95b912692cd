import { plainDateParts } from '../dates.ts'

/** Day, month and year of a date as they are written, each marked by whether the other date has the same. */
export function markedDate(date: string, other: string): { text: string; mark: 'same' | 'other' }[] {
  const there = plainDateParts(other)
  return plainDateParts(date).map(({ type, value }) => {
    const same = type === 'literal' || there.some((part) => part.type === type && part.value === value)
    return { text: value, mark: same ? 'same' : 'other' }
  })
}
