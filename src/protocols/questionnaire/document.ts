/** What every format is read into: lines of text and tables, in the order of the document. */

export interface Cell {
  /** Paragraphs are lines. Text of nested tables isn't in it. */
  text: string
  /** From 0, as the table's grid counts: a cell over two columns counts for both. */
  column: number
  span: number
  tables: readonly Table[]
  /** A sheet's bare number taken for a day, `YYYY-MM-DD`, where it can hardly be anything else. */
  day?: string
  /** Where a longer text may have been cut off at its column's border: at both, or at its end alone. */
  cut?: 'begin' | 'end' | undefined
}

export interface Table {
  kind: 'table'
  rows: readonly (readonly Cell[])[]
  sheet?: string
  page?: number
  quoted?: boolean
}

export interface Line {
  kind: 'line'
  text: string
  page?: number
  /** Stands in an older letter that this one answers. */
  quoted?: boolean
}

export type Block = Table | Line

export interface ReadDocument {
  blocks: Block[]
  /** From the document's properties. */
  libraryCode?: string
  /** Something was left out for size. */
  cut?: boolean
  /** Nobody can tell for sure in which character set it is. */
  unsure?: boolean
}

export const cell = (text: string, column: number, span = 1, tables: readonly Table[] = []): Cell => ({
  text: tidyLines(text),
  column,
  span,
  tables,
})

export const row = (texts: readonly string[]): Cell[] => texts.map((text, column) => cell(text, column))

export const lines = (text: string): Line[] =>
  text.split('\n').map((each) => ({ kind: 'line', text: each.replace(/\u00a0/gu, ' ').trimEnd() }))

/** Struck out: whoever reads it must see that something is wrong with the value around it. */
export const struckOut = '\ufffd'

const tidyLines = (text: string): string => {
  const tidy = text
    .replace(/[\u00a0\u2007\u202f\u2002\u2003]/gu, ' ')
    .replace(/[\p{Cf}]/gu, '')
    .split('\n')
    .map((each) => each.replace(/[^\S\t]+/gu, ' ').trim())
  const filled = (line: string) => line !== ''
  return tidy.slice(tidy.findIndex(filled), tidy.findLastIndex(filled) + 1).join('\n')
}
