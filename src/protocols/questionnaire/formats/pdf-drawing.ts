import { OPS } from 'unpdf/pdfjs'
import { PdfText, type PlacedText } from './pdf-text.ts'

/** The lines that a page's tables are drawn with. */
export interface Rules {
  /** From left to right at a height. */
  across: { y: number; from: number; to: number }[]
  /** From bottom to top at a place. */
  upright: { x: number; from: number; to: number }[]
}

/** Within a path's data (pdf.js, `DrawOPS`). */
const moveTo = 0
const lineTo = 1
const curveTo = 2
const quadraticTo = 3
const closePath = 4

export type Matrix = readonly [number, number, number, number, number, number]

export const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
  a * g + c * h,
  b * g + d * h,
  a * i + c * j,
  b * i + d * j,
  a * k + c * l + e,
  b * k + d * l + f,
]

const most = 20_000
/** Points: what is thinner is a line, whatever it was drawn as. */
const thin = 3

/** What a page draws, from its operations in order. What its annotations draw is left out. */
export function drawingOf(
  operations: readonly number[],
  args: readonly unknown[],
  fontScale: (font: string) => number,
): { rules: Rules; texts: PlacedText[] } {
  const rules: Rules = { across: [], upright: [] }
  const text = new PdfText(fontScale)
  const stack: Matrix[] = []
  let matrix: Matrix = [1, 0, 0, 1, 0, 0]
  let annotations = 0
  for (const [index, operation] of operations.entries()) {
    const given = args[index] as unknown[] | null
    if (operation === OPS.beginAnnotation) annotations += 1
    else if (operation === OPS.endAnnotation) annotations -= 1
    else if (annotations > 0) continue
    else if (operation === OPS.save) {
      stack.push(matrix)
      text.save()
    } else if (operation === OPS.restore || operation === OPS.paintFormXObjectEnd) {
      matrix = stack.pop() ?? matrix
      text.restore()
    } else if (operation === OPS.transform) matrix = times(matrix, given as unknown as Matrix)
    else if (operation === OPS.paintFormXObjectBegin) {
      stack.push(matrix)
      text.save()
      if (given?.[0]) matrix = times(matrix, given[0] as Matrix)
    } else if (operation === OPS.constructPath) {
      const [paint, data] = given as unknown as [number, [ArrayLike<number> | null]]
      const few = rules.across.length + rules.upright.length < most
      // A clip or an area isn't drawn as lines, whatever its shape.
      if (data?.[0] && few && paint !== OPS.endPath) takePath(data[0], matrix, rules, !stroked.has(paint))
    } else text.take(operation, given ?? [], matrix)
  }
  return { rules, texts: text.placed }
}

const stroked = new Set<number>([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
])

function takePath(data: ArrayLike<number>, [a, b, c, d, e, f]: Matrix, rules: Rules, filled: boolean): void {
  let path: [number, number][] = []
  const end = () => {
    takeOutline(path, rules, filled)
    path = []
  }
  for (let at = 0; at < data.length;) {
    const kind = data[at]
    const size = kind === moveTo || kind === lineTo ? 2 : kind === curveTo ? 6 : kind === quadraticTo ? 4 : 0
    if (kind === moveTo) end()
    if (size > 0) {
      const [x, y] = [Number(data[at + size - 1]), Number(data[at + size])]
      path.push([a * x + c * y + e, b * x + d * y + f])
    } else if (kind === closePath && path[0]) path.push(path[0])
    at += 1 + size
  }
  end()
}

/** A thin box is one line, a wide one has four sides; a filled one is no box but a colour. */
function takeOutline(path: readonly [number, number][], rules: Rules, filled: boolean): void {
  if (path.length < 2) return
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)]
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  if (top - bottom <= thin) rules.across.push({ y: (top + bottom) / 2, from: left, to: right })
  else if (right - left <= thin) rules.upright.push({ x: (left + right) / 2, from: bottom, to: top })
  else if (!filled)
    for (const [index, [x, y]] of path.slice(1).entries()) {
      const [fromX, fromY] = path[index] as [number, number]
      if (Math.abs(y - fromY) < 0.5)
        rules.across.push({ y, from: Math.min(x, fromX), to: Math.max(x, fromX) })
      else if (Math.abs(x - fromX) < 0.5)
        rules.upright.push({ x, from: Math.min(y, fromY), to: Math.max(y, fromY) })
    }
}
