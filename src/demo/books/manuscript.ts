import { readdir, readFile } from 'node:fs/promises'

export type ManuscriptFormat = 'epub3' | 'epub2' | 'fb2' | 'fb2-1251' | 'fixed'

/** A block of text: a paragraph, a quotation, a heading inside a chapter, verse (its lines), or a break. */
export type Block =
  | { kind: 'paragraph' | 'quotation' | 'heading'; text: string }
  | { kind: 'verse'; lines: string[] }
  | { kind: 'break' }

export interface Chapter {
  title: string
  blocks: Block[]
}

/** One publication of the demonstration region, as it is written in `texts/`. */
export interface Manuscript {
  slug: string
  title: string
  author: string
  annotation: string
  year: number
  age: string
  format: ManuscriptFormat
  licence: string
  language: string
  series: string | undefined
  number: string | undefined
  cover: string
  colours: [string, string]
  chapters: Chapter[]
}

const folder = new URL('texts/', import.meta.url)

export async function readManuscripts(): Promise<Manuscript[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).toSorted()
  return Promise.all(
    names.map(async (name) =>
      parseManuscript(name.replace('.md', ''), await readFile(new URL(name, folder), 'utf8')),
    ),
  )
}

export function parseManuscript(slug: string, source: string): Manuscript {
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(source) ?? []
  const fields = new Map(
    head
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const field = (name: string, otherwise = '') => fields.get(name) ?? otherwise
  const [ground = '#1f4e5f', figure = '#f2d7a0'] = field('colours').split(/\s+/)
  return {
    slug,
    title: field('title', slug),
    author: field('author'),
    annotation: field('annotation'),
    year: Number(field('year', '2026')),
    age: field('age', 'none'),
    format: field('format', 'epub3') as ManuscriptFormat,
    licence: field('licence', 'none'),
    language: field('language', 'ru'),
    series: fields.get('series'),
    number: fields.get('number'),
    cover: field('cover', 'lamp'),
    colours: [ground, figure],
    chapters: chaptersOf(body),
  }
}

function chaptersOf(body: string): Chapter[] {
  return body
    .split(/^# /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...rest] = part.split('\n')
      return {
        title: title.trim(),
        blocks: rest
          .join('\n')
          .split(/\n\s*\n/)
          .map(blockOf)
          .filter((block) => block !== undefined),
      }
    })
}

/** A dash never begins a line inside a sentence. */
const typeset = (text: string) => text.replaceAll(' — ', '\u00A0— ')

function blockOf(raw: string): Block | undefined {
  const source = typeset(raw.replace(/^\n+|\n+$/g, ''))
  if (source.trim() === '') return undefined
  if (/^(\*\s*\*\s*\*|---)$/.test(source.trim())) return { kind: 'break' }
  if (source.split('\n').some((line) => line.endsWith('  ')))
    return { kind: 'verse', lines: source.split('\n').map((line) => line.trim()) }
  if (source.startsWith('## ')) return { kind: 'heading', text: source.slice(3).trim() }
  if (source.startsWith('>'))
    return { kind: 'quotation', text: source.replace(/^>\s?/gm, '').replaceAll('\n', ' ').trim() }
  return { kind: 'paragraph', text: source.replaceAll('\n', ' ').trim() }
}
