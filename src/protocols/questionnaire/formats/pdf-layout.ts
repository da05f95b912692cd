import { cell, type Block, type Cell, type Line, type Table } from '../document.ts'
import { columnTable, headerOf, isLeftAligned } from './pdf-columns.ts'
import type { Rules } from './pdf-drawing.ts'
import type { PlacedText } from './pdf-text.ts'

interface Box {
  left: number
  right: number
  bottom: number
  top: number
}

/** Points by which lines of one table miss each other. */
const slack = 2

/**
 * What a page shows, from top to bottom: tables where lines are drawn around texts or columns are plain to see, lines
 * of text elsewhere.
 */
export function blocksOfPage(texts: readonly PlacedText[], rules: Rules, page: number): Block[] {
  const boxed = new Map<string, { box: Box; texts: PlacedText[] }>()
  const loose: PlacedText[] = []
  for (const text of texts) {
    const box = boxAround(text, rules)
    if (!box) {
      loose.push(text)
      continue
    }
    const key = [box.left, box.right, box.bottom, box.top].map((side) => Math.round(side / slack)).join(':')
    const found = boxed.get(key)
    if (found) found.texts.push(text)
    else boxed.set(key, { box, texts: [text] })
  }
  const placed: { top: number; block: Block }[] = [
    ...tablesOf([...boxed.values()], page).map(({ top, table }) => ({ top, block: table })),
    ...looseBlocks(rowsByHeight(loose), page),
  ]
  return placed.sort((a, b) => b.top - a.top).map(({ block }) => block)
}

/** The nearest lines on all four sides; undefined where one lacks. */
function boxAround({ x, y, width, height }: PlacedText, { across, upright }: Rules): Box | undefined {
  const [middleX, middleY] = [x + Math.min(width, 20) / 2, y + height * 0.3]
  let [left, right, bottom, top] = [-Infinity, Infinity, -Infinity, Infinity]
  for (const rule of upright) {
    if (rule.from - slack > middleY || rule.to + slack < middleY) continue
    if (rule.x <= middleX) left = Math.max(left, rule.x)
    else right = Math.min(right, rule.x)
  }
  for (const rule of across) {
    if (rule.from - slack > middleX || rule.to + slack < middleX) continue
    if (rule.y <= middleY) bottom = Math.max(bottom, rule.y)
    else top = Math.min(top, rule.y)
  }
  return [left, right, bottom, top].every(Number.isFinite) ? { left, right, bottom, top } : undefined
}

/** Boxes in rows by their upper sides; a gap without boxes ends a table. */
function tablesOf(
  boxes: readonly { box: Box; texts: PlacedText[] }[],
  page: number,
): { top: number; table: Table }[] {
  const sorted = [...boxes].sort((a, b) => b.box.top - a.box.top || a.box.left - b.box.left)
  const groups: (typeof sorted)[] = []
  let lowest = -Infinity
  for (const each of sorted) {
    const group = groups.at(-1)
    if (group && each.box.top >= lowest - 8 * slack) {
      group.push(each)
      lowest = Math.min(lowest, each.box.bottom)
    } else {
      groups.push([each])
      lowest = each.box.bottom
    }
  }
  return groups.map((group) => {
    const edges = distinct(group.flatMap(({ box }) => [box.left, box.right]))
    const column = (side: number) => edges.findIndex((edge) => Math.abs(edge - side) <= 2 * slack)
    const tops = distinct(group.map(({ box }) => box.top)).reverse()
    const isLeft = alignments(group)
    const rows = tops.map((top) =>
      group
        .filter(({ box }) => Math.abs(box.top - top) <= 2 * slack)
        .sort((a, b) => a.box.left - b.box.left)
        .map(({ box, texts }): Cell => {
          const [from, to] = [column(box.left), column(box.right)]
          return { ...cell(joined(texts), from, Math.max(1, to - from)), cut: cutOf(box, texts, isLeft(box)) }
        }),
    )
    return { top: tops[0] ?? 0, table: { kind: 'table', rows, page } }
  })
}

