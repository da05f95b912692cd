import type { QueueFilter } from '#core/applications/queue.ts'

/** What of a filter goes along from the queue to a questionnaire and on to the next one. */
const kept = ['library', 'age', 'waits'] as const

/** The queue's address with a filter: '' or `?library=…&age=…`. */
export function queueQuery(filter: QueueFilter, more: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...pick(filter), ...more })) if (value) query.set(name, value)
  const text = query.toString()
  return text && `?${text}`
}

/** A form action's address that keeps the filter. */
export const withFilter = (action: string, filter: QueueFilter): string =>
  action + queueQuery(filter).replace('?', '&')

const pick = (filter: QueueFilter) => Object.fromEntries(kept.map((name) => [name, filter[name]]))
