import type { ZipArchive } from '../../zip/zip.ts'
import { attribute, child, childElements, descendantsNamed, textOf, type XmlElement } from '../../xml/xml.ts'
import { cell, struckOut, type Block, type Cell, type ReadDocument, type Table } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { xmlEntry } from './office-zip.ts'
import { Unreadable } from './unreadable.ts'

/**
 * OpenDocument text and spreadsheets (OASIS ODF 1.3 part 3). Headers and footers lie in `styles.xml` and aren't
 * read.
 */
export async function readOpenDocument(archive: ZipArchive): Promise<ReadDocument> {
  const manifest = await xmlEntry(archive, 'META-INF/manifest.xml')
  if (manifest && descendantsNamed(manifest, 'encryption-data').length > 0) throw new Unreadable('encrypted')
  const content = await xmlEntry(archive, 'content.xml')
  const body = child(content, 'body')
  const sheets = child(body, 'spreadsheet')
  const text = sheets ?? child(body, 'text')
  if (!content || !text) throw new Unreadable('damaged')
  const blocks = new OpenDocumentReader(content, sheets !== undefined).blocks(text)
  const meta = await xmlEntry(archive, 'meta.xml')
  const code =
    meta &&
    descendantsNamed(meta, 'user-defined').find((each) => attribute(each, 'name') === 'Код библиотеки')
  return { blocks, ...(code ? { libraryCode: textOf(code).trim() } : {}) }
}

const left = new Set([
  'tracked-changes',
  'note',
  'annotation',
  'placeholder',
  'title',
  'desc',
  'forms',
  'sequence-decls',
])

class OpenDocumentReader {
  /** Names of styles whose text is struck out, or hidden. */
  readonly #struck = new Set<string>()
  readonly #hidden = new Set<string>()

  readonly #sheets: boolean

  constructor(content: XmlElement, sheets: boolean) {
    this.#sheets = sheets
    for (const style of descendantsNamed(content, 'style')) {
      const properties = child(style, 'text-properties')
      const name = attribute(style, 'name') ?? ''
      const through = attribute(properties, 'text-line-through-style')
      if (through !== undefined && through !== 'none') this.#struck.add(name)
      if (attribute(properties, 'display') === 'none') this.#hidden.add(name)
    }
  }

  blocks(parent: XmlElement): Block[] {
    return childElements(parent).flatMap((each): Block[] => {
      if (left.has(each.local)) return []
      if (each.local === 'table') return [this.#table(each)]
      if (each.local !== 'p' && each.local !== 'h') return this.blocks(each)
      const own = this.#text(each)
        .split('\n')
        .map((text): Block => ({ kind: 'line', text }))
      return [...own, ...boxes(each).flatMap((box) => this.blocks(box))]
    })
  }

  #text(element: XmlElement): string {
    const style = attribute(element, 'style-name') ?? ''
    if (this.#hidden.has(style)) return ''
    const text = element.children
      .map((node): string => {
        // ODF §6.1.2: runs of white space are one space.
        if (typeof node === 'string') return node.replace(/\s+/gu, ' ')
        if (left.has(node.local) || node.local === 'text-box') return ''
        if (node.local === 's') return ' '.repeat(Math.min(Number(attribute(node, 'c') ?? 1) || 1, 200))
        if (node.local === 'tab') return '\t'
        if (node.local === 'line-break') return '\n'
        return this.#text(node)
      })
      .join('')
    return this.#struck.has(style) && text.trim() !== '' ? struckOut : text
  }

  #table(table: XmlElement): Table {
    const rows: Cell[][] = []
    for (const row of rowsOf(table)) {
      const room = questionnaireLimits.rows - rows.length
      if (room <= 0) break
      const cells = this.#cells(row)
      const empty = cells.every(({ text, tables }) => text === '' && tables.length === 0)
      const times = empty ? 1 : Math.min(repeated(row, 'number-rows-repeated'), room)
      for (let time = 0; time < times; time += 1) rows.push(cells)
    }
    const sheet = this.#sheets ? { sheet: attribute(table, 'name') ?? '' } : {}
    return { kind: 'table', rows, ...sheet }
  }

  #cells(row: XmlElement): Cell[] {
    let column = 0
    const cells: Cell[] = []
    for (const each of childElements(row)) {
      if (each.local !== 'table-cell' && each.local !== 'covered-table-cell') continue
      const times = repeated(each, 'number-columns-repeated')
      const blocks = each.local === 'table-cell' ? this.blocks(each) : []
      const shown = blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : [])).join('\n')
      const text = this.#sheets ? (sheetValue(each) ?? shown) : shown
      const span = repeated(each, 'number-columns-spanned')
      if (text !== '' || blocks.length > 0) {
        const tables = blocks.filter((block) => block.kind === 'table')
        for (let time = 0; time < Math.min(times, 100); time += 1)
          cells.push(cell(text, column + time, span, time === 0 ? tables : []))
      }
      column += times
    }
    return cells
  }
}

/** What a sheet's cell holds, not how it shows it: a phone as a number may look like 8,9E+10. */
function sheetValue(cell: XmlElement): string | undefined {
  const type = attribute(cell, 'value-type')
  if (type === 'date') return attribute(cell, 'date-value')?.slice(0, 10)
  return type === 'float' ? attribute(cell, 'value') : undefined
}

const repeated = (element: XmlElement, name: string): number => {
  const times = Number(attribute(element, name) ?? 1)
  return Number.isInteger(times) && times > 0 ? Math.min(times, questionnaireLimits.rows) : 1
}

const rowsOf = (parent: XmlElement): XmlElement[] =>
  childElements(parent).flatMap((each) => {
    if (each.local === 'table-row') return [each]
    return /^table-(header-rows|rows|row-group)$/u.test(each.local) ? rowsOf(each) : []
  })

const boxes = (element: XmlElement): XmlElement[] =>
  childElements(element).flatMap((each) => (each.local === 'text-box' ? [each] : boxes(each)))
