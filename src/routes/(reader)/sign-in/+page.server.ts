import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { typedCardNumber } from '#protocols/card/reading.ts'
import { looksMistyped } from '#protocols/card/scheme.ts'
import { fieldText } from '../../../web/errors.ts'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import { askAnew, keepSession, onward } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const signInSchema = z.object({ cardNumber: z.string().max(100), password: z.string().max(200) })

export const load: PageServerLoad = ({ locals, url }) => {
  if (locals.actor) redirect(303, onward(url.searchParams.get('next'), '/shelf'))
  return { recovered: url.searchParams.has('recovered') }
}

export const actions: Actions = {
  default: async (event) => {
    const { cookies, locals, request, url } = event
    const answer = await takeForm(request, signInSchema, async (typed) => {
      keepSession(cookies, url, await locals.app.sessions.signInReader(typed, origin(event)))
      askAnew(cookies, url)
      redirect(303, onward(url.searchParams.get('next'), '/shelf'))
    })
    // Besides the answer that every wrong pair gets: it is said of the digits alone.
    const { 'cards.scheme': scheme } = await locals.app.settings()
    if (looksMistyped(scheme, typedCardNumber(answer?.data.values['cardNumber'] ?? '')))
      answer.data.faults['cardNumber'] = fieldText('card_mistyped')
    return answer
  },
}
