import { error } from '@sveltejs/kit'
import { formChoiceSchema } from '#core/papers/questionnaire-forms.ts'
import { formResponse } from '../../../../web/papers.ts'
import type { RequestHandler } from './$types'

/** The form of one library. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const choice = formChoiceSchema.safeParse(Object.fromEntries(url.searchParams))
  if (!choice.success) error(404)
  return formResponse(await locals.app.questionnaireForms.write(choice.data))
}
