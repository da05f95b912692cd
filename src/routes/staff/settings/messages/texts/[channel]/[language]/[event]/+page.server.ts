import { redirect } from '@sveltejs/kit'
import { notFound } from '#core/shared/errors.ts'
import { authorise } from '#core/staff/actors.ts'
import {
  restoreTextSchema,
  saveTextSchema,
  showTextSchema,
  templateIdSchema,
} from '#core/messages/text-editing.schemas.ts'
import { takeForm } from '../../../../../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

function idOf(params: unknown) {
  const id = templateIdSchema.safeParse(params)
  if (!id.success) throw notFound()
  return id.data
}

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const actor = authorise(locals.actor, 'messages.write-texts')
  return {
    text: await locals.app.messages.texts.open(actor, idOf(params)),
    saved: url.searchParams.has('saved'),
    restored: url.searchParams.has('restored'),
  }
}

export const actions: Actions = {
  save: async ({ locals, params, request, url }) =>
    takeForm(request, saveTextSchema, async (input) => {
      const actor = authorise(locals.actor, 'messages.write-texts')
      await locals.app.messages.texts.save(actor, idOf(params), input)
      redirect(303, `${url.pathname}?saved`)
    }),

  /** Shows what is typed, for a browser that can't do so by itself. */
  show: async ({ locals, request }) =>
    takeForm(request, showTextSchema, async (values) => {
      authorise(locals.actor, 'messages.write-texts')
      return { values, faults: {} }
    }),

  restore: async ({ locals, params, request, url }) =>
    takeForm(request, restoreTextSchema, async (input) => {
      const actor = authorise(locals.actor, 'messages.write-texts')
      await locals.app.messages.texts.restore(actor, idOf(params), input)
      redirect(303, `${url.pathname}?restored`)
    }),
}
