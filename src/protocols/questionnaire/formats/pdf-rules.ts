/** The lines that a page's tables are drawn with. */
export interface Rules {
  /** From left to right at a height. */
  across: { y: number; from: number; to: number }[]
  /** From bottom to top at a place. */
  upright: { x: number; from: number; to: number }[]
}

/** Numbers of operations (pdf.js, `OPS`). */
const save = 10
const restore = 11
const transform = 12
const constructPath = 91
/** Within a path's data (pdf.js, `DrawOPS`). */
const moveTo = 0
const lineTo = 1
const curveTo = 2
const quadraticTo = 3
const closePath = 4

type Matrix = readonly [number, number, number, number, number, number]

const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
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

export function rulesOf(operations: readonly number[], args: readonly unknown[]): Rules {
  const rules: Rules = { across: [], upright: [] }
  const stack: Matrix[] = []
  let matrix: Matrix = [1, 0, 0, 1, 0, 0]
  for (const [index, operation] of operations.entries()) {
    if (rules.across.length + rules.upright.length > most) break
    if (operation === save) stack.push(matrix)
    else if (operation === restore) matrix = stack.pop() ?? matrix
    else if (operation === transform) matrix = times(matrix, args[index] as unknown as Matrix)
    else if (operation === constructPath) {
      const [, data] = args[index] as [number, [ArrayLike<number> | null]]
      if (data?.[0]) takePath(data[0], matrix, rules)
    }
  }
  return rules
}

function takePath(data: ArrayLike<number>, [a, b, c, d, e, f]: Matrix, rules: Rules): void {
  let path: [number, number][] = []
  const end = () => {
    takeOutline(path, rules)
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

/** A thin box is one line, a wide one has four sides. */
function takeOutline(path: readonly [number, number][], rules: Rules): void {
  if (path.length < 2) return
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)]
  const [left, right, bottom, top] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  if (top - bottom <= thin) rules.across.push({ y: (top + bottom) / 2, from: left, to: right })
  else if (right - left <= thin) rules.upright.push({ x: (left + right) / 2, from: bottom, to: top })
  else
    for (const [index, [x, y]] of path.slice(1).entries()) {
      const [fromX, fromY] = path[index] as [number, number]
      if (Math.abs(y - fromY) < 0.5)
        rules.across.push({ y, from: Math.min(x, fromX), to: Math.max(x, fromX) })
      else if (Math.abs(x - fromX) < 0.5)
        rules.upright.push({ x, from: Math.min(y, fromY), to: Math.max(y, fromY) })
    }
}
