import { describe, expect, it } from 'vitest'
import { questionnairesIn } from '../documents.ts'
import { blocksOfPage } from './pdf-layout.ts'
import type { PlacedText } from './pdf-text.ts'

const letter = 5
const height = 10
const left = (text: string, x: number, y: number): PlacedText => ({
  text,
  x,
  y,
  width: text.length * letter,
  height,
})
const right = (text: string, end: number, y: number) => left(text, end - text.length * letter, y)

const edges = [0, 200, 320, 440, 560]
/** A page with a ruled table of four columns; a cell's text begins or ends as far from its border as is told. */
const ruled = (rows: readonly (readonly PlacedText[])[]) => {
  const bottom = 1000 - rows.length * 20
  return blocksOfPage(
    rows.flat(),
    {
      upright: edges.map((x) => ({ x, from: bottom, to: 1000 })),
      across: Array.from({ length: rows.length + 1 }, (_, index) => ({
        y: 1000 - index * 20,
        from: 0,
        to: 560,
      })),
    },
    1,
  )
}
const y = (row: number) => 1000 - row * 20 - 15
const header = ['ФИО', 'Дата рождения', 'Электронная почта', 'Телефон'].map((text, column) =>
  left(text, (edges[column] ?? 0) + 20, y(0)),
)
const roomy = [
  left('Котова Анна', 2, y(2)),
  left('01.02.2008', 202, y(2)),
  left('c@d.ru', 322, y(2)),
  left('89101234567', 442, y(2)),
]

const readers = (rows: readonly (readonly PlacedText[])[]) =>
  questionnairesIn({ blocks: ruled(rows) }, '', '2026-11-24').questionnaires

describe('a text that reaches to its column’s border', () => {
  it.each([
    ['Иванова Анна', '2009-03-1', 'a@bibl.gov', true],
    ['Иванова Анна Петровна', '15.03.2009', '', false],
  ])('is doubtful unless its end is known to be whole: %s, %s', (name, date, email, cut) => {
    const row = [
      right(name, 198, y(1)),
      right(date, 318, y(1)),
      right(email, 438, y(1)),
      left('89107654321', 500, y(1)),
    ].map((text, column) => ({ ...text, x: (edges[column] ?? 0) + 2, width: 116 + (column === 0 ? 80 : 0) }))
    const [reader] = readers([header, row.filter(({ text }) => text !== ''), roomy])
    expect(reader?.fullName.raw).toBe(name)
    for (const field of [reader?.fullName, reader?.birthDate])
      expect(field?.doubts.includes('incomplete')).toBe(cut)
    if (email) expect(reader?.email.doubts).toContain('incomplete')
    expect(reader?.phone.doubts).not.toContain('incomplete')
  })

  it('makes nothing doubtful where room is left', () => {
    const [, reader] = readers([header, roomy.map((text) => ({ ...text, y: y(1) })), roomy])
    for (const field of [reader?.fullName, reader?.birthDate, reader?.email])
      expect(field?.doubts).not.toContain('incomplete')
  })

  it('on the left is doubtful, too, where the column isn’t aligned to the left', () => {
    const name = 'ванова Анна Петровна'
    const cells = (row: number, texts: readonly string[]) =>
      texts.map((text, column) => right(text, (edges[column + 1] ?? 0) - 2, y(row)))
    const first = cells(1, [name, '5.03.2009', 'a@b.ru', '89107654321'])
    const [longest] = first
    if (longest) Object.assign(longest, { x: 2, width: 196 })
    const read = readers([
      header,
      first,
      cells(2, ['Котов Лев Ильич', '01.02.2008', 'c@d.ru', '89101234567']),
    ])
    expect(read.map(({ fullName }) => fullName.doubts.includes('incomplete'))).toEqual([true, false])
  })
})

describe('a page of lines', () => {
  const table = (top: number) => [
    left('ФИО', 10, top),
    left('Телефон', 300, top),
    left('Котова Анна', 10, top - 12),
    left('89101234567', 300, top - 12),
  ]
  const noTables = (count: number) =>
    Array.from({ length: count }, (_, index) => [
      left('ФИО', 10, 5000 - index * 100),
      left('Телефон', 300, 5000 - index * 100),
      left('ничего', 10, 5000 - index * 100 - 12),
    ]).flat()
  const kinds = (texts: PlacedText[]) =>
    blocksOfPage(texts, { upright: [], across: [] }, 1).filter(({ kind }) => kind === 'table').length

  it('is searched for a table behind nineteen headers of none, not behind twenty', () => {
    expect(kinds(table(100))).toBe(1)
    expect(kinds([...noTables(19), ...table(100)])).toBe(1)
    expect(kinds([...noTables(20), ...table(100)])).toBe(0)
  })

  it('is read to its end, however many words a line has', () => {
    const words = Array.from({ length: 20_000 }, (_, index) => left('ФИО', index * 18, 100))
    expect(kinds(words)).toBe(0)
  })
})
