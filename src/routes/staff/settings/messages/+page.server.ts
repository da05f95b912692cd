import { redirect } from '@sveltejs/kit'
import { messageRulesSchema } from '#core/messages/messages.schemas.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'messages.configure')
  const { app } = locals
  return {
    rules: await app.messages.rules.read(actor),
    usage: await app.messages.usage(actor),
    timeZone: (await app.settings())['region.timeZone'],
    saved: url.searchParams.has('saved'),
  }
}

export const actions: Actions = {
  rules: async ({ locals, request }) =>
    takeForm(request, messageRulesSchema.extend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'messages.configure')
      await locals.app.messages.rules.change(actor, touched(messageRulesSchema, form))
      redirect(303, '/staff/settings/messages?saved')
    }),
}
