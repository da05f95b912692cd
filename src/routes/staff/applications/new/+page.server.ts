import { randomUUID } from 'node:crypto'
import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { sendSchema } from '#core/applications/applications.schemas.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const newSchema = sendSchema.extend({ libraryId: z.uuid() })

export const load: PageServerLoad = async ({ locals }) => {
  const actor = authorise(locals.actor, 'applications.write')
  return {
    formKey: randomUUID(),
    libraries: await locals.app.network.within(actor.libraries),
    consent: await locals.app.consents.current(),
    today: await locals.app.today(),
  }
}

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, newSchema, async ({ libraryId, ...input }) => {
      const actor = authorise(locals.actor, 'applications.write', libraryId)
      const { id } = await locals.app.applications.send(actor, libraryId, input)
      redirect(303, `/staff/applications/${id}?sent`)
    }),
}
