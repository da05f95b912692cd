import { setImmediate } from 'node:timers/promises'
import { Parser } from 'htmlparser2'
import { BookFault } from '../book-fault.ts'
import { decodeXml } from '../xml/decode.ts'
import type { ZipArchive } from '../zip/zip.ts'
import { openZip } from '../zip/zip.ts'
import { cellPlace, dayOrNumber, showsDay } from './cells.ts'
import type { SheetRow } from './sheet.ts'
import { RowKeeper, SheetFault, sheetLimits } from './sheet.ts'

/** Characters that are read before others get their turn. */
const slice = 64 * 1024

/**
 * The rows of a workbook's first visible sheet (SpreadsheetML, ECMA-376 part 1, §18): stored values, no formula
 * is worked out, no tree of the sheet is built.
 * @throws SheetFault damaged, bomb, too_large
 */
export async function readXlsx(bytes: Uint8Array): Promise<SheetRow[]> {
  const archive = await openZip(bytes).catch((error: unknown) => {
    throw asSheetFault(error)
  })
  try {
    const sheet = await firstSheet(archive)
    const strings = await sharedStrings(archive)
    const days = await dayStyles(archive)
    return await rowsOf(await part(archive, sheet.path), { ...sheet, strings, days })
  } catch (error) {
    throw asSheetFault(error)
  } finally {
    await archive.close()
  }
}

function asSheetFault(error: unknown): unknown {
  if (!(error instanceof BookFault)) return error
  if (error.code === 'zip.bomb') return new SheetFault('bomb', error)
  return new SheetFault(error.code.endsWith('too_large') ? 'too_large' : 'damaged', error)
}

async function part(archive: ZipArchive, name: string): Promise<string> {
  const entry = archive.entryAnyCase(name)
  if (!entry) throw new SheetFault('damaged')
  return decodeXml(await archive.readEntry(entry.name, sheetLimits.partBytes))
}

type Attributes = Readonly<Record<string, string>>
interface Listener {
  open?: (name: string, attributes: Attributes) => void
  text?: (text: string) => void
  close?: (name: string) => void
}

/** Walks through a part, names without their prefixes. */
async function walk(xml: string, { open, text, close }: Listener): Promise<void> {
  const local = (name: string) => name.slice(name.indexOf(':') + 1)
  const parser = new Parser(
    {
      onopentag: (name, attributes) => open?.(local(name), attributes),
      ontext: (data) => text?.(data),
      onclosetag: (name) => close?.(local(name)),
    },
    { xmlMode: true, decodeEntities: true },
  )
  for (let at = 0; at < xml.length; at += slice) {
    parser.write(xml.slice(at, at + slice))
    await setImmediate()
  }
  parser.end()
}

async function firstSheet(archive: ZipArchive): Promise<{ path: string; from1904: boolean }> {
  let id: string | undefined
  let from1904 = false
  await walk(await part(archive, 'xl/workbook.xml'), {
    open(name, attributes) {
      if (name === 'workbookPr') from1904 = /^(1|true)$/.test(attributes['date1904'] ?? '')
      if (name === 'sheet' && !/hidden/i.test(attributes['state'] ?? ''))
        id ??= Object.entries(attributes).find(([key]) => /(^|:)id$/.test(key))?.[1]
    },
  })
  const targets = new Map<string, string>()
  await walk(await part(archive, 'xl/_rels/workbook.xml.rels'), {
    open(name, attributes) {
      if (name === 'Relationship') targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '')
    },
  })
  const target = targets.get(id ?? '')
  if (!target) throw new SheetFault('damaged')
  return { path: target.startsWith('/') ? target.slice(1) : `xl/${target}`, from1904 }
}

/** Texts that cells point at; phonetic hints (`rPh`) are left out. */
async function sharedStrings(archive: ZipArchive): Promise<string[]> {
  const strings: string[] = []
  if (!archive.entryAnyCase('xl/sharedStrings.xml')) return strings
  let [text, inText, inHint] = ['', false, false]
  await walk(await part(archive, 'xl/sharedStrings.xml'), {
    open(name) {
      if (name === 'si') text = ''
      if (name === 'rPh') inHint = true
      inText = name === 't' && !inHint
    },
    text(data) {
      if (inText && text.length < sheetLimits.cell) text += data
    },
    close(name) {
      if (name === 'si') strings.push(text)
      if (name === 'rPh') inHint = false
      if (name === 't') inText = false
    },
  })
  return strings
}

/** By the number of a style: whether it shows a day. */
async function dayStyles(archive: ZipArchive): Promise<boolean[]> {
  const days: boolean[] = []
  if (!archive.entryAnyCase('xl/styles.xml')) return days
  const codes = new Map<number, string>()
  let inCells = false
  await walk(await part(archive, 'xl/styles.xml'), {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '')
      if (name === 'cellXfs') inCells = true
      const id = Number(attributes['numFmtId'] ?? 0)
      if (name === 'xf' && inCells) days.push(showsDay(id, codes.get(id)))
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return days
}

interface Book {
  strings: readonly string[]
  days: readonly boolean[]
  from1904: boolean
}

/** ECMA-376 part 1, §18.3.1.73, as Excel keeps to it. */
const mostRows = 1_048_576

async function rowsOf(xml: string, book: Book): Promise<SheetRow[]> {
  const keeper = new RowKeeper()
  let [row, column, type, style, value] = [0, 0, 'n', 0, '']
  let taking = false
  let cells: string[] = []
  await walk(xml, {
    open(name, attributes) {
      if (name === 'row') {
        const told = Number(attributes['r'])
        row = Number.isInteger(told) && told > row && told <= mostRows ? told : row + 1
        cells = []
        column = -1
      }
      if (name === 'c') {
        column = cellPlace(attributes['r'] ?? '')?.column ?? column + 1
        ;[type, style, value] = [attributes['t'] ?? 'n', Number(attributes['s'] ?? 0), '']
      }
      taking = name === 'v' || name === 't'
    },
    text(data) {
      if (taking && value.length < sheetLimits.cell) value += data
    },
    close(name) {
      if (name === 'v' || name === 't') taking = false
      if (name === 'c' && column < sheetLimits.columns * 4) cells[column] = textOf(type, style, value, book)
      if (name === 'row')
        keeper.add(
          row,
          Array.from(cells, (text) => text ?? ''),
        )
    },
  })
  return keeper.rows
}

/** What a person sees in the cell, as far as that matters in a list. */
function textOf(type: string, style: number, value: string, { strings, days, from1904 }: Book): string {
  if (type === 's') return strings[Number(value)] ?? ''
  if (type === 'e' || type === 'b') return ''
  if (type === 'd') return value.slice(0, 10)
  if (type !== 'n' || value === '' || !Number.isFinite(Number(value))) return value
  return dayOrNumber(Number(value), days[style] ?? false, from1904)
}
