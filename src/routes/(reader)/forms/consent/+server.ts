import { error } from '@sveltejs/kit'
import { z } from 'zod'
import { consentKinds } from '#core/consents/consents.ts'
import { paperResponse } from '../../../../web/papers.ts'
import type { RequestHandler } from './$types'

const blankSchema = z.object({ library: z.uuid(), consent: z.enum(consentKinds).catch('processing') })

/** A consent of one library, to be filled in with a pen. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const choice = blankSchema.safeParse(Object.fromEntries(url.searchParams))
  if (!choice.success) error(404)
  return paperResponse(await locals.app.consents.blank(choice.data.library, choice.data.consent))
}
