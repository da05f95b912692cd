import { redirect } from '@sveltejs/kit'
import { librarySchema } from '#core/network/network.schemas.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  authorise(locals.actor, 'network.manage')
}

export const actions: Actions = {
  default: ({ locals, request }) =>
    takeForm(request, librarySchema, async (input) => {
      const { id } = await locals.app.network.add(authorise(locals.actor, 'network.manage'), input)
      redirect(303, `/staff/network/${id}?done=added`)
    }),
}
