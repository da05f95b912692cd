import type { RouteGroup } from '#core/watching/metrics.ts'

/** Routes that programs ask: service managers, balancers, Prometheus. */
export const forPrograms: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

const groups: readonly [beginning: string, group: RouteGroup][] = [
  ['/staff', 'staff'],
  ['/read/', 'reading'],
  ['/(reader)', 'reader'],
]

/** Which of the few groups a route belongs to; no route, such as an address that there isn't: `none`. */
export function routeGroup(routeId: string | null): RouteGroup {
  if (routeId === null) return 'none'
  return groups.find(([beginning]) => routeId.startsWith(beginning))?.[1] ?? 'other'
}
