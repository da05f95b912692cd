import { notFound } from '#core/shared/errors.ts'
import type { RequestHandler } from './$types'

/** For scripts: `Accept: application/json`. Browsers get the page beside. */
export const GET: RequestHandler = async ({ locals }) => {
  if (!locals.app.environment.demo) throw notFound()
  return Response.json(await locals.app.messages.outbox(), { headers: { 'cache-control': 'no-store' } })
}
