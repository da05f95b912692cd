import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import { consoleActor } from '../../src/core/staff/actors.ts'
import { copyOf, madeBook } from './books.ts'
import { titleCount } from './large-region.ts'
import type { EmptyRegion, Region } from './region.ts'
import { openEmptyRegion } from './region.ts'
import type { Row } from './rows.ts'
import { figure, kilobytes, median } from './rows.ts'

const lanes = 4
const batch = 150
const rounds = 3
const limit = 50
const leastShare = 0.9
/** Different books; the others are their copies, told apart by the bytes of the archive only. */
const kinds = 20

/** Batches into an empty fund and into the large one by turns, so that other work falls on both. */
export async function importRows(region: Region): Promise<Row[]> {
  const large = await region.app()
  const folder = await mkdtemp(join(tmpdir(), 'smart-bench-books-'))
  let empty: EmptyRegion | undefined
  try {
    empty = await openEmptyRegion(region)
    const books = await Promise.all(
      Array.from({ length: kinds }, (_, seed) => madeBook({ seed, chapters: 30, letters: 13_000 })),
    )
    const speeds: [number[], number[]] = [[], []]
    for (let round = 0; round <= rounds; round += 1) {
      for (const [side, app] of [empty.app, large].entries()) {
        const paths = await written(books, folder, `${round}-${side}`)
        const perSecond = await imported(app, paths)
        // The first round warms up.
        if (round > 0) speeds[side]?.push(perSecond)
      }
    }
    const [first, last] = [median(speeds[0]), median(speeds[1])]
    const bytes = books.reduce((sum, book) => sum + book.length, 0) / kinds
    return [
      {
        what: 'import',
        measured: `${figure(last)} EPUB/s`,
        limit: { text: `≥ ${limit}/s`, kept: last >= limit },
        how: `the use case, ${lanes} at a time as the command does; ${kilobytes(bytes)} each with a photograph for its cover, into ${titleCount.toLocaleString('en-US')} titles`,
      },
      {
        what: `import, after ${titleCount.toLocaleString('en-US')} titles against the first ones`,
        measured: `${figure(last / first)} of the speed (${figure(last)}/s against ${figure(first)}/s)`,
        limit: { text: `as fast: ≥ ${leastShare}`, kept: last / first >= leastShare },
        how: `batches of ${batch} into either fund by turns, median of ${rounds}`,
      },
    ]
  } finally {
    await empty?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function written(books: readonly Buffer[], folder: string, name: string): Promise<string[]> {
  const place = join(folder, name)
  await mkdir(place)
  return Promise.all(
    Array.from({ length: batch }, async (_, n) => {
      const path = join(place, `${n}.epub`)
      await writeFile(path, copyOf(books[n % books.length] ?? Buffer.alloc(0), `${name}-${n}`))
      return path
    }),
  )
}

/** Books per second. */
async function imported(app: App, paths: readonly string[]): Promise<number> {
  const began = performance.now()
  const next = paths.values()
  const lane = async () => {
    for (const path of next) {
      const terms = { ageMark: 12, licence: { kind: 'open' } } as const
      const outcome = await app.fund.importFile(consoleActor(), path, 'book.epub', terms)
      if (outcome.kind !== 'added') throw new Error(`a made book was not added: ${JSON.stringify(outcome)}`)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return paths.length / ((performance.now() - began) / 1000)
}
