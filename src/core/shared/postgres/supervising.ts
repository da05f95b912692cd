import { setTimeout as pause } from 'node:timers/promises'
import { minutes, seconds } from '../clock.ts'
import type { LaunchedServer } from './server.ts'
import { shutDown } from './server.ts'

const leastPause = seconds(1)
const mostPause = minutes(1)

/**
 * Starts a server again whenever it ends by itself: killed for want of memory, say, or by somebody's mistake.
 * The pauses grow and it never gives up: on many a PC nobody would start the whole system again, and a full
 * disk is emptied some day. Pages say meanwhile that the database is away.
 * @param again undefined when it didn't start
 * @returns what stops it, and then the server
 */
export function keepUp(
  server: LaunchedServer,
  again: (signal: AbortSignal) => Promise<LaunchedServer | undefined>,
  warn: (line: string) => void,
): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  let running = server

  async function restart(): Promise<void> {
    for (let wait = leastPause; !signal.aborted; wait = Math.min(wait * 2, mostPause)) {
      await pause(wait, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const started = await again(signal).catch((error: unknown) => warn(String(error)))
      if (!started) continue
      running = started
      return warn('the database server runs again')
    }
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await running.ended
      if (signal.aborted) return
      warn('the database server has ended by itself; it is started again')
      await restart()
    }
  }

  const watching = watch()
  return async () => {
    stopping.abort()
    await shutDown(running)
    await watching
    // One that came up in the meantime.
    await shutDown(running)
  }
}
