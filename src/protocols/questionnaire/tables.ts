import type { Cell, Table } from './document.ts'
import { isNothing, patronymic } from './fields.ts'
import {
  isFamilyHeading,
  isForeign,
  isStaffLine,
  isTitle,
  labelOf,
  naming,
  readLabelled,
  withoutRule,
  type Label,
} from './labels.ts'
import type { Doubt, Place } from './questionnaire.ts'
import { isQuestionnaire, takenApart, type Entry, type Recorder } from './records.ts'
import { byLooks, TextLines } from './text-lines.ts'

type Row = readonly Cell[]

const filled = (row: Row): Cell[] => row.filter(({ text }) => text !== '')

/** Lines of a cell as one value. */
const flat = (text: string): string =>
  withoutRule(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .join(' '),
  )

/** A cell's text as a value of its label. */
const valueOf = (label: Label, { text, day }: Cell): string =>
  label === 'password' ? '' : ((label === 'birthDate' ? day : undefined) ?? flat(text))

export interface TableReading {
  records: Recorder
  place: Place
  onLibraryCode: (code: string) => void
}

/** Reads a table in whichever way it has its labels: above, beside, or not at all; then tables inside it. */
export function readTable(table: Table, reading: TableReading): void {
  const { records } = reading
  records.close()
  if (isOfStaff(table)) return
  if (!byHeader(table, reading) && !bySide(table, reading)) loose(table, reading)
  records.close()
  for (const cell of table.rows.flat()) for (const inner of cell.tables) readTable(inner, reading)
}

interface Column {
  label: Label
  from: number
  to: number
}

/** People with an office aren't readers. */
const isOfStaff = ({ rows }: Table): boolean =>
  rows.some(
    (row) =>
      row.some(({ text }) => /^должност[ьи]$/iu.test(flat(text))) &&
      row.some(({ text }) => labelOf(flat(text)) !== undefined),
  )

/** The labels of a row, when it is a header: labels side by side, none of them with a value beside it. */
function headerOf(row: Row): Column[] | undefined {
  const columns = filled(row).flatMap(({ text, column, span }) => {
    const label = labelOf(flat(text))
    return label ? [{ label, from: column, to: column + span }] : []
  })
  const labels = new Set(columns.map(({ label }) => label))
  const sideBySide = columns.some(({ from }, index) => index > 0 && columns[index - 1]?.to === from)
  const apart = filled(row).length - columns.length
  // «ФИО | Иванов | Телефон | 8 910 …» has as many values as labels.
  if (labels.size < 2 || !sideBySide || apart > columns.length + 2) return undefined
  return columns.some(({ label }) => naming.has(label) || label === 'birthDate') ? columns : undefined
}

/** Only labels and empty cells: the second row of a header in two. */
const isRestOfHeader = (row: Row): boolean =>
  filled(row).length > 0 && filled(row).every(({ text }) => labelOf(flat(text)) !== undefined)

function byHeader(table: Table, { records, place, onLibraryCode }: TableReading): boolean {
  let columns: Column[] | undefined
  let justBegun = false
  const before: { row: Row; index: number }[] = []
  for (const [index, row] of table.rows.entries()) {
    const header = headerOf(row)
    if (header) {
      columns = header
      justBegun = true
      continue
    }
    if (!columns) {
      before.push({ row, index })
      continue
    }
    if (justBegun && isRestOfHeader(row)) {
      const rest = filled(row).flatMap(({ text, column, span }) => {
        const label = labelOf(flat(text))
        return label ? [{ label, from: column, to: column + span }] : []
      })
      columns = [...columns.filter((a) => !rest.some((b) => b.from < a.to && a.from < b.to)), ...rest]
      continue
    }
    justBegun = false
    aReader(row, columns, records, { ...place, row: index + 1 }, table.quoted)
  }
  if (!columns) return false
  for (const { row } of before) codeIn(row, onLibraryCode)
  // The form as it was sent out, so that it is known as one.
  if (records.found.length === 0)
    for (const { label } of columns) records.add({ label, raw: '', doubts: [], gap: 0 }, place)
  return true
}

