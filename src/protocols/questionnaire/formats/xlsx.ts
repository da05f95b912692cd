import type { ZipArchive } from '../../zip/zip.ts'
import { attribute, child, childElements, textOf, type XmlElement } from '../../xml/xml.ts'
import { cell, type Cell, type ReadDocument, type Table } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { xmlEntry } from './office-zip.ts'
import { cellPlace, showsDay } from '../../sheet/cells.ts'
import { mostColumns, numberCell } from './sheet-values.ts'
import { Unreadable } from './unreadable.ts'

interface Book {
  strings: string[]
  /** By style number: shows a day. */
  days: boolean[]
  from1904: boolean
}

/** SpreadsheetML (ECMA-376 part 1, §18): the stored values of the visible sheets; no formula is worked out. */
export async function readXlsx(archive: ZipArchive): Promise<ReadDocument> {
  const workbook = await xmlEntry(archive, 'xl/workbook.xml')
  const rels = await xmlEntry(archive, 'xl/_rels/workbook.xml.rels')
  if (!workbook || !rels) throw new Unreadable('damaged')
  const targets = new Map(
    childElements(rels).map((each) => [attribute(each, 'Id'), attribute(each, 'Target') ?? '']),
  )
  const book: Book = {
    strings: childElements((await xmlEntry(archive, 'xl/sharedStrings.xml')) ?? workbook, 'si').map(stringOf),
    days: dayStyles(await xmlEntry(archive, 'xl/styles.xml')),
    from1904: /^(1|true)$/u.test(attribute(child(workbook, 'workbookPr'), 'date1904') ?? ''),
  }
  const blocks: Table[] = []
  let cut = false
  for (const sheet of childElements(child(workbook, 'sheets') ?? workbook, 'sheet')) {
    if (/hidden/iu.test(attribute(sheet, 'state') ?? '')) continue
    const target = targets.get(sheet.attributes.get('r:id') ?? attribute(sheet, 'id')) ?? ''
    const data = await xmlEntry(archive, target.startsWith('/') ? target.slice(1) : `xl/${target}`)
    if (!data) continue
    const { rows, more } = rowsOf(data, book)
    cut ||= more
    blocks.push({ kind: 'table', rows, sheet: attribute(sheet, 'name') ?? '' })
  }
  return { blocks, cut }
}

/** Text of a string, without its phonetic hints. */
const stringOf = (item: XmlElement): string =>
  childElements(item)
    .map((each) => (each.local === 't' ? textOf(each) : each.local === 'r' ? textOf(child(each, 't')) : ''))
    .join('')

function dayStyles(styles: XmlElement | undefined): boolean[] {
  if (!styles) return []
  const codes = new Map(
    childElements(child(styles, 'numFmts') ?? styles, 'numFmt').map((each) => [
      Number(attribute(each, 'numFmtId')),
      attribute(each, 'formatCode'),
    ]),
  )
  return childElements(child(styles, 'cellXfs') ?? styles, 'xf').map((each) => {
    const id = Number(attribute(each, 'numFmtId') ?? 0)
    return showsDay(id, codes.get(id))
  })
}

function rowsOf(sheet: XmlElement, book: Book): { rows: Cell[][]; more: boolean } {
  const spans = spansOf(sheet)
  const rows: Cell[][] = []
  let more = false
  for (const each of childElements(child(sheet, 'sheetData') ?? sheet, 'row')) {
    const index = Number(attribute(each, 'r') ?? rows.length + 1) - 1
    const cells = cellsOf(each, index, spans, book)
    if (cells.length === 0) continue
    if (!(index >= 0 && index < questionnaireLimits.rows)) {
      more = true
      continue
    }
    while (rows.length < index) rows.push([])
    rows[index] = cells
  }
  return { rows, more }
}

/** Cells over several columns, by the place of their first: `2:0` → 3. */
function spansOf(sheet: XmlElement): ReadonlyMap<string, number> {
  const merges = childElements(child(sheet, 'mergeCells') ?? sheet, 'mergeCell').slice(0, 10_000)
  return new Map(
    merges.map((each) => {
      const [from = '', to = ''] = (attribute(each, 'ref') ?? '').split(':')
      const [first, last] = [cellPlace(from), cellPlace(to)]
      return [`${first?.row}:${first?.column}`, (last?.column ?? 0) - (first?.column ?? 0) + 1]
    }),
  )
}

function cellsOf(row: XmlElement, index: number, spans: ReadonlyMap<string, number>, book: Book): Cell[] {
  let next = 0
  return childElements(row, 'c').flatMap((each): Cell[] => {
    const column = cellPlace(attribute(each, 'r') ?? '')?.column ?? next
    next = column + 1
    if (column >= mostColumns) return []
    const span = spans.get(`${index}:${column}`) ?? 1
    const type = attribute(each, 't') ?? 'n'
    const value = textOf(child(each, 'v'))
    if (type === 'inlineStr') return keep(stringOf(child(each, 'is') ?? each), column, span)
    if (type === 's') return keep(book.strings[Number(value)] ?? '', column, span)
    if (type === 'd') return keep(value.slice(0, 10), column, span)
    if (type !== 'n' || value.trim() === '')
      return type === 'e' || type === 'b' ? [] : keep(value, column, span)
    const isDay = book.days[Number(attribute(each, 's') ?? 0)] ?? false
    return Number.isFinite(Number(value))
      ? [numberCell(Number(value), isDay, book.from1904, column, span)]
      : []
  })
}

const keep = (text: string, column: number, span: number): Cell[] =>
  text.trim() === '' ? [] : [cell(text, column, span)]
