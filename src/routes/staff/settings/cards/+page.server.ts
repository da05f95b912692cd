import { redirect } from '@sveltejs/kit'
import { numberingSchema, schemeNames } from '#core/cards/numbering.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => ({
  numbering: await locals.app.cards.numbering(authorise(locals.actor, 'cards.number')),
  saved: url.searchParams.has('saved'),
})

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, numberingSchema.safeExtend({ shown }), async (form) => {
      const changed = touched(numberingSchema, form, schemeNames)
      await locals.app.cards.changeNumbering(authorise(locals.actor, 'cards.number'), changed)
      redirect(303, '/staff/settings/cards?saved')
    }),
}
