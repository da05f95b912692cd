import { redirect } from '@sveltejs/kit'
import type { RequestEvent } from '@sveltejs/kit'
import { blockCardSchema, replaceCardSchema } from '#core/credentials/card-changes.commands.ts'
import type { OpenedRecord } from '#core/readers/record.queries.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'

/** Whether the reader's card can be changed from here: by his own library, and the central one. */
export async function loadCardChanges({ locals }: RequestEvent, record: OpenedRecord) {
  const { actor, app } = locals
  const changes = may(actor, 'cards.replace') && !record.elsewhere
  return {
    changesCards: changes,
    stockCards: changes ? await app.cards.free(authorise(actor, 'cards.read')) : 0,
  }
}

type OfReader = RequestEvent<{ id: string }>

const back = ({ params }: OfReader, done: string): never =>
  redirect(303, `/staff/readers/${params.id}?done=${done}`)

export const cardActions = {
  replaceCard: async (event: OfReader) =>
    takeForm(event.request, replaceCardSchema, async (input) => {
      const actor = authorise(event.locals.actor, 'cards.replace')
      await event.locals.app.readers.replaceCard(actor, event.params.id, input)
      back(event, 'card_replaced')
    }),

  blockCard: async (event: OfReader) =>
    takeForm(event.request, blockCardSchema, async ({ card }) => {
      const actor = authorise(event.locals.actor, 'cards.replace')
      await event.locals.app.readers.blockCard(actor, event.params.id, card)
      back(event, 'card_blocked')
    }),

  extendCard: async (event: OfReader) =>
    takeForm(event.request, blockCardSchema, async ({ card }) => {
      const actor = authorise(event.locals.actor, 'cards.replace')
      await event.locals.app.readers.extendCard(actor, event.params.id, card)
      back(event, 'card_extended')
    }),

  unblockCard: async (event: OfReader) =>
    takeForm(event.request, blockCardSchema, async ({ card }) => {
      const actor = authorise(event.locals.actor, 'cards.replace')
      await event.locals.app.readers.unblockCard(actor, event.params.id, card)
      back(event, 'card_unblocked')
    }),
}
