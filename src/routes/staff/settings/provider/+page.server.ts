import { redirect } from '@sveltejs/kit'
import { columnNames, providerSettingsSchema } from '#core/providers/provider-settings.ts'
import { shown, touched } from '#core/settings/touched.ts'
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
      const changed = touched(providerSettingsSchema, form, columnNames)
      // Where readers are sent has a name: the one that was seen beside the choice.
      if (changed.mode) changed.name = form.name
      await locals.app.providers.settings.change(authorise(locals.actor, 'providers.configure'), changed)
      redirect(303, '/staff/settings/provider?saved')
    }),
}
