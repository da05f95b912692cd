import type { ZipArchive } from '../../zip/zip.ts'
import { attribute, child, childElements, descendantsNamed, textOf, type XmlElement } from '../../xml/xml.ts'
import { cell, struckOut, type Block, type Cell, type ReadDocument, type Table } from '../document.ts'
import { xmlEntry } from './office-zip.ts'
import { Unreadable } from './unreadable.ts'

/** WordprocessingML (ECMA-376 part 1, §17). Headers, footers, notes and comments lie elsewhere and aren't read. */
export async function readDocx(archive: ZipArchive): Promise<ReadDocument> {
  const body = child(await xmlEntry(archive, await documentName(archive)), 'body')
  if (!body) throw new Unreadable('damaged')
  const blocks = blocksOf(body)
  const code = await libraryCode(archive)
  return { blocks, ...(code ? { libraryCode: code } : {}) }
}

async function documentName(archive: ZipArchive): Promise<string> {
  const rels = await xmlEntry(archive, '_rels/.rels')
  const found =
    rels && childElements(rels).find((each) => attribute(each, 'Type')?.endsWith('/officeDocument'))
  return attribute(found, 'Target')?.replace(/^\//u, '') ?? 'word/document.xml'
}

async function libraryCode(archive: ZipArchive): Promise<string | undefined> {
  const custom = await xmlEntry(archive, 'docProps/custom.xml')
  const found = custom && childElements(custom).find((each) => attribute(each, 'name') === 'Код библиотеки')
  return found && textOf(found).trim()
}

/** Elements that only wrap what is read. */
const wrappers = new Set([
  'sdt',
  'sdtContent',
  'ins',
  'moveTo',
  'smartTag',
  'customXml',
  'txbxContent',
  'body',
])

function blocksOf(parent: XmlElement): Block[] {
  return childElements(parent).flatMap((each): Block[] => {
    if (each.local === 'p') return paragraphBlocks(each)
    if (each.local === 'tbl') return [tableOf(each)]
    if (isPlaceholder(each)) return []
    return wrappers.has(each.local) ? blocksOf(each) : []
  })
}

/** A control of the form that still shows its hint. */
const isPlaceholder = (element: XmlElement): boolean =>
  element.local === 'sdt' && child(child(element, 'sdtPr'), 'showingPlcHdr') !== undefined

function paragraphBlocks(paragraph: XmlElement): Block[] {
  const text = textOfRuns(paragraph)
  const own = text.split('\n').map((line): Block => ({ kind: 'line', text: line }))
  return [...own, ...boxesOf(paragraph).flatMap(blocksOf)]
}

/** Text boxes: their newer form only, the older one repeats it. */
function boxesOf(element: XmlElement): XmlElement[] {
  return childElements(element).flatMap((each) => {
    if (each.local === 'Fallback') return []
    return each.local === 'txbxContent' ? [each] : boxesOf(each)
  })
}

const left = new Set(['del', 'moveFrom', 'Fallback', 'txbxContent', 'instrText', 'delText', 'rPr', 'pPr'])

function textOfRuns(element: XmlElement): string {
  return childElements(element)
    .map((each): string => {
      if (left.has(each.local) || isPlaceholder(each)) return ''
      switch (each.local) {
        case 't':
          return textOf(each)
        case 'tab':
        case 'ptab':
          return '\t'
        case 'br':
        case 'cr':
          return '\n'
        case 'noBreakHyphen':
          return '-'
        case 'r':
          return textOfRun(each)
        default:
          return textOfRuns(each)
      }
    })
    .join('')
}

const on = (properties: XmlElement | undefined, name: string): boolean => {
  const found = child(properties, name)
  return found !== undefined && !/^(0|false|off)$/u.test(attribute(found, 'val') ?? '')
}

function textOfRun(run: XmlElement): string {
  const properties = child(run, 'rPr')
  if (on(properties, 'vanish')) return ''
  const text = textOfRuns(run)
  const struck = on(properties, 'strike') || on(properties, 'dstrike')
  return struck && text.trim() !== '' ? struckOut : text
}

function tableOf(table: XmlElement): Table {
  const rows = rowsOf(table).map((row) => {
    let column = Number(attribute(child(child(row, 'trPr'), 'gridBefore'), 'val') ?? 0)
    return cellsOf(row).map((each): Cell => {
      const span = Math.min(
        Math.max(Number(attribute(child(child(each, 'tcPr'), 'gridSpan'), 'val') ?? 1), 1),
        63,
      )
      const blocks = blocksOf(each)
      const made = cell(
        blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : [])).join('\n'),
        column,
        span,
        blocks.filter((block) => block.kind === 'table'),
      )
      column += span
      return made
    })
  })
  return { kind: 'table', rows }
}

const rowsOf = (table: XmlElement): XmlElement[] => inside(table, 'tr', 'tbl')
const cellsOf = (row: XmlElement): XmlElement[] => inside(row, 'tc', 'tr')

/** Elements of a name below another, through controls and tracked changes but not into further tables. */
function inside(parent: XmlElement, name: string, own: string): XmlElement[] {
  return childElements(parent).flatMap((each) => {
    if (each.local === name) return isDeleted(each) ? [] : [each]
    return wrappers.has(each.local) && each.local !== own ? inside(each, name, own) : []
  })
}

const isDeleted = (row: XmlElement): boolean => {
  const properties = child(row, 'trPr')
  return properties !== undefined && descendantsNamed(properties, 'del').length > 0
}
