import { setupSchema } from '#core/setup/setup.schemas.ts'
import { takeForm } from '../../../web/forms.ts'
import { signInAndGoOn } from '../../../web/staff-sign-in.ts'
import type { Actions, PageServerLoad } from './$types'

const keyOf = (url: URL) => url.searchParams.get('key') ?? ''

export const load: PageServerLoad = ({ locals, url }) => locals.app.setup.check(keyOf(url))

export const actions: Actions = {
  default: async (event) => {
    const { locals, request, url } = event
    return takeForm(request, setupSchema, async (input) => {
      await locals.app.setup.run(keyOf(url), input)
      await signInAndGoOn(event, input, 303, '/staff/setup/libraries')
    })
  },
}
