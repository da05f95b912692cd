import type { RequestHandler } from './$types'

export const GET: RequestHandler = async ({ locals }) => {
  const parts = await locals.app.readiness()
  const ready = Object.values(parts).every(Boolean)
  return Response.json(parts, { status: ready ? 200 : 503 })
}
