import { cell, type Table } from '../document.ts'
import { isStaffLine, labelOf, naming, type Label } from '../labels.ts'
import type { PlacedText } from './pdf-text.ts'

/**
 * Rosters without ruled lines. A table is taken only where it can be nothing else: below a row of labels each row has
 * its values between the same blank strips that part the labels, and names the reader.
 */

/** Words of one height, from left to right. */
type Row = readonly PlacedText[]

interface Strip {
  from: number
  to: number
}

/** In heights of a letter: what parts two columns for sure, and what parts anything at least. */
const wide = 0.6
const narrow = 0.15
/** Of one row's distance from the next: beyond it a table has ended. */
const apart = 1.6

export interface ColumnTable {
  /** Of the page's rows, the header among them. */
  rows: number
  table: Table
}

/** A row that may be a table's header. */
export interface Header {
  heads: PlacedText[][]
  labels: (Label | undefined)[]
}

export function headerOf(row: Row): Header | undefined {
  const heads = segmentsOf(row).flatMap(labelsApart)
  const labels = heads.map((words) => labelOf(textOf(words)))
  const known = labels.filter((label) => label !== undefined)
  return new Set(known).size < 2 || !known.some((label) => naming.has(label)) ? undefined : { heads, labels }
}

/** The table below a header, the row at a place; undefined where none is, or none that is certain. */
export function columnTable(
  rows: readonly Row[],
  at: number,
  { heads, labels }: Header,
  page: number,
): ColumnTable | undefined {
  const header = rows[at] ?? []
  const below = rowsBelow(rows, at)
  if (!below) return undefined
  const strips = blankStrips(below)
  const borders = heads.slice(1).map((head, index) => borderBetween(heads[index] ?? [], head, strips))
  if (borders.some((border) => border === undefined)) return undefined
  const columns = borders as Strip[]
  const edges = [-Infinity, ...columns.map(({ to }) => to), Infinity]
  const inColumns = (row: Row) =>
    edges
      .slice(0, -1)
      .map((from, column) => row.filter(({ x }) => x >= from && x < (edges[column + 1] ?? Infinity)))
  const grid = [header, ...below].map(inColumns)
  const isWhole = grid
    .slice(1)
    .every((row) => row.every((words, column) => words.length > 0 || !isNeeded(labels[column])))
  if (!isWhole) return undefined
  const cells = grid.map((row, index) =>
    row.map((words, column) => ({
      ...cell(textOf(words), column),
      cut: index === 0 ? undefined : cutOf(grid, column, words, columns[column]),
    })),
  )
  return { rows: below.length + 1, table: { kind: 'table', rows: cells, page } }
}

function cutOf(
  grid: readonly (readonly Row[])[],
  column: number,
  words: Row,
  border: Strip | undefined,
): 'begin' | 'end' | undefined {
  const [first] = words
  const below = grid.slice(1).flatMap((row) => (row[column]?.length ? [row[column] as Row] : []))
  if (first && column > 0 && !isLeftAligned(below)) {
    const leftmost = Math.min(...below.map((each) => each[0]?.x ?? Infinity))
    if (first.x - leftmost < first.height) return 'begin'
  }
  return mayBeCut(grid, column, words, border) ? 'end' : undefined
}

/** Texts of one column, below its header: they begin at one place, or most do and they don't end at one. */
export function isLeftAligned(texts: readonly Row[]): boolean {
  const starts = texts.map((words) => Math.min(...words.map(({ x }) => x)))
  if (spread(starts) < 1.5) return true
  const first = Math.min(...starts)
  return spread(texts.map(endOf)) >= 1.5 && starts.filter((x) => x - first < 1.5).length * 2 > starts.length
}

/**
 * A spreadsheet prints no more of a text than its column has room for, where the next cell is filled. Nothing is
 * missing where room is left.
 */
