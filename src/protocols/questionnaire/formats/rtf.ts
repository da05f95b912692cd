import { cell, struckOut, type Block, type Cell, type ReadDocument } from '../document.ts'
import { questionnaireLimits } from '../questionnaire.ts'

/** Destinations whose text is no text of the document (RTF 1.9.1). */
const left = new Set(
  `fonttbl colortbl stylesheet info pict header headerl headerr headerf footer footerl footerr footerf footnote
  annotation object objdata fldinst themedata datastore xmlnstbl listtable listoverridetable rsidtbl generator
  latentstyles mmathPr pgdsctbl filetbl revtbl nonshppict shpinst bkmkstart bkmkend nonesttables
  atnid atnauthor docvar formfield userprops wgrffmtfilter upr listtext pntext`.split(/\s+/u),
)
/** Those of them that are read after all when they come with `\*`. */
const kept = new Set(['shppict', 'shptxt', 'nesttableprops', 'cs', 'ud'])

const byCharset = new Map([
  [0, 'windows-1252'],
  [77, 'macintosh'],
  [204, 'windows-1251'],
  [238, 'windows-1250'],
  [161, 'windows-1253'],
  [162, 'windows-1254'],
  [186, 'windows-1257'],
])

interface Group {
  skip: boolean
  /** Letters that stand for `\u` in older readers. */
  fallback: number
  encoding: string
  struck: boolean
  deleted: boolean
}

const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+/giu

/** Paragraphs and tables of a rich text; pictures, objects, headers and comments are passed over. */
export function readRtf(bytes: Uint8Array): ReadDocument {
  return new RtfReader().read(Buffer.from(bytes).toString('latin1'))
}

class RtfReader {
  readonly #groups: Group[] = []
  #now: Group = { skip: false, fallback: 1, encoding: 'windows-1251', struck: false, deleted: false }
  readonly #fonts = new Map<number, string>()
  #font = 0
  #base = 'windows-1251'
  #inFonts = false
  #first = false
  #starred = false
  #bytes: number[] = []
  #ignore = 0
  #text = ''
  #cells: Cell[] = []
  #rows: Cell[][] = []
  #inTable = false
  readonly #blocks: Block[] = []
  #signs = 0

