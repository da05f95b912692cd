import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { readerOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import { loanSchema } from '../../../web/loan-form.ts'
import { waitsForLater } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, cookies, url }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/shelf')
  const actor = readerOf(locals.actor)
  const { consent, consentOverdue, renewal } = await locals.app.consents.standing(actor)
  if (consent && !waitsForLater(cookies, url)) redirect(303, '/consent?next=/shelf')
  return {
    loans: await locals.app.circulation.shelf(actor),
    elsewhere: await locals.app.providers.elsewhere(actor),
    renewal,
    consentOverdue,
    agreed: url.searchParams.has('agreed'),
  }
}

export const actions: Actions = {
  renew: async ({ locals, request }) =>
    takeForm(request, z.object({}), async () => ({
      renewed: await locals.app.renewing.own(readerOf(locals.actor)),
    })),
  giveBack: async ({ locals, request }) =>
    takeForm(request, loanSchema, async ({ loan }) => {
      await locals.app.circulation.giveBack(readerOf(locals.actor), loan)
      return { givenBack: true }
    }),
}
