import sharp from 'sharp'
import type { Mark } from '../../src/core/cards/marks.ts'
import { renderPressSheet } from '../../src/core/papers/press-sheet.ts'
import { cardOf } from './large-region.ts'
import type { Row } from './rows.ts'
import { megabytes, median, seconds } from './rows.ts'

const count = 1000
const limit = 3000

/** As large as one is kept, with shades and a transparent ground. */
async function regionsMark(): Promise<Mark> {
  const shades = '<stop offset="0" stop-color="#123"/><stop offset="1" stop-color="#a63"/>'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="600"><linearGradient id="s">${shades}</linearGradient><circle cx="600" cy="300" r="300" fill="url(#s)"/></svg>`
  const png = await sharp(Buffer.from(svg)).png().toBuffer()
  return { id: 'mark', png, width: 1200, height: 600, ground: 'light' }
}

/** A thousand cards for the press, fronts and backs. */
export async function cardRows(): Promise<Row[]> {
  const facts = {
    origin: 'https://library.example',
    regionName: 'Костромская область',
    library: { name: 'Буйская районная библиотека', phone: '+7 494 000-00-08' },
    numbers: Array.from({ length: count }, (_, index) => cardOf(index + 1)),
    mark: await regionsMark(),
    printedOn: '2026-11-24',
  }
  const times: number[] = []
  let bytes = 0
  for (let run = 0; run < 3; run += 1) {
    const start = performance.now()
    bytes = (await renderPressSheet(facts, 'a4')).length
    times.push(performance.now() - start)
  }
  const measured = median(times)
  return [
    {
      what: 'cards',
      measured: seconds(measured),
      limit: { text: '≤ 3 s', kept: measured <= limit },
      how: `${count} cards on A4, both sides, with the library’s mark, ${megabytes(bytes)}; median of 3, in one process`,
    },
  ]
}
