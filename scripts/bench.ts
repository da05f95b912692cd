/**
 * What `npm run bench` runs: measures what the design sets numbers for, prints the table and writes it to
 * `docs/bench.md`. Named rows alone, as in `npm run bench -- start search`, are only printed.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { backupRows } from './bench/backups.ts'
import { cardRows } from './bench/cards.ts'
import { importRows } from './bench/import.ts'
import { javascriptRows } from './bench/javascript.ts'
import { listRows } from './bench/lists.ts'
import { loanRows } from './bench/loans.ts'
import { messageRows } from './bench/messages.ts'
import { memoryRows } from './bench/memory.ts'
import { pageRows } from './bench/pages.ts'
import { queueRows } from './bench/queue.ts'
import { openRegion } from './bench/region.ts'
import type { Row } from './bench/rows.ts'
import { searchRows } from './bench/search.ts'
import { signInRows } from './bench/sign-in.ts'
import { slipRows } from './bench/slips.ts'
import { slowLineRows } from './bench/slow-line.ts'
import { startRows } from './bench/start.ts'
import { busyCores, circumstances, page } from './bench/table.ts'
import { ensureBuild } from './build.ts'

const pageFile = fileURLToPath(new URL('../docs/bench.md', import.meta.url))

/** In this order: memory wants a system that has served nobody yet. */
const withoutRegion = {
  start: startRows,
  slips: slipRows,
  cards: cardRows,
  queue: queueRows,
  lists: listRows,
  messages: messageRows,
}
const withRegion = {
  memory: memoryRows,
  'sign-in': signInRows,
  pages: pageRows,
  search: searchRows,
  javascript: javascriptRows,
  'slow-line': slowLineRows,
  loans: loanRows,
  import: importRows,
  // Last: it makes the region a good deal larger.
  backups: backupRows,
}

const names = process.argv.slice(2)
const unknown = names.find((name) => !(name in withoutRegion) && !(name in withRegion))
if (unknown === undefined) await main()
else {
  console.error(
    `No row is called ${unknown}; there are ${Object.keys({ ...withoutRegion, ...withRegion }).join(', ')}.`,
  )
  process.exitCode = 2
}

async function main(): Promise<void> {
  const busy = busyCores()
  await ensureBuild()
  const rows: Row[] = []
  for (const [name, measure] of wanted(withoutRegion)) rows.push(...(await measured(name, measure)))
  const inRegion = wanted(withRegion)
  if (inRegion.length > 0) {
    const region = await openRegion()
    try {
      for (const [name, measure] of inRegion) rows.push(...(await measured(name, () => measure(region))))
    } finally {
      await region.close()
    }
  }
  const style = { ...(await resolveConfig(pageFile)), filepath: pageFile }
  const text = await format(page(await circumstances(busy), rows), style)
  console.log(`\n${text}`)
  if (names.length === 0) await writeFile(pageFile, text)
}

function wanted<Measure>(all: Record<string, Measure>): [string, Measure][] {
  return Object.entries(all).filter(([name]) => names.length === 0 || names.includes(name))
}

/** Says how long it took: the whole is to stay below eight minutes. */
async function measured(name: string, measure: () => Promise<Row[]>): Promise<Row[]> {
  const began = performance.now()
  const rows = await measure()
  console.log(`${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  return rows
}
