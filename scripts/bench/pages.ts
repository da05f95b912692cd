import { startBareFramework } from './bare-framework.ts'
import { keepAlive, pace } from './load.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { figure, kilobytes, median } from './rows.ts'

const lanes = 8
const rounds = 4
const leastShare = 0.5

/** Ours and the bare framework by turns, so that other work on the machine falls on both. */
export async function pageRows(region: Region): Promise<Row[]> {
  const { ask, close } = keepAlive()
  const paths = { catalogue: '/', book: region.bookPath(0) }
  const texts = await Promise.all(Object.values(paths).map((path) => ask(region.origin + path)))
  const [catalogue = '', book = ''] = texts.map(({ body }) => body.toString())
  const bare = await startBareFramework({ catalogue, book })
  try {
    const rows: Row[] = []
    for (const [name, path] of Object.entries(paths)) {
      const ours = region.origin + path
      const theirs = `${bare.origin}/${name}`
      const bytes = (await ask(ours)).body.length
      const bareBytes = (await ask(theirs)).body.length
      if (Math.abs(bytes / bareBytes - 1) > 0.03)
        throw new Error(`the bare page has ${bareBytes} bytes instead of ${bytes}`)
      const [speed, bareSpeed] = await byTurns(
        () => ask(ours),
        () => ask(theirs),
      )
      const share = speed / bareSpeed
      rows.push({
        what: `page: ${name}`,
        measured: `${figure(share)} of the bare framework (${figure(speed)}/s against ${figure(bareSpeed)}/s)`,
        limit: { text: `≥ ${leastShare}`, kept: share >= leastShare },
        how: `${kilobytes(bytes)} as a visitor, ${lanes} at a time; bare: SvelteKit and adapter-node, the same markup in one component`,
      })
    }
    return rows
  } finally {
    close()
    await bare.close()
  }
}

/** Requests per second of either, the median of its rounds; the first ones only warm up. */
async function byTurns(
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
): Promise<[number, number]> {
  const speeds: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, ask] of [ours, theirs].entries()) {
      const { perSecond } = await pace({ lanes, milliseconds: 2000 }, ask)
      if (round > 0) speeds[side]?.push(perSecond)
    }
  }
  return [median(speeds[0]), median(speeds[1])]
}
