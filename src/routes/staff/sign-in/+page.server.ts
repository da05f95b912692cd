import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { takeForm } from '../../../web/forms.ts'
import { onward } from '../../../web/session-cookie.ts'
import { signInAndGoOn } from '../../../web/staff-sign-in.ts'
import type { Actions, PageServerLoad } from './$types'

const signInSchema = z.object({
  email: z.string().max(254, 'email_unreadable'),
  password: z.string().max(200, 'password_long'),
})

export const load: PageServerLoad = async ({ locals, url }) => {
  const next = onward(url.searchParams.get('next'), '/staff')
  if (locals.actor) redirect(303, next)
  return {
    setUp: !(await locals.app.setup.needed()),
    passkeys: locals.app.staffAccess.factors.passkeysPossible,
    next,
  }
}

export const actions: Actions = {
  default: (event) => takeForm(event.request, signInSchema, (typed) => signInAndGoOn(event, typed, 303)),
}
