import { error } from '@sveltejs/kit'
import { previewSchema } from '#core/consents/consent-texts.ts'
import { wholeNumber } from '#core/shared/form-fields.ts'
import { authorise } from '#core/staff/actors.ts'
import { formValues } from '../../../../../web/forms.ts'
import { paperResponse } from '../../../../../web/papers.ts'
import type { RequestHandler } from './$types'

/** One version as it is printed. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'consents.read')
  const version = wholeNumber.safeParse(url.searchParams.get('version'))
  if (!version.success) error(404)
  return paperResponse(
    await locals.app.consents.preview(actor, await locals.app.consents.texts.version(actor, version.data)),
  )
}

/** A text that is being written, as it would be printed; nothing is kept. */
export const POST: RequestHandler = async ({ locals, request }) => {
  const actor = authorise(locals.actor, 'consents.publish')
  const typed = previewSchema.safeParse(await formValues(request))
  if (!typed.success) error(422)
  return paperResponse(
    await locals.app.consents.preview(actor, { body: typed.data.body, version: undefined }),
  )
}
