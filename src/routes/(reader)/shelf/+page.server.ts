import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import { loanSchema } from '../../../web/loan-form.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/shelf')
  const loans = await locals.app.circulation.shelf(readerOf(locals.actor))
  return { loans }
}

export const actions: Actions = {
  giveBack: async ({ locals, request }) =>
    takeForm(request, loanSchema, async ({ loan }) => {
      await locals.app.circulation.giveBack(readerOf(locals.actor), loan)
      return { givenBack: true }
    }),
}
