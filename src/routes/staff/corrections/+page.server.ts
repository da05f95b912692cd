import { answerSchema } from '#core/corrections/corrections.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  corrections: await locals.app.corrections.list(authorise(locals.actor, 'corrections.answer')),
})

export const actions: Actions = {
  answer: async ({ locals, request }) =>
    takeForm(request, answerSchema, async (input) => {
      await locals.app.corrections.answer(authorise(locals.actor, 'corrections.answer'), input)
      return { answered: true }
    }),
}
