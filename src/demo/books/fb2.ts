import { escapeText } from '#protocols/xml/serialise.ts'
import { coverJpeg } from './covers.ts'
import type { Block, Manuscript } from './manuscript.ts'

/** An FB2 in UTF-8, or in windows-1251 as many are. */
export async function fb2File(manuscript: Manuscript): Promise<Buffer> {
  const old = manuscript.format === 'fb2-1251'
  const [first = '', last = ''] = manuscript.author.split(/\s+(?=\S+$)/)
  const cover = (await coverJpeg(manuscript)).toString('base64')
  const source = `<?xml version="1.0" encoding="${old ? 'windows-1251' : 'UTF-8'}"?>
<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink"><description><title-info><genre>prose</genre><author><first-name>${escapeText(first)}</first-name><last-name>${escapeText(last)}</last-name></author><book-title>${escapeText(manuscript.title)}</book-title><annotation><p>${escapeText(manuscript.annotation)}</p></annotation><date>${manuscript.year}</date><coverpage><image l:href="#cover.jpg"/></coverpage><lang>${manuscript.language}</lang></title-info><document-info><author><nickname>demo</nickname></author><date>${manuscript.year}</date><id>demo-${manuscript.slug}</id><version>1.0</version></document-info></description>
<body>${manuscript.chapters.map((chapter) => `<section><title><p>${escapeText(chapter.title)}</p></title>${chapter.blocks.map(blockMarkup).join('')}</section>`).join('\n')}</body>
<binary id="cover.jpg" content-type="image/jpeg">${cover}</binary></FictionBook>`
  return old ? windows1251(source) : Buffer.from(source)
}

function blockMarkup(block: Block): string {
  if (block.kind === 'break') return '<subtitle>* * *</subtitle>'
  if (block.kind === 'heading') return `<subtitle>${escapeText(block.text)}</subtitle>`
  if (block.kind === 'verse')
    return `<poem><stanza>${block.lines.map((line) => `<v>${escapeText(line)}</v>`).join('')}</stanza></poem>`
  if (block.kind === 'quotation') return `<cite><p>${escapeText(block.text)}</p></cite>`
  return `<p>${escapeText(block.text)}</p>`
}

/**
 * Node decodes windows-1251 but doesn't encode it: the table is turned round. A sign that the table lacks is
 * an error in the text, never a question mark in the book.
 */
function windows1251(text: string): Buffer {
  const decoder = new TextDecoder('windows-1251')
  const codes = new Map(Array.from({ length: 256 }, (_, code) => [decoder.decode(Uint8Array.of(code)), code]))
  return Buffer.from(
    Array.from(text, (sign) => {
      const code = codes.get(sign)
      if (code === undefined) throw new Error(`windows-1251 has no «${sign}»`)
      return code
    }),
  )
}
