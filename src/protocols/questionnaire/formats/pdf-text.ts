import { OPS } from 'unpdf/pdfjs'
import { times, type Matrix } from './pdf-drawing.ts'

/** A piece of text, in points from the page's lower left corner; `y` is its base line. */
export interface PlacedText {
  text: string
  x: number
  y: number
  width: number
  height: number
}

/** Text state (ISO 32000-1 §9.3). */
interface State {
  font: number
  size: number
  spacing: number
  wordSpacing: number
  stretch: number
  leading: number
  rise: number
  mode: number
}

/** As pdf.js has a sign to show; plain numbers between them move on, in thousandths. */
interface Glyph {
  unicode?: string
  width?: number
  isSpace?: boolean
}

/** Shown by nobody: what a scanner's guess at the text lies in. */
const invisible = 3
const mostPieces = 200_000

/**
 * Words as they are placed, each glyph where its font puts it. pdf.js's own `getTextContent` joins words over
 * the borders of cells.
 */
export class PdfText {
  readonly placed: PlacedText[] = []
  readonly #fontScale: (font: string) => number
  readonly #stack: State[] = []
  #state: State = {
    font: 0.001,
    size: 1,
    spacing: 0,
    wordSpacing: 0,
    stretch: 1,
    leading: 0,
    rise: 0,
    mode: 0,
  }
  #matrix: Matrix = [1, 0, 0, 1, 0, 0]
  #line: Matrix = this.#matrix

  constructor(fontScale: (font: string) => number) {
    this.#fontScale = fontScale
  }

  save(): void {
    this.#stack.push({ ...this.#state })
  }

  restore(): void {
    this.#state = this.#stack.pop() ?? this.#state
  }

  take(operation: number, args: readonly unknown[], page: Matrix): void {
    const state = this.#state
    const number = Number(args[0])
    switch (operation) {
      case OPS.beginText:
        this.#matrix = this.#line = [1, 0, 0, 1, 0, 0]
        break
      case OPS.setFont:
        state.font = this.#fontScale(String(args[0]))
        state.size = Number(args[1])
        break
      case OPS.setCharSpacing:
        state.spacing = number
        break
      case OPS.setWordSpacing:
        state.wordSpacing = number
        break
      case OPS.setHScale:
        state.stretch = number / 100
        break
      case OPS.setLeading:
        state.leading = -number
        break
      case OPS.setTextRise:
        state.rise = number
        break
      case OPS.setTextRenderingMode:
        state.mode = number
        break
      case OPS.setTextMatrix:
        this.#matrix = this.#line = matrixOf(args)
        break
      case OPS.moveText:
        this.#move(number, Number(args[1]))
        break
      case OPS.setLeadingMoveText:
        state.leading = Number(args[1])
        this.#move(number, Number(args[1]))
        break
      case OPS.nextLine:
        this.#move(0, state.leading)
        break
      case OPS.showText:
      case OPS.showSpacedText:
        this.#show(args[0] as (Glyph | number)[], page)
        break
      default:
    }
  }

  #move(x: number, y: number): void {
    this.#matrix = this.#line = times(this.#line, [1, 0, 0, 1, x, y])
  }

  #show(glyphs: readonly (Glyph | number | null)[], page: Matrix): void {
    const { font, size, spacing, wordSpacing, stretch, mode } = this.#state
    let word = ''
    let from = 0
    let at = 0
    const end = () => {
      if (word.trim() !== '' && mode !== invisible) this.#place(word, from, at, page)
      word = ''
    }
    for (const glyph of glyphs) {
      if (typeof glyph === 'number') {
        at -= (glyph / 1000) * size * stretch
        continue
      }
      if (!glyph) continue
      const said = glyph.unicode ?? '\ufffd'
      const wide = ((glyph.width ?? 0) * font * size + spacing + (glyph.isSpace ? wordSpacing : 0)) * stretch
      if (said.trim() === '') end()
      else {
        if (word === '') from = at
        word += said
      }
      at += wide
    }
    end()
    this.#matrix = times(this.#matrix, [1, 0, 0, 1, at, 0])
  }

  #place(text: string, from: number, to: number, page: Matrix): void {
    if (this.placed.length >= mostPieces) return
    const { size, rise } = this.#state
    const [a, b, c, d, e, f] = times(page, this.#matrix)
    // Turned text is no row of a form.
    if (Math.abs(b) > Math.abs(a)) return
    this.placed.push({
      text: text.normalize('NFKC'),
      x: a * from + c * rise + e,
      y: b * from + d * rise + f,
      width: Math.abs(a) * (to - from),
      height: Math.abs(d) * size || 10,
    })
  }
}

/** pdf.js gives the six numbers as they are, or as one array. */
function matrixOf(args: readonly unknown[]): Matrix {
  const [first] = args
  return (typeof first === 'number' ? args : Array.from(first as ArrayLike<number>)) as unknown as Matrix
}
