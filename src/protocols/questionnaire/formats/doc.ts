import { cell, lines, type Block, type Cell } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { Unreadable } from './unreadable.ts'

/**
 * The main text of a Word 97–2003 document ([MS-DOC]) with its tables: cells end with U+0007, and a mark of the
 * same sign whose paragraph says so (sprmPFTtp) ends a row. Headers, footers and notes follow the main text and
 * aren't read.
 * @param stream gives another stream of the compound file
 */
export function readDoc(word: Uint8Array, stream: (name: string) => Uint8Array | undefined): Block[] {
  const view = new DataView(word.buffer, word.byteOffset, word.byteLength)
  if (view.getUint16(0, true) !== 0xa5ec) throw new Unreadable('damaged')
  const flags = view.getUint16(0x0a, true)
  if ((flags & 0x0100) !== 0) throw new Unreadable('encrypted')
  const table = stream((flags & 0x0200) === 0 ? '0Table' : '1Table')
  if (!table) throw new Unreadable('damaged')
  const length = Math.min(view.getUint32(0x4c, true), questionnaireLimits.characters)
  const text = mainText(word, view, table, length)
  return blocksOf(text, finder(paragraphs(word, view, table)))
}

interface Sign {
  sign: string
  /** Where its bytes lie in the stream. */
  at: number
}

/** The pieces of the text (§2.8.35), in their order. */
function mainText(word: Uint8Array, view: DataView, table: Uint8Array, length: number): Sign[] {
  const pieces = new DataView(table.buffer, table.byteOffset, table.byteLength)
  let at = view.getUint32(0x1a2, true)
  const end = at + view.getUint32(0x1a6, true)
  // Prc records come before the one table of pieces.
  while (at < end && pieces.getUint8(at) === 1) at += 3 + pieces.getUint16(at + 1, true)
  if (at >= end || pieces.getUint8(at) !== 2) throw new Unreadable('damaged')
  const count = Math.floor((pieces.getUint32(at + 1, true) - 4) / 12)
  const places = at + 5
  const ansi = new TextDecoder('windows-1252')
  const wide = new TextDecoder('utf-16le')
  const signs: Sign[] = []
  for (let index = 0; index < count && signs.length < length; index += 1) {
    const from = pieces.getUint32(places + index * 4, true)
    const to = pieces.getUint32(places + (index + 1) * 4, true)
    const fc = pieces.getUint32(places + (count + 1) * 4 + index * 8 + 2, true)
    const narrow = (fc & 0x40000000) !== 0
    const start = narrow ? (fc & 0x3fffffff) >>> 1 : fc & 0x3fffffff
    const width = narrow ? 1 : 2
    const many = Math.min(to - from, length - signs.length)
    if (many < 0 || start + many * width > word.length) throw new Unreadable('damaged')
    const text = (narrow ? ansi : wide).decode(word.subarray(start, start + many * width))
    for (let place = 0; place < text.length; place += 1)
      signs.push({ sign: text.charAt(place), at: start + place * width })
  }
  return signs
}

const pageBytes = 512

/** A paragraph's bytes, and what it says of tables. */
interface Paragraph {
  from: number
  to: number
  inTable: boolean
  endsRow: boolean
}

/** Paragraphs that have properties of their own (§2.9.23, §2.9.175), by their place. */
function paragraphs(word: Uint8Array, view: DataView, table: Uint8Array): Paragraph[] {
  const bins = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const at = view.getUint32(0x102, true)
  const count = Math.min(Math.floor((view.getUint32(0x106, true) - 4) / 8), 20_000)
  const found: Paragraph[] = []
  for (let bin = 0; bin < count; bin += 1) {
    const page = (bins.getUint32(at + (count + 1) * 4 + bin * 4, true) & 0x3fffff) * pageBytes
    if (page + pageBytes > word.length) continue
    const runs = view.getUint8(page + 511)
    for (let run = 0; run < runs; run += 1) {
      const offset = page + view.getUint8(page + (runs + 1) * 4 + run * 13) * 2
      if (offset === page) continue
      // A length in words, of which the first may be 0 and the next one counts.
      const short = view.getUint8(offset)
      const [start, size] =
        short === 0 ? [offset + 2, view.getUint8(offset + 1) * 2] : [offset + 1, short * 2 - 1]
      // The style's number comes first.
      const said = tableProperties(view, start + 2, Math.min(start + size, page + 511))
      if (!said.inTable && !said.endsRow) continue
      const [from, to] = [view.getUint32(page + run * 4, true), view.getUint32(page + (run + 1) * 4, true)]
      found.push({ from, to, ...said })
    }
  }
  return found.sort((a, b) => a.from - b.from)
}

const sprmPFInTable = 0x2416
const sprmPFTtp = 0x2417
const sprmTDefTable = 0xd608

/** Operands have lengths by their kind (§2.6). */
function tableProperties(view: DataView, from: number, to: number): { inTable: boolean; endsRow: boolean } {
  const said = { inTable: false, endsRow: false }
  let at = from
  while (at + 2 < to) {
    const sprm = view.getUint16(at, true)
    if (sprm === sprmPFInTable) said.inTable = view.getUint8(at + 2) === 1
    if (sprm === sprmPFTtp) said.endsRow = view.getUint8(at + 2) === 1
    const kind = sprm >>> 13
    if (kind !== 6) at += 2 + ([1, 1, 2, 4, 2, 2, 0, 3][kind] ?? 0)
    else if (sprm === sprmTDefTable) at += 3 + view.getUint16(at + 2, true)
    else at += 3 + view.getUint8(at + 2)
  }
  return said
}

function finder(paragraphs: readonly Paragraph[]): (at: number) => Paragraph | undefined {
  return (at) => {
    let [low, high] = [0, paragraphs.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((paragraphs[middle]?.to ?? 0) > at) high = middle
      else low = middle + 1
    }
    const found = paragraphs[low]
    return found && found.from <= at ? found : undefined
  }
}

function blocksOf(text: readonly Sign[], paragraphAt: (at: number) => Paragraph | undefined): Block[] {
  const blocks: Block[] = []
  let rows: Cell[][] = []
  let row: Cell[] = []
  let said = ''
  /** What stands between 0x13 and 0x14 is a field's code. */
  const fields: boolean[] = []
  const endTable = () => {
    if (row.length > 0) rows.push(row)
    if (rows.length > 0) blocks.push({ kind: 'table', rows })
    rows = []
    row = []
  }
  for (const { sign, at } of text) {
    if (sign === '\x13') fields.push(true)
    else if (sign === '\x14' && fields.length > 0) fields[fields.length - 1] = false
    else if (sign === '\x15') fields.pop()
    else if (fields.includes(true)) continue
    else if (sign === '\x07') {
      if (paragraphAt(at)?.endsRow) {
        rows.push(row)
        row = []
      } else row.push(cell(said, row.length))
      said = ''
    } else if (sign === '\r' && !paragraphAt(at)?.inTable) {
      endTable()
      blocks.push(...lines(said))
      said = ''
    } else if ('\r\x0b\x0c\x0e'.includes(sign)) said += '\n'
    else if (sign === '\x1e') said += '-'
    else if (sign >= ' ' || sign === '\t') said += sign
  }
  endTable()
  return [...blocks, ...lines(said)]
}
