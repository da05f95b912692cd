import { mayReadMetrics } from '../../web/metrics-access.ts'
import type { RequestHandler } from './$types'

export const GET: RequestHandler = async ({ locals, request, getClientAddress }) => {
  const { metricsToken } = locals.app.environment
  if (!mayReadMetrics({ headers: request.headers, address: getClientAddress(), token: metricsToken }))
    return new Response('Только с этого компьютера или с METRICS_TOKEN.\n', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer', 'content-type': 'text/plain; charset=utf-8' },
    })
  const { type, text } = await locals.app.metrics.expose()
  return new Response(text, { headers: { 'content-type': type, 'cache-control': 'no-store' } })
}
