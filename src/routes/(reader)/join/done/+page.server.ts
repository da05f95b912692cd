import { redirect } from '@sveltejs/kit'
import { forgetForm, keptForm } from '../../../../web/join-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ cookies, locals, url }) => {
  const formKey = keptForm(cookies, url)
  const receipt = formKey ? await locals.app.homeForms.receipt(formKey) : undefined
  const libraries = await locals.app.network.within('all')
  return {
    receipt: receipt && { code: receipt.code, expiresAt: receipt.expiresAt },
    chosen: libraries.find(({ id }) => id === receipt?.libraryId),
    libraries,
    aloneFrom: (await locals.app.consents.current()).aloneFrom,
  }
}

export const actions: Actions = {
  default: ({ cookies, url }) => {
    forgetForm(cookies, url)
    redirect(303, '/')
  },
}
