import { redirect } from '@sveltejs/kit'
import { typedCardNumber } from '#protocols/card/reading.ts'
import { recoverSchema, sendCodeSchema } from '#core/credentials/credentials.schemas.ts'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import type { Actions } from './$types'

export const actions: Actions = {
  send: async (event) =>
    takeForm(event.request, sendCodeSchema, async ({ cardNumber, channel }) => {
      await event.locals.app.credentials.askCode(cardNumber, channel, origin(event))
      return { sent: true, values: { cardNumber, channel } }
    }),

  choose: async (event) =>
    takeForm(event.request, recoverSchema, async (typed) => {
      await event.locals.app.credentials.recover(typed, origin(event))
      // In the fragment, where the slip's code has it too: it stays out of every log.
      redirect(303, `/sign-in?recovered#card=${encodeURIComponent(typedCardNumber(typed.cardNumber))}`)
    }),
}
