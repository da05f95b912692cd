import type { MessageFilter } from '#core/messages/messages.schemas.ts'

/** The list's filter as it stands in an address, beginning with `?` or `&`; '' when there is none. */
export function messagesQuery(filter: MessageFilter, begin: '?' | '&'): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value)
  const text = query.toString()
  return text && begin + text
}
