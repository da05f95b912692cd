import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:http'
import { percentile } from './rows.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Ask {
  headers?: Readonly<Record<string, string>>
  /** A form's fields; the request is then its POST. */
  form?: Readonly<Record<string, string>>
}

/** Connections kept open, as browsers keep them; `close` ends them. */
export function keepAlive() {
  const agent = new Agent({ keepAlive: true })
  return {
    ask: (address: string, { headers = {}, form }: Ask = {}): Promise<Answer> => {
      const sent = form && new URLSearchParams(form).toString()
      const formHeaders = sent !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(sent),
        origin: new URL(address).origin,
      }
      return new Promise((resolve, reject) => {
        const method = sent === undefined ? 'GET' : 'POST'
        const sending = request(
          address,
          { agent, method, headers: { accept: 'text/html', ...headers, ...formHeaders } },
          (response) => {
            const chunks: Buffer[] = []
            response.on('data', (chunk: Buffer) => chunks.push(chunk))
            response.once('error', reject)
            response.once('end', () => {
              const { statusCode: status = 0, headers } = response
              resolve({ status, headers, body: Buffer.concat(chunks) })
            })
          },
        )
        sending.once('error', reject)
        sending.end(sent)
      })
    },
    close: () => agent.destroy(),
  }
}

export interface Pace {
  perSecond: number
  /** Milliseconds. */
  p95: number
}

/**
 * Does a thing over and over in so many lanes side by side, each beginning its next when its last is done.
 * @param once is given the number of the turn, from 0; its fault ends the measurement
 */
export async function pace(
  bounds: { lanes: number; milliseconds: number },
  once: (turn: number) => Promise<unknown>,
): Promise<Pace> {
  const started = performance.now()
  const took: number[] = []
  let turn = 0
  const lane = async () => {
    while (performance.now() - started < bounds.milliseconds) {
      const began = performance.now()
      await once(turn++)
      took.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: bounds.lanes }, lane))
  return { perSecond: took.length / ((performance.now() - started) / 1000), p95: percentile(took, 0.95) }
}

/** Looks again and again while something goes on; gives the highest that it saw, and what came of the work. */
export async function highestDuring<Result>(
  look: () => Promise<number>,
  work: () => Promise<Result>,
): Promise<{ highest: number; result: Result }> {
  const seen = { highest: 0, over: false }
  const watch = async () => {
    while (!seen.over) seen.highest = Math.max(seen.highest, await look())
  }
  const watching = watch()
  const result = await work().finally(() => {
    seen.over = true
  })
  await watching
  return { result, highest: seen.highest }
}
