import { forgottenSchema } from '#core/staffing/staffing.schemas.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => ({ mail: locals.app.staffing.mail })

export const actions: Actions = {
  default: ({ getClientAddress, locals, request }) =>
    takeForm(request, forgottenSchema, async ({ email }) => {
      await locals.app.staffing.askLink(email, getClientAddress())
      return { sent: true, values: { email } }
    }),
}
