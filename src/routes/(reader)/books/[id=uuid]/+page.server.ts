import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import { z } from 'zod'
import { takeForm } from '../../../../web/forms.ts'
import { loanSchema } from '../../../../web/loan-form.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params }) => ({
  publication: await locals.app.catalogue.details(locals.actor, params.id),
  loan:
    locals.actor?.kind === 'reader'
      ? await locals.app.circulation.loanFor(locals.actor, params.id)
      : undefined,
  days: (await locals.app.settings())['loans.days'],
})

export const actions: Actions = {
  borrow: async ({ locals, params, request, url }) => {
    if (!locals.actor) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`)
    return takeForm(request, z.object({}), async () => {
      await locals.app.circulation.borrow(readerOf(locals.actor), params.id)
    })
  },
  giveBack: async ({ locals, request }) =>
    takeForm(request, loanSchema, async ({ loan }) => {
      await locals.app.circulation.giveBack(readerOf(locals.actor), loan)
      return { givenBack: true }
    }),
}
