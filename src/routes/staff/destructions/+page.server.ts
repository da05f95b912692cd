import { callOffSchema, carryOutSchema } from '#core/destructions/destructions.ts'
import { closeAccountSchema } from '#core/readers/provider-closings.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  const actor = authorise(locals.actor, 'destructions.decide')
  return {
    waiting: await locals.app.destructions.waiting(actor),
    done: await locals.app.destructions.done(actor),
    closings: await locals.app.providerClosings.list(authorise(locals.actor, 'providers.close')),
  }
}

export const actions: Actions = {
  carryOut: async ({ locals, request }) =>
    takeForm(request, carryOutSchema, async ({ id }) => {
      await locals.app.destructions.carryOut(authorise(locals.actor, 'destructions.decide'), id)
      return { carriedOut: id }
    }),

  callOff: async ({ locals, request }) =>
    takeForm(request, callOffSchema, async (input) => {
      await locals.app.destructions.callOff(authorise(locals.actor, 'destructions.decide'), input)
      return { calledOff: input.id }
    }),

  close: async ({ locals, request }) =>
    takeForm(request, closeAccountSchema, async ({ closing }) => {
      await locals.app.providerClosings.close(authorise(locals.actor, 'providers.close'), closing)
      return { closed: closing }
    }),
}
