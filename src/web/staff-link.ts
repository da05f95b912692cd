import type { RequestEvent } from '@sveltejs/kit'
import type { LinkPurpose } from '#core/staff/links.ts'
import { choosePasswordSchema, linkKeySchema } from '#core/staffing/staffing.schemas.ts'
import { takeForm } from './forms.ts'
import { signInAndGoOn } from './staff-sign-in.ts'

const keyOf = (url: URL) => linkKeySchema.parse(url.searchParams.get('key') ?? '')

/**
 * What a one-time link shows; opening it uses nothing up, so that a mail server's look at it does no harm.
 * @throws wrongLink
 */
export function openStaffLink({ locals, setHeaders, url }: RequestEvent, purpose: LinkPurpose) {
  // The address is a key: no request says it. Under `no-referrer` a form would come with `Origin: null` and be
  // refused as another site's.
  setHeaders({ 'referrer-policy': 'strict-origin' })
  return locals.app.staffing.openLink(purpose, keyOf(url))
}

/** Takes the password that was chosen, and signs in with it; whoever has a second factor is asked for that, too. */
export function useStaffLink(event: RequestEvent, purpose: LinkPurpose) {
  const { locals, request, url } = event
  return takeForm(request, choosePasswordSchema, async ({ password }) => {
    const { email } = await locals.app.staffing.useLink(purpose, keyOf(url), password)
    await signInAndGoOn(event, { email, password }, 303)
  })
}
