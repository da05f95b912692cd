import { cell, lines, row, type Block, type Table } from '../document.ts'
import { labelOf } from '../labels.ts'
import { questionnaireLimits } from '../questionnaire.ts'

const delimiters = [';', '\t', ',', '|'] as const

/** Comma-separated values (RFC 4180), with the semicolons that Russian Excel writes. */
export function readCsv(text: string): Block[] {
  const named = /^sep=(.)\r?\n/iu.exec(text)
  const body = named ? text.slice(named[0].length) : text
  const delimiter = named?.[1] ?? likely(body)
  return [{ kind: 'table', rows: rowsOf(body, delimiter).map(row) }]
}

/** The sign that parts the first lines most evenly. */
function likely(text: string): string {
  const head = text.split(/\r?\n/u, 10).filter((line) => line.trim() !== '')
  const scored = delimiters.map((delimiter) => {
    const counts = head.map((line) => line.replace(/"[^"]*"/gu, '').split(delimiter).length - 1)
    const parted = counts.filter((count) => count > 0)
    return { delimiter, score: parted.length * 10 + Math.min(...parted, 9) }
  })
  return scored.reduce((best, each) => (each.score > best.score ? each : best)).delimiter
}

function rowsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [[]]
  let value = ''
  /** Nothing but spaces so far. */
  let bare = true
  let quoted = false
  for (let at = 0; at < text.length && rows.length <= questionnaireLimits.rows; at += 1) {
    const sign = text.charAt(at)
    if (quoted) {
      if (sign !== '"') value += sign
      else if (text.charAt(at + 1) === '"') {
        value += '"'
        at += 1
      } else quoted = false
    } else if (sign === '"' && bare) {
      quoted = true
      value = ''
      bare = false
    } else if (sign === delimiter || sign === '\n') {
      rows.at(-1)?.push(value)
      value = ''
      bare = true
      if (sign === '\n') rows.push([])
    } else if (sign !== '\r') {
      value += sign
      if (sign.trim() !== '') bare = false
    }
  }
  rows.at(-1)?.push(value)
  return rows
}

/** Plain text, with what looks like a table in it: a line of labels parted by one sign, and lines parted alike. */
export function readPlain(text: string): Block[] {
  return tablesAmong(lines(text))
}

export function tablesAmong(blocks: readonly Block[]): Block[] {
  const found: Block[] = []
  for (let at = 0; at < blocks.length; at += 1) {
    const block = blocks[at] as Block
    const delimiter =
      block.kind === 'line' ? delimiters.find((each) => isHeader(block.text, each)) : undefined
    if (block.kind === 'table' || delimiter === undefined) {
      found.push(block)
      continue
    }
    const width = parted(block.text, delimiter).length
    const rows: Table['rows'][number][] = []
    for (; at < blocks.length; at += 1) {
      const next = blocks[at] as Block
      if (next.kind === 'table') break
      const values = parted(next.text, delimiter)
      if (values.length < Math.max(2, width - 1) || values.length > width + 1) break
      // A column more or less, and nobody knows which value is which.
      rows.push(
        values.length === width ? row(values) : values.map((value, index) => cell(value, index, width)),
      )
    }
    const after = blocks[at]
    const goesOn = delimiter === '\t' && after?.kind === 'line' && after.text.trim() !== ''
    const last = rows.at(-1)
    // The rest of a value that was too long for its column, perhaps.
    if (goesOn && last && rows.length > 1)
      rows[rows.length - 1] = last.map((each) => ({ ...each, column: 0, span: width }))
    at -= 1
    found.push({ kind: 'table', rows, quoted: block.quoted ?? false })
  }
  return found
}

const parted = (text: string, delimiter: string): string[] => {
  const bare = delimiter === '|' ? text.trim().replace(/^\||\|$/gu, '') : text
  return bare.split(delimiter).map((value) => value.trim().replace(/^"(.*)"$/u, '$1'))
}

const isHeader = (text: string, delimiter: string): boolean => {
  if (text.length > 500 || !text.includes(delimiter)) return false
  const values = parted(text, delimiter)
  const labels = new Set(values.map((value) => labelOf(value)).filter(Boolean))
  // «Фамилия, имя, отчество» is one label.
  const names = ['surname', 'givenName', 'patronymic'] as const
  return labels.size - names.filter((each) => labels.has(each)).length + (labels.has('surname') ? 1 : 0) >= 3
}
