import { redirect } from '@sveltejs/kit'
import { setupSchema } from '#core/setup/setup.schemas.ts'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import { keepSession } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const keyOf = (url: URL) => url.searchParams.get('key') ?? ''

export const load: PageServerLoad = ({ locals, url }) => locals.app.setup.check(keyOf(url))

export const actions: Actions = {
  default: async (event) => {
    const { cookies, locals, request, url } = event
    return takeForm(request, setupSchema, async (input) => {
      await locals.app.setup.run(keyOf(url), input)
      keepSession(cookies, url, await locals.app.sessions.signInStaff(input, origin(event)))
      redirect(303, '/staff/setup/libraries')
    })
  },
}
