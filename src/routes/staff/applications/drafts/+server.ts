import { error, json } from '@sveltejs/kit'
import { z } from 'zod'
import { saveDraftSchema } from '#core/applications/drafts.ts'
import { authorise } from '#core/staff/actors.ts'
import { formValues } from '../../../../web/forms.ts'
import type { RequestHandler } from './$types'

const draftSchema = saveDraftSchema.extend({ libraryId: z.uuid() })

/** What the form's own script keeps while it is filled in. */
export const PUT: RequestHandler = async ({ locals, request }) => {
  const typed = draftSchema.safeParse(await formValues(request))
  if (!typed.success) error(422)
  const { libraryId, ...input } = typed.data
  const actor = authorise(locals.actor, 'applications.write', libraryId)
  return json(await locals.app.drafts.save(actor, libraryId, input))
}
