import type { Ground, Room } from '#protocols/card/front.ts'
import { cardFront, markOnFront } from '#protocols/card/front.ts'
import type { Page } from './page.ts'
import { mm } from './page.ts'

type Face = 'bold' | 'regular'

/** One line of the names in a card's band. Millimetres from the card's top left corner. */
export interface FrontName {
  text: string
  face: Face
  x: number
  /** Of its baseline. */
  y: number
  /** Of its type. */
  size: number
}

/** Type sizes to try, points: of the region's name and of the library's. */
const sizes = [
  [10, 8],
  [9, 7.5],
  [8, 7],
  [7, 6.5],
  [6.5, 6],
] as const
const lineHeight = 1.2
/** From a line's top to its baseline, in type sizes. */
const baseline = 0.93
const room = mm(cardFront.band.height - 2 * 1.5)

/**
 * Where a card's front has the names, in the middle of the band's height: official names are long, so they shrink and
 * go on in the next line; what is longer than any is cut at its end, in dots.
 * @param page measures the words
 */
export function frontNames(
  page: Page,
  names: { regionName: string; libraryName: string },
  mark: (Room & { ground: Ground }) | undefined,
): FrontName[] {
  const x =
    cardFront.inset + (mark ? markOnFront(mark).mark.width : cardFront.bookAt.width) + cardFront.besideMark
  const width = mm(cardFront.width - cardFront.inset - x)
  const tried = sizes.map(([region, library]) => [
    ...inLines(page, names.regionName, 'bold', region, width),
    ...inLines(page, names.libraryName, 'regular', library, width),
  ])
  const lines = tried.find((each) => heightOf(each) <= room) ?? cutDown(page, names, width)
  let top = (mm(cardFront.band.height) - heightOf(lines)) / 2
  return lines.map(({ text, face, points }) => {
    const y = top + baseline * points
    top += lineHeight * points
    return { text, face, x, y: inMillimetres(y), size: inMillimetres(points) }
  })
}

interface Line {
  text: string
  face: Face
  points: number
}

const inMillimetres = (points: number) => points / mm(1)
const heightOf = (lines: readonly Line[]) => lines.reduce((sum, { points }) => sum + lineHeight * points, 0)

function inLines(page: Page, text: string, face: Face, points: number, width: number): Line[] {
  page.font(face).fontSize(points)
  const lines: string[] = []
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word
    if (lines.length > 0 && page.widthOfString(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.map((line) => ({ text: fitted(page, line, width), face, points }))
}

/** The smallest type: two lines for each name, the second of them with dots. */
function cutDown(page: Page, names: { regionName: string; libraryName: string }, width: number): Line[] {
  const [region, library] = sizes[sizes.length - 1] ?? sizes[0]
  const two = (text: string, face: Face, points: number) => {
    const [first, ...rest] = inLines(page, text, face, points, width)
    const second = rest.map((line) => line.text).join(' ')
    return [first, ...(second ? [{ text: fitted(page, second, width), face, points }] : [])].filter(
      (line) => line !== undefined,
    )
  }
  return [...two(names.regionName, 'bold', region), ...two(names.libraryName, 'regular', library)]
}

/** With dots at the end, where it is wider than that in the page's present type. */
function fitted(page: Page, text: string, width: number): string {
  if (page.widthOfString(text) <= width) return text
  const signs = [...text]
  while (signs.length > 0 && page.widthOfString(`${signs.join('').trimEnd()}…`) > width) signs.pop()
  return `${signs.join('').trimEnd()}…`
}
