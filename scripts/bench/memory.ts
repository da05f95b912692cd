import { setTimeout } from 'node:timers/promises'
import { highestDuring, keepAlive, pace } from './load.ts'
import type { Region } from './region.ts'
import { readerCount, searches, titleCount } from './large-region.ts'
import { proportionalMemory } from './proportional-memory.ts'
import type { Row } from './rows.ts'
import { megabytes } from './rows.ts'

const limit = 400_000_000
const loadFor = 20_000
const lanes = 16

/** Wants a system that has just been started: what earlier rows left behind in its processes would count too. */
export async function memoryRows(region: Region): Promise<Row[]> {
  const idle = await proportionalMemory(region.system.pid)
  const busy = await peakUnderLoad(region)
  const kept = (bytes: number) => ({ text: `≤ ${megabytes(limit)}`, kept: bytes <= limit })
  const of = `${readerCount.toLocaleString('en-US')} readers, ${titleCount.toLocaleString('en-US')} titles`
  return [
    {
      what: 'memory, whole system, after the demonstration was filled in',
      measured: megabytes(region.memoryAfterDemo),
      how: 'PSS of node and of every postgres process',
    },
    {
      what: `memory, whole system, ${of}, idle`,
      measured: megabytes(idle),
      limit: kept(idle),
      how: 'the same, just started',
    },
    {
      what: `memory, whole system, ${of}, at work`,
      measured: megabytes(busy),
      limit: kept(busy),
      how: `the same, the highest of ${loadFor / 1000} s: catalogue, books, searches, sign-ins, ${lanes} at a time`,
    },
  ]
}

async function peakUnderLoad(region: Region): Promise<number> {
  const { ask, close } = keepAlive()
  const work = () =>
    pace({ lanes, milliseconds: loadFor }, (turn) => {
      if (turn % 8 === 7) return region.signIn(turn % readerCount, ask)
      if (turn % 4 === 1) return ask(region.origin + region.bookPath(turn))
      const search = searches[turn % searches.length] ?? ''
      return turn % 2 ? ask(`${region.origin}/search?q=${encodeURIComponent(search)}`) : ask(region.origin)
    })
  const { highest } = await highestDuring(async () => {
    await setTimeout(200)
    return proportionalMemory(region.system.pid)
  }, work)
  close()
  return highest
}
