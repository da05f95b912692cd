import { launchSystem, newDataDir, removeDataDir } from '../../tests/support/system.ts'
import { until } from '../../src/core/shared/postgres/processes.ts'
import type { Row } from './rows.ts'
import { median, seconds } from './rows.ts'

const warmStarts = 3
const warmLimit = 2000

/** From the command to the first 200 of /readyz, built beforehand. */
export async function startRows(): Promise<Row[]> {
  const dataDir = await newDataDir()
  try {
    const cold = await startedIn(dataDir)
    const warm: number[] = []
    for (let n = 0; n < warmStarts; n += 1) warm.push(await startedIn(dataDir))
    const took = median(warm)
    return [
      {
        what: 'start, warm, to /readyz',
        measured: seconds(took),
        limit: { text: `≤ ${seconds(warmLimit)}`, kept: took <= warmLimit },
        how: `a data folder that was used before; median of ${warmStarts}`,
      },
      {
        what: 'first start, to /readyz',
        measured: seconds(cold),
        how: 'an empty folder: makes the database, runs the migrations; pages built beforehand',
      },
    ]
  } finally {
    await removeDataDir(dataDir)
  }
}

/** Milliseconds. */
async function startedIn(dataDir: string): Promise<number> {
  const began = performance.now()
  const system = await launchSystem({ dataDir })
  try {
    const ready = () =>
      fetch(`${system.origin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    if (!(await until(ready, 60_000))) throw new Error(`the system did not start:\n${system.output()}`)
    const took = performance.now() - began
    await system.stop()
    return took
  } finally {
    await system.dispose()
  }
}
