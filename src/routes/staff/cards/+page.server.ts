import { randomUUID } from 'node:crypto'
import { redirect } from '@sveltejs/kit'
import {
  batchSchema,
  callOffSchema,
  makeBatchSchema,
  orderSchema,
  receiveSchema,
  takeOverSchema,
  writeOffSchema,
} from '#core/cards/cards.schemas.ts'
import { lowStockSchema, usualOrder } from '#core/cards/low-stock.ts'
import { countNumber } from '#core/shared/form-fields.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad, PageServerLoadEvent } from './$types'

/** A library that is to get cards, and how many: `?order=` for its own order, `?make=` for a batch at once. */
async function begin({ locals, url }: PageServerLoadEvent) {
  const form = url.searchParams.has('make') ? 'make' : 'order'
  const libraryId = url.searchParams.get(form)
  if (!libraryId) return undefined
  const low = await locals.app.cards.low(authorise(locals.actor, 'cards.read'))
  const count = low.find((library) => library.libraryId === libraryId)?.reorder ?? usualOrder
  return { form, values: { libraryId, count: String(count) } }
}

export const load: PageServerLoad = async (event) => {
  const { locals, url } = event
  const { actor, app } = locals
  const reader = authorise(actor, 'cards.read')
  const manages = may(actor, 'cards.manage')
  const low = manages ? await app.cards.low(reader) : []
  return {
    stock: await app.cards.stock(reader),
    batches: await app.cards.batches(reader),
    orders: await app.cards.orders(reader),
    low,
    /** The form that a link has led to, filled in as far as the system knows. */
    begun: await begin(event),
    manages,
    handles: may(actor, 'cards.stock'),
    libraries: may(actor, 'cards.stock')
      ? await app.network.within(authorise(actor, 'cards.stock').libraries)
      : [],
    formKeys: { make: randomUUID(), takeOver: randomUUID() },
    lowStock: (await app.settings())['cards.lowStock'],
    done: url.searchParams.get('done'),
    received: countIn(url, 'received'),
    writtenOff: countIn(url, 'count'),
    missing: countIn(url, 'missing'),
  }
}

/** A count that an action's address carries; 0 where somebody wrote something else there. */
const countIn = (url: URL, name: string) => countNumber.catch(0).parse(url.searchParams.get(name))

const back = (done: string): never => redirect(303, `/staff/cards?done=${done}`)

export const actions: Actions = {
  make: async ({ locals, request }) =>
    takeForm(request, makeBatchSchema, async (input) => {
      await locals.app.cards.makeBatch(authorise(locals.actor, 'cards.manage'), input)
      back('made')
    }),

  takeOver: async ({ locals, request }) =>
    takeForm(request, takeOverSchema, async (input) => {
      await locals.app.cards.takeOver(authorise(locals.actor, 'cards.manage'), input)
      back('taken_over')
    }),

  send: async ({ locals, request }) =>
    takeForm(request, batchSchema, async ({ batchId }) => {
      await locals.app.cards.send(authorise(locals.actor, 'cards.manage'), batchId)
      back('sent')
    }),

  receive: async ({ locals, request }) =>
    takeForm(request, receiveSchema, async (input) => {
      const actor = authorise(locals.actor, 'cards.stock', input.libraryId)
      const { received, missing } = await locals.app.cards.receive(actor, input)
      redirect(303, `/staff/cards?done=received&received=${received}&missing=${missing}`)
    }),

  writeOff: async ({ locals, request }) =>
    takeForm(request, writeOffSchema, async (input) => {
      const actor = authorise(locals.actor, 'cards.stock', input.libraryId)
      const { count } = await locals.app.cards.writeOff(actor, input)
      redirect(303, `/staff/cards?done=written_off&count=${count}`)
    }),

  lowStock: async ({ locals, request }) =>
    takeForm(request, lowStockSchema, async (input) => {
      await locals.app.cards.setLowStock(authorise(locals.actor, 'cards.manage'), input)
      back('bound')
    }),

  order: async ({ locals, request }) =>
    takeForm(request, orderSchema, async (input) => {
      await locals.app.cards.order(authorise(locals.actor, 'cards.stock', input.libraryId), input)
      back('ordered')
    }),

  callOff: async ({ locals, request }) =>
    takeForm(request, callOffSchema, async ({ orderId }) => {
      await locals.app.cards.callOff(authorise(locals.actor, 'cards.stock'), orderId)
      back('called_off')
    }),
}
