import { redirect } from '@sveltejs/kit'
import { codeSchema } from '#core/applications/home.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ url }) => ({ withdrawn: url.searchParams.has('done') })

export const actions: Actions = {
  default: ({ locals, request, getClientAddress }) =>
    takeForm(request, codeSchema, async ({ code }) => {
      await locals.app.homeForms.withdraw(code, getClientAddress())
      redirect(303, '/join/withdraw?done')
    }),
}
