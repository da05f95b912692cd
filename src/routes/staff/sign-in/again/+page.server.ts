import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { notSignedIn } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { signInAndGoOn } from '../../../../web/staff-sign-in.ts'
import type { Actions, PageServerLoad } from './$types'

/** Beside these the form holds whatever was typed on the page that it came from. */
const againSchema = z.object({
  staffEmail: z.string().max(254).default(''),
  staffPassword: z.string().max(200).default(''),
})

/** Nobody comes here but with a form. */
export const load: PageServerLoad = ({ request }) => {
  if (request.method !== 'POST') redirect(303, '/staff/sign-in')
}

export const actions: Actions = {
  default: (event) =>
    takeForm(event.request, againSchema, async ({ staffEmail, staffPassword }) => {
      if (staffEmail === '') throw notSignedIn()
      await signInAndGoOn(event, { email: staffEmail, password: staffPassword }, 307)
    }),
}