function mayBeCut(
  grid: readonly (readonly Row[])[],
  column: number,
  words: Row,
  border: Strip | undefined,
): boolean {
  const [end, height] = [endOf(words), words[0]?.height ?? 0]
  const next = grid.flatMap((row) => (row[column + 1]?.length ? [row[column + 1] as Row] : []))
  if (!border || words.length === 0 || next.length === 0) return false
  if (border.to - border.from < height * wide) return true
  const starts = next.map((each) => each[0]?.x ?? 0)
  const lengths = next.map((each) => endOf(each) - (each[0]?.x ?? 0))
  const isLeft = spread(starts) < 1.5 && spread(lengths) > 1.5
  if (isLeft) return Math.min(...starts) - end < height * 1.2
  return end > Math.max(...grid.slice(1).map((row) => endOf(row[column] ?? []))) - height
}

const endOf = (words: Row): number => Math.max(...words.map(({ x, width }) => x + width))
const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers)

/** Two labels take no more. */
const mostWords = 24

/** Two labels that stand close together. */
function labelsApart(words: PlacedText[]): PlacedText[][] {
  if (words.length > mostWords || labelOf(textOf(words)) !== undefined) return [words]
  for (let at = 1; at < words.length; at += 1) {
    const [left, right] = [words.slice(0, at), words.slice(at)]
    const first = textOf(left)
    const isLabel = labelOf(first) !== undefined || /^(№|no?\.?)( п\/п)?$/iu.test(first)
    if (isLabel && labelOf(textOf(right)) !== undefined) return [left, right]
  }
  return [words]
}

/** Nobody is in a roster without them. */
const isNeeded = (label: Label | undefined): boolean =>
  label !== undefined && (naming.has(label) || label === 'birthDate')

/**
 * The rows of a table below its header; undefined when what comes behind them may be the rest of a value. A row of
 * one piece ends it.
 */
function rowsBelow(rows: readonly Row[], at: number): Row[] | undefined {
  const found: Row[] = []
  for (let next = at + 1; next < rows.length; next += 1) {
    const row = rows[next] ?? []
    const [before, first] = [rows[next - 1]?.[0], row[0]]
    if (!before || !first) break
    const pitch = found.length > 0 ? distance(rows[at], rows[next - 1]) / found.length : Infinity
    const isApart = before.y - first.y > pitch * apart
    if (segmentsOf(row).length < 2) {
      if (!isApart && !isStaffLine(textOf(row))) return undefined
      break
    }
    if (isApart) break
    found.push(row)
  }
  return found.length > 0 ? found : undefined
}

const distance = (upper: Row | undefined, lower: Row | undefined): number =>
  (upper?.[0]?.y ?? 0) - (lower?.[0]?.y ?? 0)

/** Words with no more than a word's space between. */
function segmentsOf(row: Row): PlacedText[][] {
  const segments: PlacedText[][] = []
  let end = -Infinity
  for (const word of row) {
    const last = segments.at(-1)
    if (last && word.x - end < word.height * wide) last.push(word)
    else segments.push([word])
    end = Math.max(end, word.x + word.width)
  }
  return segments
}

const textOf = (words: Row): string => {
  let end = Infinity
  return words
    .map(({ text, x, width, height }) => {
      const space = x - end > height * 0.15 ? ' ' : ''
      end = x + width
      return space + text
    })
    .join('')
}

/** Where no row has a word, from left to right. */
function blankStrips(rows: readonly Row[]): Strip[] {
  const words = rows.flat().sort((a, b) => a.x - b.x)
  const strips: Strip[] = []
  let end = Infinity
  for (const { x, width, height } of words) {
    if (x - end >= height * narrow) strips.push({ from: end, to: x })
    end = Math.max(end === Infinity ? -Infinity : end, x + width)
  }
  return strips
}

/** The only strip between two labels, as far as it lies there; undefined when there is none, or several. */
function borderBetween(left: Row, right: Row, strips: readonly Strip[]): Strip | undefined {
  const [from, to] = [endOf(left), right[0]?.x ?? 0]
  const between = strips.filter((strip) => strip.from < to && strip.to > from)
  const [only] = between
  return between.length === 1 && only ? { from: only.from, to: Math.min(only.to, to) } : undefined
}
