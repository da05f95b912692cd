import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import { keepSession, onward } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const signInSchema = z.object({ email: z.string().max(254), password: z.string().max(200) })

export const load: PageServerLoad = async ({ locals, url }) => {
  if (locals.actor) redirect(303, onward(url.searchParams.get('next'), '/staff'))
  return { setUp: !(await locals.app.setup.needed()) }
}

export const actions: Actions = {
  default: async (event) => {
    const { cookies, locals, request, url } = event
    return takeForm(request, signInSchema, async (typed) => {
      keepSession(cookies, url, await locals.app.sessions.signInStaff(typed, origin(event)))
      redirect(303, onward(url.searchParams.get('next'), '/staff'))
    })
  },
}
