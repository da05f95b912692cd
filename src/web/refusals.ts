import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestEvent } from '@sveltejs/kit'
import type { Handle } from '@sveltejs/kit/hooks'
import { wrongCode } from '#core/credentials/recovering.commands.ts'
import { wrongCredentials, wrongPassword } from '#core/sessions/sessions.commands.ts'
import type { ExpectedError } from '#core/shared/errors.ts'
import { expected } from '#core/shared/errors.ts'
import { passkeyRefused, wrongSecondCode } from '#core/staff-access/second-factors.ts'
import { wrongStaffCredentials } from '#core/staff-access/staff-sign-in.commands.ts'

/** Forms answer expected errors by themselves, and know no more of a request than its body. */
const asking = new AsyncLocalStorage<Asking>()

type Asking = Pick<RequestEvent, 'locals' | 'route'>

export const whoAsks: Handle = ({ event, resolve }) => asking.run(event, () => resolve(event))

/** What would change something and comes from a page that isn't ours. */
export const otherSite = expected('shared.other_site', 403)

/** Not allowed; too often. */
const refusing = new Set([403, 429])
/** A wrong password, code or passkey. Nobody signed in at all is no attempt: each visitor's first page is that. */
const wrongSecrets = new Set(
  [wrongCredentials, wrongStaffCredentials, wrongPassword, wrongCode, wrongSecondCode, passkeyRefused].map(
    (make) => make().code,
  ),
)

/**
 * Whoever tries what he may not, or doesn't get in, is to be found, by his id where he has one. Never what was typed,
 * and no network address: that, too, is a person's.
 */
export function logRefusal(error: ExpectedError, event: Asking | undefined = asking.getStore()): void {
  if (!event || !(refusing.has(error.status) || wrongSecrets.has(error.code))) return
  const { app, actor } = event.locals
  app?.log.warn(
    {
      code: error.code,
      route: event.route.id,
      staff: actor?.kind === 'staff' ? actor.staffId : undefined,
      reader: actor?.kind === 'reader' ? actor.readerId : undefined,
    },
    'refused',
  )
}
