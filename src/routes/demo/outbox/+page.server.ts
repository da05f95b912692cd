import { notFound } from '#core/shared/errors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  if (!locals.app.environment.demo) throw notFound()
  return { entries: await locals.app.messages.outbox() }
}
