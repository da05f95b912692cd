import { redirect } from '@sveltejs/kit'
import { changePasswordSchema } from '#core/credentials/credentials.schemas.ts'
import { readerOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { origin } from '../../../../web/origin.ts'
import { sessionToken } from '../../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/profile/password')
  readerOf(locals.actor)
}

export const actions: Actions = {
  default: async (event) => {
    const { cookies, locals, request, url } = event
    return takeForm(request, changePasswordSchema, async ({ password, newPassword }) => {
      const actor = readerOf(locals.actor)
      await locals.app.sessions.confirmReader(actor, password, origin(event))
      await locals.app.credentials.change(actor, newPassword, sessionToken(cookies, url))
      redirect(303, '/profile?password=changed')
    })
  },
}