/** One row below a header. */
function aReader(
  row: Row,
  columns: readonly Column[],
  records: Recorder,
  place: Place,
  quoted?: boolean,
): void {
  const cells = filled(row)
  const [first] = cells
  // A heading or a note over the whole width.
  if (!first || (cells.length === 1 && first.span > 1)) return
  const entries = columns.flatMap(({ label, from, to }): Entry[] => {
    const own = cells.filter(({ column, span }) => column < to && from < column + span)
    const wide = own.some(({ column, span }) => column < from || column + span > to)
    const raw = own.map((each) => valueOf(label, each)).join(' ')
    const doubts: Doubt[] = wide || own.length > 1 ? ['ambiguous'] : []
    if (raw !== '' && own.some(({ cut }) => cut && mayLack(label, raw, cut))) doubts.push('incomplete')
    return takenApart({ label, raw, doubts, gap: 0 })
  })
  const given = entries.filter(({ label, raw }) => label !== 'cardNumber' && !isNothing(raw))
  if (given.length === 0) return
  // «Итого: 12», «Библиотекарь Петрова А. А.»
  if (given.length <= 2 && (isStaffLine(first.text) || isStaffLine(given[0]?.raw ?? ''))) return
  const before = records.found.at(-1)
  const numbered = /^\d+\.?$/u.test(first.text) && columns.every(({ from }) => from > first.column)
  if (before && !numbered && isRest(given)) {
    for (const { label, raw } of given) {
      const entry = before.entries.find((each) => each.label === label)
      if (!entry) continue
      entry.raw = `${entry.raw} ${raw}`.trim()
      entry.doubts.push('ambiguous')
    }
    return
  }
  records.close()
  for (const entry of entries) records.add(entry, place, quoted)
  records.close()
}

const namesOnly = new Set<Label>(['fullName', 'surname', 'givenName', 'patronymic'])

/** Cut off, unless it ends as only a whole name or date does. A phone with too few digits is none anyway. */
const mayLack = (label: Label, raw: string, cut: 'begin' | 'end'): boolean => {
  if (label === 'phone') return false
  if (cut === 'begin') return true
  if (namesOnly.has(label)) return !patronymic.test(raw)
  if (label === 'birthDate' || label === 'nameAndDate') return !/[^\d][12]\d{3}[^\d]*$/u.test(raw)
  return true
}

/** What a row above had no room for: no birth date, and no name or one word of it. */
const isRest = (given: readonly Entry[]): boolean => {
  const name = given.find(({ label }) => label === 'fullName' || label === 'surname')
  if (given.some(({ label }) => label === 'birthDate')) return false
  return name === undefined || (given.length === 1 && !name.raw.trim().includes(' '))
}

function codeIn(row: Row, onLibraryCode: (code: string) => void): void {
  for (const { text } of row)
    for (const line of text.split('\n')) {
      const labelled = readLabelled(line)
      if (labelled?.label === 'libraryCode' && labelled.value !== '') onLibraryCode(labelled.value)
    }
}

/** A label that shares its cell with the form's title. */
function withoutTitle(text: string): string {
  const [first = '', ...rest] = text.split('\n')
  return rest.length > 0 && isTitle(first) ? rest.join('\n') : text
}

/** «Образец»: a column that shows how to fill in the next one. */
function withoutExamples(rows: readonly Row[]): Row[] {
  const columns = new Set(
    filled(rows[0] ?? []).flatMap(({ text, column }) =>
      /^(образец|пример)( заполнения)?$/iu.test(flat(text)) ? [column] : [],
    ),
  )
  return rows.map((row) => row.filter(({ column }) => !columns.has(column)))
}

interface Pair {
  label: Label
  values: Cell[]
}

/** Labels of a row with what stands to the right of each. */
function pairsOf(row: Row): Pair[] {
  const pairs: Pair[] = []
  let foreign = false
  for (const cell of filled(row)) {
    const text = flat(withoutTitle(cell.text))
    const label = labelOf(text)
    // «Читатель | ФИО | Иванова Мария Петровна»
    if (label && label === pairs.at(-1)?.label && pairs.at(-1)?.values.length === 0) continue
    const inline = label || /\n/u.test(cell.text) ? undefined : readLabelled(text)
    if (label) {
      pairs.push({ label, values: [] })
      foreign = false
    } else if (inline?.separated && inline.value !== '') {
      pairs.push({ label: inline.label, values: [{ ...cell, text: inline.value }] })
    } else if (isForeign(text) && !/\d|@/u.test(text) && pairs.length === 0) foreign = true
    else if (!foreign) pairs.at(-1)?.values.push(cell)
  }
  return pairs
}

