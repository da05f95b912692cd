import { redirect } from '@sveltejs/kit'
import { authorise } from '#core/staff/actors.ts'
import { inviteSchema } from '#core/staffing/staffing.schemas.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  authorise(locals.actor, 'staff.manage')
  return {
    libraries: await locals.app.network.within('all'),
    library: url.searchParams.get('library') ?? '',
    mail: locals.app.staffing.mail,
  }
}

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, inviteSchema, async (input) => {
      const { staffId } = await locals.app.staffing.invite(authorise(locals.actor, 'staff.manage'), input)
      redirect(303, `/staff/staff/${staffId}?done=invited`)
    }),
}
