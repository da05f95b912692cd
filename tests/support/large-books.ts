import sharp from 'sharp'
import { madeEpub, page } from '../../src/protocols/epub/epub.fixtures.ts'

const words =
  'снег река берег письмо дорога вечер окно лампа тишина голос сосед печь метель лошадь город станция поезд утро туман лес'.split(
    ' ',
  )

/** The same numbers at every run. */
function createDice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const dice = createDice(7)
const sentence = () =>
  Array.from({ length: 12 }, () => `${words[dice(words.length)]}${dice(90) + 10}`).join(' ') + '.'
const paragraphs = (count: number) =>
  Array.from({ length: count }, () => `<p>${sentence()} ${sentence()} ${sentence()}</p>`).join('\n')

/** A photograph as far as its size goes: noise hardly gets smaller. */
const picture = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .jpeg({ quality: 80 })
    .toBuffer()

export const firstSentence = 'Так начинается большая книга.'

/** An EPUB of more than 5 MB: forty chapters, a photograph in each. */
export async function largeEpub(title: string): Promise<Buffer> {
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1)
  const photograph = await picture(470)
  const chapter = (number: number) =>
    page(
      `<h1>Глава ${number}</h1>${number === 1 ? `<p>${firstSentence}</p>` : ''}<p><img src="../${number}.jpg" alt="Снимок"/></p>${paragraphs(60)}`,
    ).replace('</head>', '<link rel="stylesheet" href="../look.css"/></head>')
  return madeEpub({
    metadata: `<dc:title>${title}</dc:title><dc:language>ru</dc:language>`,
    manifest:
      '<item id="css" href="look.css" media-type="text/css"/><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>' +
      numbers
        .map(
          (number) =>
            `<item id="t${number}" href="text/${number}.xhtml" media-type="application/xhtml+xml"/><item id="p${number}" href="${number}.jpg" media-type="image/jpeg"/>`,
        )
        .join(''),
    spine: `<spine>${numbers.map((number) => `<itemref idref="t${number}"/>`).join('')}</spine>`,
    files: {
      'OPS/look.css': 'p { text-indent: 1.5em; margin: 0 }',
      'OPS/nav.xhtml': page(
        `<nav><ol>${numbers.map((number) => `<li><a href="text/${number}.xhtml">Глава ${number}</a></li>`).join('')}</ol></nav>`,
      ),
      ...Object.fromEntries(numbers.map((number) => [`OPS/text/${number}.xhtml`, chapter(number)])),
      ...Object.fromEntries(numbers.map((number) => [`OPS/${number}.jpg`, photograph])),
    },
  })
}

/** An FB2 of more than 5 MB, all of it text but for one photograph. */
export async function largeFb2(title: string): Promise<Buffer> {
  const sections = Array.from(
    { length: 40 },
    (_, index) =>
      `<section><title><p>Глава ${index + 1}</p></title>${index === 0 ? `<p>${firstSentence}</p>` : ''}${paragraphs(280)}</section>`,
  )
  const photograph = (await picture(470)).toString('base64')
  return Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">` +
      `<description><title-info><book-title>${title}</book-title><lang>ru</lang></title-info></description>` +
      `<body>${sections.join('\n')}<section><image l:href="#p"/><p>Конец.</p></section></body>` +
      `<binary id="p" content-type="image/jpeg">${photograph}</binary></FictionBook>`,
  )
}