function bySide(table: Table, { records, place, onLibraryCode }: TableReading): boolean {
  const rows = withoutExamples(table.rows).map((row) => ({ row, pairs: pairsOf(row) }))
  const labelled = rows.flatMap(({ pairs }) => pairs.map(({ label }) => label))
  const asEntries = labelled.map((label): Entry => ({ label, raw: '', doubts: [], gap: 0 }))
  if (new Set(labelled).size < 2 || !isQuestionnaire(asEntries)) return false
  const abreast = readersAbreast(rows.map(({ pairs }) => pairs))
  if (abreast) {
    for (const pairs of abreast) {
      records.close()
      for (const { label, values } of pairs) {
        const raw = values.map((value) => valueOf(label, value)).join(' ')
        records.add({ label, raw, doubts: [], gap: 0 }, place, table.quoted)
      }
    }
    return true
  }
  const readers = columnsOfReaders(rows.map(({ pairs }) => pairs))
  if (readers) {
    for (const column of readers) {
      records.close()
      for (const { pairs } of rows)
        for (const { label, values } of pairs) {
          const own = values.filter((value) => value.column === column)
          const raw = own.map((each) => valueOf(label, each)).join(' ')
          records.add({ label, raw, doubts: [], gap: 0 }, { ...place, column: column + 1 }, table.quoted)
        }
    }
    return true
  }
  let foreign = false
  let last: Entry | undefined
  for (const [index, { row, pairs }] of rows.entries()) {
    const cells = filled(row)
    const [first] = cells
    if (!first) {
      last = undefined
      continue
    }
    const whole = flat(first.text)
    if (pairs.length === 0) {
      if (isTitle(whole)) {
        records.close()
        foreign = false
      } else if (cells.length === 1 && (isFamilyHeading(whole) || isStaffLine(whole))) foreign = true
      // A value that goes on in the next row, under the value and beside no label.
      else if (last && first.column > 0 && cells.length === 1) {
        last.raw = `${last.raw} ${whole}`
        last.doubts.push('ambiguous')
      }
      last = undefined
      continue
    }
    for (const { label, values } of pairs) {
      const texts = values.map((value) => valueOf(label, value)).filter((text) => text !== '')
      if (label === 'libraryCode') {
        if (texts[0]) onLibraryCode(texts[0])
        continue
      }
      if (foreign) continue
      const different = [...new Set(texts)]
      last = records.add(
        { label, raw: different.join(' '), doubts: different.length > 1 ? ['ambiguous'] : [], gap: 0 },
        { ...place, row: index + 1 },
        table.quoted,
      )
    }
  }
  return true
}

/** Forms side by side, «ФИО | … | ФИО | …»: the labels of each, by how often each came before in its row. */
function readersAbreast(rows: readonly (readonly Pair[])[]): Pair[][] | undefined {
  const twice = (pairs: readonly Pair[], label: Label) =>
    pairs.filter((each) => each.label === label).length > 1
  if (!rows.some((pairs) => [...naming].some((label) => twice(pairs, label)))) return undefined
  const readers: Pair[][] = []
  for (const pairs of rows)
    for (const [index, pair] of pairs.entries()) {
      const place = pairs.slice(0, index).filter(({ label }) => label === pair.label).length
      ;(readers[place] ??= []).push(pair)
    }
  return readers
}

/** The columns, when labels stand in the first and each further one is a reader with a name of his own. */
function columnsOfReaders(rows: readonly (readonly Pair[])[]): number[] | undefined {
  if (rows.some((pairs) => pairs.length > 1)) return undefined
  const names = rows.flat().filter(({ label }) => naming.has(label))
  const [only] = names
  if (names.length !== 1 || !only || only.values.length < 2) return undefined
  // «Фамилия | Имя | Отчество» may be written into cells of one row.
  if (only.label === 'fullName' && only.values.some(({ text }) => !flat(text).includes(' '))) return undefined
  const columns = only.values.map(({ column }) => column)
  const others = rows.flat().flatMap(({ values }) => values.map(({ column }) => column))
  return others.every((column) => columns.includes(column)) ? columns : undefined
}

/** No label stands where a label would: cells are lines of text, or rows of values that nothing names. */
function loose(table: Table, { records, place, onLibraryCode }: TableReading): void {
  const text = new TextLines(records, () => place)
  for (const [index, row] of table.rows.entries()) {
    const looks = byLooks(row.map(({ text: each }) => flat(each)))
    if (looks.length > 0) {
      records.close()
      for (const entry of looks) records.add(entry, { ...place, row: index + 1 }, table.quoted)
      records.close()
      continue
    }
    for (const cell of row)
      for (const line of cell.text.split('\n'))
        text.read({ kind: 'line', text: line, quoted: table.quoted ?? false })
  }
  text.end()
  if (text.libraryCode) onLibraryCode(text.libraryCode)
}
