/**
 * A message's text with names in curly brackets, `{билет}`, each of which becomes its value. What stands in
 * square brackets vanishes, with its line, when a value in it is empty: `[, {телефон библиотеки}]`. Brackets
 * may stand within brackets.
 */
type Node = { text: string } | { name: string } | { optional: Node[] }

/** What a text may carry, and what it is no good without. */
export interface Carries {
  allowed: readonly string[]
  required: readonly string[]
}

/** What is wrong with a template, the first of it; `name` as it is typed there or as it should be. */
export type TemplateFault =
  | { code: 'empty' }
  | { code: 'unpaired'; sign: string }
  | { code: 'unknown'; name: string }
  | { code: 'misspelt'; name: string; meant: string }
  | { code: 'missing'; name: string }
  | { code: 'optional'; name: string }

export type Values = Readonly<Record<string, string>>

class Unpaired extends Error {
  readonly sign: string
  constructor(sign: string) {
    super(`${sign} has no other half`)
    this.sign = sign
  }
}

/** @throws Unpaired */
function parse(template: string): Node[] {
  const signs = template.match(/\{[^{}[\]\n]*\}|[{}[\]]|[^{}[\]]+/g) ?? []
  const outer: Node[][] = []
  let nodes: Node[] = []
  for (const sign of signs) {
    if (sign === '[') {
      outer.push(nodes)
      nodes = []
    } else if (sign === ']') {
      const around = outer.pop()
      if (!around) throw new Unpaired(sign)
      around.push({ optional: nodes })
      nodes = around
    } else if (sign === '{' || sign === '}') throw new Unpaired(sign)
    else if (sign.startsWith('{')) nodes.push({ name: sign.slice(1, -1).trim() })
    else nodes.push({ text: sign })
  }
  if (outer.length > 0) throw new Unpaired('[')
  return nodes
}

/** A value isn't to be touched when lines close up, so it stays apart from the words around it. */
interface Piece {
  text: string
  isValue: boolean
}

/**
 * The text with its values, exactly as they are; a name without a value becomes nothing. Blank lines at the
 * end go.
 * @throws Error for a template that has a fault
 */
export function renderTemplate(template: string, values: Values): string {
  const pieces = closeUp(written(parse(template), values))
  const last = pieces.at(-1)
  if (last && !last.isValue) last.text = last.text.trimEnd()
  return pieces.map(({ text }) => text).join('')
}

/** What vanished leaves undefined behind. */
const written = (nodes: Node[], values: Values): (Piece | undefined)[] =>
  nodes.flatMap((node): (Piece | undefined)[] => {
    if ('text' in node) return [{ text: node.text, isValue: false }]
    if ('name' in node) return [{ text: values[node.name] ?? '', isValue: true }]
    const vanishes = node.optional.some((each) => 'name' in each && !values[each.name])
    return vanishes ? [undefined] : written(node.optional, values)
  })

/** Where nothing else stood on a line, the line goes too, and the blank ones after it. */
function closeUp(pieces: readonly (Piece | undefined)[]): Piece[] {
  const kept: Piece[] = []
  let opensLine = true
  let closing = false
  for (const piece of pieces) {
    if (!piece) {
      closing ||= opensLine
      continue
    }
    const closes: boolean = closing && !piece.isValue && piece.text.startsWith('\n')
    const text: string = closes ? piece.text.replace(/^\n+/, '') : piece.text
    if (text !== '') {
      closing = false
      opensLine = text.endsWith('\n')
      kept.push({ ...piece, text })
    }
  }
  return kept
}

/** What keeps a template from being used, or undefined. */
export function templateFault(template: string, { allowed, required }: Carries): TemplateFault | undefined {
  if (template.trim() === '') return { code: 'empty' }
  let nodes: Node[]
  try {
    nodes = parse(template)
  } catch (error) {
    if (error instanceof Unpaired) return { code: 'unpaired', sign: error.sign }
    throw error
  }
  const names = namesIn(nodes)
  const unknown = names.find((name) => !allowed.includes(name))
  if (unknown !== undefined) {
    const meant = nearest(unknown, allowed)
    return meant ? { code: 'misspelt', name: unknown, meant } : { code: 'unknown', name: unknown }
  }
  const certain = nodes.flatMap((node) => ('name' in node ? [node.name] : []))
  const lacking = required.find((name) => !certain.includes(name))
  if (lacking === undefined) return undefined
  return { code: names.includes(lacking) ? 'optional' : 'missing', name: lacking }
}

const namesIn = (nodes: Node[]): string[] =>
  nodes.flatMap((node) => ('name' in node ? [node.name] : 'optional' in node ? namesIn(node.optional) : []))

/** The name that was probably meant: at most a third of its letters are others. */
function nearest(typed: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, far: distance(plain(typed), plain(name)) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far)
  return best?.name
}

const plain = (name: string) => name.toLowerCase().replaceAll('ё', 'е').replaceAll(/\s+/g, ' ')

/** How many letters are to be put in, taken out or changed (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, sign] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min((row[j] ?? 0) + (sign === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    row = next
  }
  return row.at(-1) ?? 0
}
