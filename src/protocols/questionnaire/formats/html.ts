import { Parser } from 'htmlparser2'
import { cell, type Block, type Cell, type Table } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { Unreadable } from './unreadable.ts'

const silent = new Set([
  'script',
  'style',
  'template',
  'head',
  'title',
  'del',
  's',
  'strike',
  'noscript',
  'object',
])
const breaks = new Set(
  'address article blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section ul'.split(' '),
)

interface OpenTable {
  rows: Cell[][]
  row: Cell[]
  column: number
  /** Columns that a cell from a row above reaches into, and for how many rows yet. */
  below: Map<number, number>
  /** Rows that the open cell reaches over. */
  high: number
  text: string
  tables: Table[]
  span: number
  inCell: boolean
}

const mostDepth = 500
/** Cells further to the right are nobody's; neighbours of those that reach over many. */
const mostColumns = 200

/** Text and tables of a page or of a letter's HTML; what is quoted to be answered is marked. No address is opened. */
export function readHtml(html: string): Block[] {
  const blocks: Block[] = []
  const tables: OpenTable[] = []
  let text = ''
  let silence = 0
  let quotes = 0
  let depth = 0
  const say = (more: string) => {
    const table = tables.at(-1)
    if (table?.inCell) table.text += more
    else if (!table) text += more
  }
  const flush = () => {
    for (const line of text.split('\n')) blocks.push({ kind: 'line', text: line.trim(), quoted: quotes > 0 })
    text = ''
  }
  const isFull = (table: OpenTable) => table.rows.length >= questionnaireLimits.rows
  const endCell = (table: OpenTable) => {
    if (!table.inCell) return
    if (table.column < mostColumns && !isFull(table)) keepCell(table)
    Object.assign(table, { inCell: false, text: '', tables: [] })
  }
  const keepCell = (table: OpenTable) => {
    table.row.push(cell(table.text.trim(), table.column, table.span, table.tables))
    for (let column = table.column; table.high > 1 && column < table.column + table.span; column += 1)
      table.below.set(column, table.high)
    table.column += table.span
  }
  const endRow = (table: OpenTable) => {
    endCell(table)
    if (table.row.length > 0) {
      table.rows.push(table.row)
      for (const [column, rows] of table.below)
        if (rows > 1) table.below.set(column, rows - 1)
        else table.below.delete(column)
    }
    Object.assign(table, { row: [], column: 0 })
  }
  const endTable = () => {
    const table = tables.pop()
    if (!table) return
    endRow(table)
    const made: Table = { kind: 'table', rows: table.rows, quoted: quotes > 0 }
    const outer = tables.at(-1)
    if (outer) outer.tables.push(made)
    else blocks.push(made)
  }
  const parser = new Parser({
    onopentag(name, attributes) {
      depth += 1
      if (depth > mostDepth) throw new Unreadable('bomb')
      if (silent.has(name)) silence += 1
      if (name === 'blockquote') {
        flush()
        quotes += 1
      }
      if (name === 'table') {
        if (tables.length === 0) flush()
        tables.push({
          rows: [],
          row: [],
          column: 0,
          below: new Map(),
          high: 1,
          text: '',
          tables: [],
          span: 1,
          inCell: false,
        })
      }
      const table = tables.at(-1)
      if (table && name === 'tr') endRow(table)
      if (table && (name === 'td' || name === 'th')) {
        endCell(table)
        table.inCell = true
        while (table.below.has(table.column)) table.column += 1
        table.high = Math.min(Math.max(Number(attributes.rowspan) || 1, 1), 500)
        table.span = Math.min(Math.max(Number(attributes.colspan) || 1, 1), 63)
      }
      if (breaks.has(name)) say('\n')
    },
    onclosetag(name) {
      depth -= 1
      if (silent.has(name)) silence = Math.max(0, silence - 1)
      if (name === 'blockquote') {
        flush()
        quotes = Math.max(0, quotes - 1)
      }
      const table = tables.at(-1)
      if (table && (name === 'td' || name === 'th')) endCell(table)
      if (table && name === 'tr') endRow(table)
      if (name === 'table') endTable()
      if (breaks.has(name) && name !== 'br') say('\n')
    },
    // White space of the source is one space.
    ontext(data) {
      if (silence === 0) say(data.replace(/[\t\r\n ]+/gu, ' '))
    },
  })
  parser.end(html.slice(0, questionnaireLimits.characters * 2))
  while (tables.length > 0) endTable()
  flush()
  return blocks
}