  read(source: string): ReadDocument {
    for (const found of source.matchAll(token)) {
      if (this.#signs > questionnaireLimits.characters) return { blocks: this.#ended(), cut: true }
      const [all, word, number, hex, sign, brace, text] = found
      if (hex !== undefined) this.#byte(Number.parseInt(hex, 16))
      else if (text !== undefined) this.#plain(text)
      else {
        if (word !== undefined || sign !== undefined || brace !== undefined) this.#flush()
        if (brace === '{') this.#open()
        else if (brace === '}') this.#close()
        else if (word !== undefined) this.#word(word, number === undefined ? undefined : Number(number))
        else if (sign !== undefined) this.#sign(sign)
        else if (all.startsWith('\\')) this.#sign('\n')
      }
    }
    return { blocks: this.#ended() }
  }

  #open(): void {
    this.#groups.push({ ...this.#now })
    this.#first = true
    this.#starred = false
    // Groups without end cost memory, and no document has so many.
    if (this.#groups.length > 1000) throw new Error('too many groups')
  }

  #close(): void {
    const before = this.#groups.pop()
    if (before) this.#now = before
    if (!this.#now.skip) this.#inFonts = false
    this.#ignore = 0
  }

  #word(word: string, number: number | undefined): void {
    const first = this.#first
    this.#first = false
    if (word === 'bin') return
    if (first && word === 'fonttbl') this.#inFonts = true
    if ((first && left.has(word)) || (this.#starred && !kept.has(word))) {
      this.#starred = false
      this.#now.skip = true
      return
    }
    this.#starred = false
    if (word === 'ansicpg' && number) this.#now.encoding = this.#base = encodingOf(`windows-${number}`)
    if (this.#inFonts) {
      if (word === 'f') this.#font = number ?? 0
      if (word === 'fcharset') this.#fonts.set(this.#font, byCharset.get(number ?? 0) ?? this.#base)
      return
    }
    if (this.#now.skip) return
    switch (word) {
      case 'uc':
        this.#now.fallback = Math.min(Math.max(number ?? 1, 0), 10)
        break
      case 'u':
        this.#add(String.fromCharCode(((number ?? 63) + 65_536) % 65_536))
        this.#ignore = this.#now.fallback
        break
      case 'f': {
        const named = this.#fonts.get(number ?? 0)
        // A Western font in a Russian document is mostly a Russian letter in disguise.
        this.#now.encoding = named === undefined || named === 'windows-1252' ? this.#base : named
        break
      }
      case 'strike':
      case 'striked':
        this.#now.struck = number !== 0
        break
      case 'v':
      case 'deleted':
        this.#now.deleted = number !== 0
        break
      case 'plain':
        this.#now.struck = this.#now.deleted = false
        break
      case 'intbl':
        this.#inTable = true
        break
      case 'pard':
        this.#inTable = false
        break
      case 'trowd':
        if (!this.#inTable && this.#text !== '') this.#paragraph()
        break
      case 'cell':
      case 'nestcell':
        this.#cells.push(cell(this.#text, this.#cells.length))
        this.#text = ''
        break
      case 'row':
      case 'nestrow':
        this.#rows.push(this.#cells)
        this.#cells = []
        this.#text = ''
        break
      case 'par':
      case 'sect':
      case 'page':
        if (this.#inTable || this.#cells.length > 0) this.#text += '\n'
        else this.#paragraph()
        break
      case 'line':
        this.#text += '\n'
        break
      case 'tab':
        this.#add('\t')
        break
      case 'emdash':
      case 'endash':
        this.#add('–')
        break
      case 'lquote':
      case 'rquote':
        this.#add('’')
        break
      case 'ldblquote':
      case 'rdblquote':
        this.#add('"')
        break
      default:
    }
  }

  #sign(sign: string): void {
    if (sign === '*') {
      this.#starred = true
      return
    }
    this.#first = false
    if (sign === '~') this.#add(' ')
    else if (sign === '_') this.#add('-')
    else if (sign === '\n' || sign === '\r') this.#word('par', undefined)
    else if (sign === '\\' || sign === '{' || sign === '}') this.#add(sign)
  }

  #byte(byte: number): void {
    this.#first = false
    if (this.#ignore > 0) this.#ignore -= 1
    else this.#bytes.push(byte)
  }

  #plain(text: string): void {
    this.#first = false
    const rest = text.slice(this.#ignore)
    this.#ignore = Math.max(0, this.#ignore - text.length)
    for (let index = 0; index < rest.length; index += 1) this.#bytes.push(rest.charCodeAt(index))
  }

  /** Bytes so far, as the letters of the font that they stand in. */
  #flush(): void {
    if (this.#bytes.length === 0) return
    const text = new TextDecoder(this.#now.encoding).decode(Uint8Array.from(this.#bytes))
    this.#bytes = []
    this.#add(text)
  }

  #add(text: string): void {
    if (this.#now.skip || this.#now.deleted) return
    this.#signs += text.length
    this.#text += this.#now.struck && text.trim() !== '' ? struckOut : text
  }

  #paragraph(): void {
    this.#endTable()
    for (const text of this.#text.split('\n')) this.#blocks.push({ kind: 'line', text })
    this.#text = ''
  }

  #endTable(): void {
    if (this.#rows.length > 0) this.#blocks.push({ kind: 'table', rows: this.#rows })
    this.#rows = []
  }

  #ended(): Block[] {
    this.#flush()
    if (this.#cells.length > 0) this.#rows.push(this.#cells)
    this.#paragraph()
    return this.#blocks
  }
}

function encodingOf(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return 'windows-1251'
  }
}
