import type { RequestEvent } from '@sveltejs/kit'
import type { Origin } from '#core/sessions/sessions.commands.ts'

/** Where a sign-in comes from. */
export const origin = (event: RequestEvent): Origin => ({
  address: event.getClientAddress(),
  userAgent: event.request.headers.get('user-agent') ?? '',
})
