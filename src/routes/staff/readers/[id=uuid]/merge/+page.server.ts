import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { mergeSchema } from '#core/readers/merging.commands.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const otherSchema = z.object({ cardNumber: z.string().trim().min(1, 'required').max(100) })
const apartSchema = z.object({ otherId: z.uuid() })

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'readers.merge')
  const other = z.uuid().safeParse(url.searchParams.get('with'))
  const view = other.success
    ? await locals.app.readers.mergeView(actor, [params.id, other.data])
    : { sides: undefined, unlike: false }
  return { id: params.id, ...view }
}

export const actions: Actions = {
  /** A POST, so that a card's number stays out of addresses and logs. */
  find: async ({ locals, params, request }) =>
    takeForm(request, otherSchema, async ({ cardNumber }) => {
      const other = await locals.app.readers.byCard(authorise(locals.actor, 'readers.merge'), cardNumber)
      redirect(303, `/staff/readers/${params.id}/merge?with=${other}`)
    }),

  merge: async ({ locals, request }) =>
    takeForm(request, mergeSchema, async ({ choice: [keptId, droppedId], unlike }) => {
      await locals.app.readers.merge(authorise(locals.actor, 'readers.merge'), {
        keptId,
        droppedId,
        unlike,
      })
      redirect(303, `/staff/readers/${keptId}?done=merged`)
    }),

  apart: async ({ locals, params, request }) =>
    takeForm(request, apartSchema, async ({ otherId }) => {
      await locals.app.readers.keepApart(authorise(locals.actor, 'readers.merge'), [params.id, otherId])
      redirect(303, `/staff/readers/${params.id}?done=apart`)
    }),
}
