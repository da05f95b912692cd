import { randomUUID } from 'node:crypto'
import { redirect } from '@sveltejs/kit'
import { homeSchema, homeTermsVersion } from '#core/applications/home.ts'
import { takeForm } from '../../../web/forms.ts'
import { keepForm } from '../../../web/join-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  // There is no library to join yet; the first page says why.
  if (await locals.app.setup.needed()) redirect(303, '/')
  return {
    formKey: randomUUID(),
    termsVersion: homeTermsVersion,
    aloneFrom: (await locals.app.consents.current()).aloneFrom,
    libraries: (await locals.app.network.within('all')).map(({ id, name }) => ({ id, name })),
    today: await locals.app.today(),
  }
}

export const actions: Actions = {
  default: ({ cookies, locals, request, url, getClientAddress }) =>
    takeForm(request, homeSchema, async (input) => {
      await locals.app.homeForms.keep(input, getClientAddress())
      keepForm(cookies, url, input.formKey)
      redirect(303, '/join/done')
    }),
}
