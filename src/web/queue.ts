import type { QueueFilter } from '#core/applications/queue.ts'
import { queueSchema } from '#core/applications/queue.ts'
import type { Actor } from '#core/staff/actors.ts'
import { authorise } from '#core/staff/actors.ts'
import type { App } from '../app.ts'
import { queueQuery } from '#ui/queue/address.ts'

/** What a queue's address asks for. */
export const readFilter = (url: URL): QueueFilter => queueSchema.parse(Object.fromEntries(url.searchParams))

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The questionnaire that was just decided, as the address of the page after it says. */
export const doneId = (url: URL): string | undefined => {
  const id = url.searchParams.get('done')
  return id && uuid.test(id) ? id : undefined
}

/**
 * Where an operator goes on: to the next waiting questionnaire within the filter, or to the list.
 * @param from the one that is left
 */
export async function placeAfter(
  app: App,
  actor: Actor,
  url: URL,
  from: string | undefined,
  done?: string,
): Promise<string> {
  const filter = readFilter(url)
  const next = await app.applications.next(authorise(actor, 'applications.decide'), filter, from)
  return next
    ? `/staff/applications/${next}${queueQuery(filter, { done })}`
    : `/staff/applications${queueQuery(filter, { state: 'sent', done })}`
}
