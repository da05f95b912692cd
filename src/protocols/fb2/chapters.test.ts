import { describe, expect, test } from 'vitest'
import type { ZipInput } from '../zip/write-zip.ts'
import { breach, convert } from './converted.fixtures.ts'
import type { MadeFb2 } from './fb2.fixtures.ts'

const filler = (count: number) => '<p>Слово за словом, строка за строкой.</p>'.repeat(count)

const sizes = (entries: readonly ZipInput[]) =>
  entries.filter(({ name }) => name.includes('/text/')).map(({ bytes }) => bytes.length)

const sections = (count: number) => ({ body: '<section><p>x</p></section>'.repeat(count) })

describe('a long book is divided', () => {
  test.each<[string, MadeFb2]>([
    ['between its paragraphs', { body: `<section>${filler(9_000)}</section>` }],
    [
      'between its sections',
      { body: `<section><title><p>P</p></title>${`<section>${filler(500)}</section>`.repeat(9)}</section>` },
    ],
    [
      'within a poem',
      {
        body: `<section><poem>${'<stanza><v>Мой дядя</v><v>самых</v></stanza>'.repeat(5_000)}</poem></section>`,
      },
    ],
    ['in its notes', { rest: `<body name="notes">${`<section>${filler(100)}</section>`.repeat(50)}</body>` }],
  ])('%s, into files below 100 kB', (_where, made) => {
    const entries = convert(made)
    expect(Math.max(...sizes(entries))).toBeLessThan(100_000)
    expect(sizes(entries).length).toBeLessThan(30)
    expect(breach(entries)).toBeNull()
  })

  test('one file for each section, unless they are thousands', () => {
    expect(sizes(convert(sections(50)))).toHaveLength(51)
    expect(sizes(convert(sections(5_000))).length).toBeLessThan(50)
  })

  test('also a chapter of a hundred thousand paragraphs', () => {
    expect(
      sizes(convert({ body: `<section>${'<p>x</p>'.repeat(150_000)}</section>` })).length,
    ).toBeGreaterThan(10)
  })

  test('and loses no word', () => {
    const words = Array.from({ length: 20_000 }, (_, index) => `слово${index}`)
    const body = `<section><p>${words.slice(0, 10).join('</p><p>')}</p><section><cite><p>${words.slice(10).join('</p><p>')}</p></cite></section></section>`
    const text = convert({ body })
      .filter(({ name }) => name.includes('/text/chapter'))
      .map(({ bytes }) => Buffer.from(bytes).toString())
      .join('')
    expect(text.match(/слово\d+/g)).toEqual(words)
  })
})
