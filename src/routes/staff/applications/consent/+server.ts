import { error } from '@sveltejs/kit'
import { consentPaperSchema } from '#core/papers/consent-papers.ts'
import { authorise } from '#core/staff/actors.ts'
import { formValues } from '../../../../web/forms.ts'
import { paperResponse } from '../../../../web/papers.ts'
import type { RequestHandler } from './$types'

/** A POST, so that a name typed into the questionnaire stays out of addresses and logs. */
export const POST: RequestHandler = async ({ locals, request, url }) => {
  const kind = url.searchParams.get('kind')
  const typed = consentPaperSchema.safeParse({ ...(await formValues(request)), kind })
  if (!typed.success) error(422)
  const actor = authorise(locals.actor, 'applications.write', typed.data.libraryId)
  return paperResponse(await locals.app.consents.print(actor, typed.data))
}
