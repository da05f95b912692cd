import { error, redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { messageFilterSchema, oneMessageSchema } from '#core/messages/messages.schemas.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { isExpected } from '../../../web/errors.ts'
import { takeForm } from '../../../web/forms.ts'
import { logRefusal } from '../../../web/refusals.ts'
import type { Actions, PageServerLoad } from './$types'

const readFilter = (url: URL) => messageFilterSchema.parse(Object.fromEntries(url.searchParams))

export const load: PageServerLoad = async ({ locals, url }) => {
  const { actor, app } = locals
  const reader = authorise(actor, 'messages.read')
  const filter = readFilter(url)
  return {
    filter,
    ...(await app.messages.list(reader, filter)),
    unreached: await app.messages.countUnreached(reader),
    libraries: await app.network.within(reader.libraries),
    everything: reader.libraries === 'all',
    usage: may(actor, 'applications.decide')
      ? await app.messages.usage(authorise(actor, 'applications.decide'))
      : undefined,
    configures: may(actor, 'messages.configure'),
    done: url.searchParams.get('done'),
  }
}

/** A message, and the reader's record when the form stood there. */
const formSchema = oneMessageSchema.extend({ reader: z.uuid().optional() })

/** Where the form stood: the record, or the list as it was narrowed. */
function back(url: URL, reader: string | undefined, done: string): never {
  if (reader) redirect(303, `/staff/readers/${reader}?done=${done}`)
  const query = new URLSearchParams({ done })
  for (const [name, value] of Object.entries(readFilter(url))) if (value) query.set(name, value)
  redirect(303, `/staff/messages?${query}`)
}

/** Whoever may not reach a message gets no list with the answer: showing it would be a look. */
function refuse(fault: unknown): never {
  if (isExpected(fault) && [403, 404].includes(fault.status)) {
    logRefusal(fault)
    error(fault.status)
  }
  throw fault
}

export const actions: Actions = {
  again: async ({ locals, request, url }) =>
    takeForm(request, formSchema, async ({ id, reader }) => {
      await locals.app.messages.again(authorise(locals.actor, 'messages.send'), id).catch(refuse)
      back(url, reader, 'told-again')
    }),

  settle: async ({ locals, request, url }) =>
    takeForm(request, formSchema, async ({ id, reader }) => {
      await locals.app.messages.settle(authorise(locals.actor, 'messages.send'), id).catch(refuse)
      back(url, reader, 'settled')
    }),
}
