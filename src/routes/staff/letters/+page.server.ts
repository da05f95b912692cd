import { redirect } from '@sveltejs/kit'
import { tryAgainSchema } from '#core/intake/given-up.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const { app, actor } = locals
  const decides = may(actor, 'letters.decide')
  return {
    ...(await app.letters.list(authorise(actor, 'letters.read'))),
    decides,
    givenUp: decides ? await app.letters.givenUp.list(authorise(actor, 'letters.decide')) : undefined,
    again: url.searchParams.has('again'),
  }
}

export const actions: Actions = {
  tryAgain: ({ locals, request }) =>
    takeForm(request, tryAgainSchema, async (input) => {
      await locals.app.letters.givenUp.tryAgain(authorise(locals.actor, 'letters.decide'), input)
      redirect(303, '/staff/letters?again')
    }),
}
