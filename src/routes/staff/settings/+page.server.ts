import { redirect } from '@sveltejs/kit'
import { generalSettingsSchema } from '#core/settings/general.ts'
import { historySchema } from '#core/settings/overview.queries.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'settings.change')
  const { region } = locals.app
  const { before } = historySchema.parse(Object.fromEntries(url.searchParams))
  return {
    general: await region.general(actor),
    groups: await region.overview(actor),
    history: await region.history(actor, before),
    saved: url.searchParams.has('saved'),
  }
}

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, generalSettingsSchema.extend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'settings.change')
      await locals.app.region.changeGeneral(actor, touched(generalSettingsSchema, form))
      redirect(303, '/staff/settings?saved')
    }),
}