/** Whether the texts of a box's column begin at one place; boxes in their order from the top. */
function alignments(group: readonly { box: Box; texts: PlacedText[] }[]): (box: Box) => boolean {
  const key = ({ left, right }: Box) => `${Math.round(left / slack)}:${Math.round(right / slack)}`
  const columns = Map.groupBy(group, ({ box }) => key(box))
  // The uppermost is a header, and may stand otherwise.
  const left = new Set(
    [...columns].flatMap(([side, boxes]) =>
      isLeftAligned(boxes.slice(1).map(({ texts }) => texts)) ? [side] : [],
    ),
  )
  return (box) => left.has(key(box))
}

/** One line that reaches to a border: a spreadsheet prints no more of a text than its column has room for. */
function cutOf(box: Box, texts: readonly PlacedText[], isLeft: boolean): Cell['cut'] {
  const [first] = texts
  if (!first || texts.some(({ y }) => Math.abs(y - first.y) >= 1)) return undefined
  if (!isLeft && texts.some(({ x, height }) => x - box.left < height)) return 'begin'
  return texts.some(({ x, width, height }) => box.right - (x + width) < height) ? 'end' : undefined
}

function distinct(sides: readonly number[]): number[] {
  const found: number[] = []
  for (const side of [...sides].sort((a, b) => a - b))
    if (side - (found.at(-1) ?? -Infinity) > 2 * slack) found.push(side)
  return found
}

/** Texts at one height, from left to right. */
function rowsByHeight(texts: readonly PlacedText[]): PlacedText[][] {
  const rows: PlacedText[][] = []
  for (const text of [...texts].sort((a, b) => b.y - a.y || a.x - b.x)) {
    const row = rows.at(-1)
    const first = row?.[0]
    if (row && first && first.y - text.y < Math.max(2, first.height * 0.4)) row.push(text)
    else rows.push([text])
  }
  return rows.map((row) => row.sort((a, b) => a.x - b.x))
}

/** One line: a tab where more than a word's space lies between. */
function lineOf(row: readonly PlacedText[]): string {
  let line = ''
  let end = row[0]?.x ?? 0
  for (const { text, x, width, height } of row) {
    const gap = x - end
    if (line !== '') line += gap > height * 1.5 ? '\t' : gap > height * 0.15 ? ' ' : ''
    line += text
    end = x + width
  }
  return line.replace(/ *\t */gu, '\t')
}

/** The lines of one cell. */
const joined = (texts: readonly PlacedText[]): string =>
  rowsByHeight(texts)
    .map((row) => lineOf(row).replace(/\t/gu, ' '))
    .join('\n')

/** So many rows of a page may look like a header and be none. */
const mostTries = 20

/** What stands outside of ruled lines. */
function looseBlocks(rows: readonly PlacedText[][], page: number): { top: number; block: Block }[] {
  const found: { top: number; block: Block }[] = []
  let lines: PlacedText[][] = []
  let tries = 0
  const endLines = () => {
    found.push(...linesOf(lines, page))
    lines = []
  }
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] ?? []
    const header = tries < mostTries ? headerOf(row) : undefined
    const columns = header && columnTable(rows, at, header, page)
    if (header && !columns) tries += 1
    if (columns) {
      endLines()
      found.push({ top: row[0]?.y ?? 0, block: columns.table })
      at += columns.rows - 1
    } else lines.push(row)
  }
  endLines()
  return found
}

/** Lines of text, an empty one where there is room for it. */
function linesOf(rows: readonly PlacedText[][], page: number): { top: number; block: Line }[] {
  let last: PlacedText | undefined
  return rows.flatMap((row) => {
    const [first] = row as [PlacedText]
    const line = { top: first.y, block: { kind: 'line' as const, text: lineOf(row), page } }
    const apart = last && last.y - first.y > Math.max(last.height, first.height) * 2.1
    last = first
    return apart ? [{ top: first.y + 0.01, block: { kind: 'line' as const, text: '', page } }, line] : [line]
  })
}
