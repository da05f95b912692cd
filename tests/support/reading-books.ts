import { page } from '../../src/protocols/epub/epub.fixtures.ts'
import type { MadeEpub } from '../../src/protocols/epub/epub.fixtures.ts'

const text = (words: string) => `<p>${`${words} `.repeat(60)}</p>`
const item = (name: string, type = 'application/xhtml+xml', more = '') =>
  `<item id="${name.replaceAll(/\W/g, '-')}" href="${name}" media-type="${type}" ${more}/>`
const itemref = (name: string) => `<itemref idref="${name.replaceAll(/\W/g, '-')}"/>`
const metadata = (title: string, language: string, more = '') =>
  `<dc:title>${title}</dc:title><dc:language>${language}</dc:language>${more}`

const nav = (lines: readonly [name: string, label: string][]) =>
  page(
    `<nav><ol>${lines.map(([name, label]) => `<li><a href="${name}">${label}</a></li>`).join('')}</ol></nav>`,
  )

const names = [
  'text/noted.xhtml',
  'text/broken.xhtml',
  'text/third.xhtml',
  'text/fourth.xhtml',
  'text/notes.xhtml',
  'text/tables.xhtml',
]

const table = (cell: string, columns: number, more = '') =>
  `<table ${more}>${`<tr>${`<td>${cell}</td>`.repeat(columns)}</tr>`.repeat(3)}</table>`

/** A text that flows, with notes, style sheets of all kinds, and a chapter that isn't well-formed. */
export const flowingBook: MadeEpub = {
  metadata: metadata('Текущая книга', 'ru'),
  manifest:
    names.map((name) => item(name)).join('') +
    ['look.css', 'imported.css', 'night.css'].map((name) => item(name, 'text/css')).join('') +
    item('nav.xhtml', 'application/xhtml+xml', 'properties="nav"'),
  spine: `<spine>${names.map(itemref).join('')}</spine>`,
  files: {
    'OPS/nav.xhtml': nav([
      ['text/noted.xhtml', 'С примечанием'],
      ['text/broken.xhtml', 'С ошибкой'],
      ['text/third.xhtml', 'Третья'],
      ['text/fourth.xhtml', 'Четвёртая'],
      ['text/notes.xhtml', 'Примечания'],
      ['text/tables.xhtml', 'С таблицами'],
    ]),
    'OPS/look.css':
      '@import "imported.css"; .wide { letter-spacing: 1px } @media (min-width: 3000px) { .wide { letter-spacing: 9px } }',
    'OPS/imported.css': '.imported { letter-spacing: 2px }',
    'OPS/night.css': '.wide { letter-spacing: 5px }',
    'OPS/text/noted.xhtml': page(
      `<p class="wide">Широкое слово</p><p class="imported">Слово<a id="r1" href="notes.xhtml#n1"><sup>1</sup></a> с примечанием.</p>${text('Первая глава.')}`,
    ).replace(
      '</head>',
      '<link rel="stylesheet" href="../look.css"/><link rel="alternate stylesheet" href="../night.css"/></head>',
    ),
    'OPS/text/broken.xhtml': `<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>Незакрытый <b>абзац и &nbsp; знак & всё<br>${text('Вторая глава.')}</body></html>`,
    'OPS/text/third.xhtml': page(text('Третья глава.')),
    'OPS/text/fourth.xhtml': page(text('Четвёртая глава.').repeat(10)),
    'OPS/text/notes.xhtml': page(
      '<div id="n1"><p>1. Само примечание. <a href="noted.xhtml#r1">↩</a></p></div>',
    ),
    'OPS/text/tables.xhtml': page(
      [
        '<p>Таблицы.</p>',
        table('слово', 3, 'id="narrow"'),
        table('<i>Буквенно</i>', 5, 'id="wide"'),
        table('Превысокомногорассмотрительствующий', 4, 'id="long"'),
        table('Ещё слова и цифры', 3, 'id="given" style="white-space: nowrap" width="900"').replaceAll(
          '<td>',
          '<td width="300">',
        ),
        `<div style="overflow-x: auto">${table('Прокрученные слова', 6, 'id="scrolled"')}</div>`,
      ].join(''),
    ).replace('</head>', '<style>td { border: 1px solid; padding: 0 4px; hyphens: manual }</style></head>'),
  },
}

const pages = [1, 2, 3, 4].map((number) => `page${number}.xhtml`)

/** Six hundred by eight hundred, from right to left. */
export const fixedBook: MadeEpub = {
  metadata: metadata('Рисованная книга', 'ar', '<meta property="rendition:layout">pre-paginated</meta>'),
  manifest: pages.map((name) => item(name)).join(''),
  spine: `<spine page-progression-direction="rtl">${pages.map(itemref).join('')}</spine>`,
  files: Object.fromEntries(
    pages.map((name, index) => [
      `OPS/${name}`,
      page(`<p style="margin: 380px 0 0 250px">Лист ${index + 1}</p>`).replace(
        '</head>',
        '<meta name="viewport" content="width=600, height=800"/></head>',
      ),
    ]),
  ),
}
