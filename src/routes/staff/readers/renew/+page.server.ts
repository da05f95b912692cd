import { renewSchema } from '#core/readers/renewing.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  authorise(locals.actor, 'readers.renew')
}

export const actions: Actions = {
  /** A POST, so that card numbers stay out of addresses and logs. */
  default: async ({ locals, request }) =>
    takeForm(request, renewSchema, async ({ cardNumber }) => ({
      renewed: await locals.app.renewing.byCard(authorise(locals.actor, 'readers.renew'), cardNumber),
    })),
}
