import { redirect } from '@sveltejs/kit'
import { providerSettingsSchema, touchedService } from '#core/providers/provider-settings.ts'
import { shown } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => ({
  provider: await locals.app.providers.settings.read(authorise(locals.actor, 'providers.configure')),
  saved: url.searchParams.has('saved'),
})

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, providerSettingsSchema.safeExtend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'providers.configure')
      await locals.app.providers.settings.change(actor, touchedService(form))
      redirect(303, '/staff/settings/provider?saved')
    }),
}
