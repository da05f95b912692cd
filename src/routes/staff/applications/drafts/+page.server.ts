import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'applications.write')
  return {
    drafts: await locals.app.drafts.list(actor),
    severalLibraries: (await locals.app.network.within(actor.libraries)).length > 1,
    saved: url.searchParams.has('saved'),
    discarded: url.searchParams.has('discarded'),
  }
}

export const actions: Actions = {
  discard: ({ locals, request }) =>
    takeForm(request, z.object({ id: z.uuid() }), async ({ id }) => {
      await locals.app.drafts.discard(authorise(locals.actor, 'applications.write'), id)
      redirect(303, '/staff/applications/drafts?discarded')
    }),
}
