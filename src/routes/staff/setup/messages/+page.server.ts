import { redirect } from '@sveltejs/kit'
import { testEmailSchema, testPhoneSchema } from '#core/messages/channel-tests.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'messages.configure')
  return {
    channels: await locals.app.messages.tests.channels(actor),
    tested: url.searchParams.get('tested'),
  }
}

export const actions: Actions = {
  email: async ({ locals, request }) =>
    takeForm(request, testEmailSchema, async ({ email }) => {
      const actor = authorise(locals.actor, 'messages.configure')
      await locals.app.messages.tests.test(actor, 'email', email)
      redirect(303, '/staff/setup/messages?tested=email')
    }),
  sms: async ({ locals, request }) =>
    takeForm(request, testPhoneSchema, async ({ phone }) => {
      const actor = authorise(locals.actor, 'messages.configure')
      await locals.app.messages.tests.test(actor, 'sms', phone)
      redirect(303, '/staff/setup/messages?tested=sms')
    }),
}
