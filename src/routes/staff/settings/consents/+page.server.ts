import { redirect } from '@sveltejs/kit'
import { rulesSchema } from '#core/consents/consent-rules.ts'
import { publishSchema } from '#core/consents/consent-texts.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const { actor, app } = locals
  const reader = authorise(actor, 'consents.read')
  return {
    texts: await app.consents.texts.list(reader),
    draft: await app.consents.texts.draft(reader),
    rules: await app.consents.rules.read(reader),
    handover: (await app.consents.current()).handover !== undefined,
    publishes: may(actor, 'consents.publish'),
    published: url.searchParams.get('published'),
    saved: url.searchParams.has('saved'),
  }
}

export const actions: Actions = {
  publish: async ({ locals, request }) =>
    takeForm(request, publishSchema, async (input) => {
      const actor = authorise(locals.actor, 'consents.publish')
      const { version } = await locals.app.consents.texts.publish(actor, input)
      redirect(303, `/staff/settings/consents?published=${version}`)
    }),

  rules: async ({ locals, request }) =>
    takeForm(request, rulesSchema.extend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'consents.publish')
      await locals.app.consents.rules.change(actor, touched(rulesSchema, form))
      redirect(303, '/staff/settings/consents?saved')
    }),
}
