import type pg from 'pg'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { seconds } from '../shared/clock.ts'
import type { JobName } from '../shared/jobs.ts'
import type { Readiness } from '../shared/readiness.ts'
import { within } from '../shared/within.ts'
import type { Facts } from './facts.ts'
import { systemMetrics } from './system-metrics.ts'

/** What is asked for together, as far as a graph wants it apart. Bounded: an address is never a label. */
export type RouteGroup = 'reader' | 'reading' | 'staff' | 'other' | 'none'

export type Metrics = ReturnType<typeof createMetrics>

const answerLimit = seconds(5)

/**
 * What Prometheus reads: text format 0.0.4. Labels have few values, none of them a person's, a library's or
 * an address. What the database knows is asked at each reading; while it is away that is left out.
 */
export function createMetrics(deps: {
  pool: pg.Pool
  facts: () => Promise<Facts>
  readiness: () => Promise<Readiness>
}) {
  const { pool, facts, readiness } = deps
  const registry = new Registry()
  const registers = [registry]
  const requests = new Histogram({
    name: 'smart_http_request_duration_seconds',
    help: 'Time from a request to its answer',
    labelNames: ['group', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const unexpected = new Counter({
    name: 'smart_unexpected_errors_total',
    help: 'Errors that the log has under an id',
    registers,
  })
  const failedJobs = new Counter({
    name: 'smart_job_failures_total',
    help: 'Attempts of jobs that failed; most are tried again',
    labelNames: ['job'],
    registers,
  })
  const up = new Gauge({
    name: 'smart_up',
    help: '1 when a part that the system needs answers',
    labelNames: ['part'],
    registers,
  })
  const connections = new Gauge({
    name: 'smart_database_connections',
    help: 'Connections of this process, and requests that wait for one',
    labelNames: ['state'],
    registers,
  })

  let begun = false
  return {
    /** One request that was answered. @param duration in seconds */
    request: (group: RouteGroup, status: number, duration: number) =>
      requests.observe({ group, status: String(status) }, duration),
    unexpectedError: () => unexpected.inc(),
    failedJob: (job: JobName) => failedJobs.inc({ job }),

    /** The text that Prometheus reads, and its media type. */
    async expose(): Promise<{ type: string; text: string }> {
      // Memory, event loop and the like; measured from the first reading on.
      if (!begun) collectDefaultMetrics({ register: registry })
      begun = true
      const [parts, found] = await Promise.all([
        readiness(),
        within(answerLimit, facts()).catch(() => undefined),
      ])
      for (const [part, answers] of Object.entries(parts)) up.set({ part }, answers ? 1 : 0)
      connections.set({ state: 'open' }, pool.totalCount)
      connections.set({ state: 'idle' }, pool.idleCount)
      connections.set({ state: 'awaited' }, pool.waitingCount)
      const shown = found ? Registry.merge([registry, systemMetrics(found)]) : registry
      return { type: registry.contentType, text: await shown.metrics() }
    },
  }
}
