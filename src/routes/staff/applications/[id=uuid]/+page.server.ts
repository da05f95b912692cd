import { redirect } from '@sveltejs/kit'
import { mendSchema, registerSchema, returnSchema } from '#core/applications/applications.schemas.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { actor, app } = locals
  const settings = await app.settings()
  return {
    application: await app.applications.details(authorise(actor, 'applications.read'), params.id),
    decides: may(actor, 'applications.decide'),
    writes: may(actor, 'applications.write'),
    provider: settings['provider.name'],
    consent: await app.consents.current(),
    today: await app.today(),
    justSent: url.searchParams.has('sent'),
    now: app.clock(),
  }
}

export const actions: Actions = {
  register: async ({ locals, params, request }) =>
    takeForm(request, registerSchema, async (input) => {
      await locals.app.applications.register(authorise(locals.actor, 'applications.decide'), params.id, input)
    }),

  return: async ({ locals, params, request }) =>
    takeForm(request, returnSchema, async (input) => {
      const actor = authorise(locals.actor, 'applications.decide')
      await locals.app.applications.return(actor, params.id, input)
      const next = await locals.app.applications.nextWaiting(actor)
      redirect(303, next ? `/staff/applications/${next}` : '/staff/applications?state=sent')
    }),

  mend: async ({ locals, params, request }) =>
    takeForm(request, mendSchema, async (input) => {
      await locals.app.applications.resend(authorise(locals.actor, 'applications.write'), params.id, input)
      redirect(303, `/staff/applications/${params.id}?sent`)
    }),
}
