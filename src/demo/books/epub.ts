import type { ZipInput } from '#protocols/zip/write-zip.ts'
import { escapeAttribute, escapeText } from '#protocols/xml/serialise.ts'
import { coverJpeg } from './covers.ts'
import type { Block, Chapter, Manuscript } from './manuscript.ts'
import { badgerPictures } from './pictures/badger.ts'
import { snowflakePictures } from './pictures/snowflake.ts'

/** Pages of a fixed-layout book, in CSS pixels. */
const page = { width: 600, height: 800 }

const css = `body{font-family:serif;line-height:1.45;margin:0 5%}h1,h2{text-align:left;hyphens:none;break-after:avoid}h1{font-size:1.4em;margin:1.2em 0 .8em}h2{font-size:1.1em;margin:1.6em 0 .6em}
p{margin:0;text-indent:1.4em}h1+p,h2+p,hr+p,figure+p{text-indent:0}blockquote{margin:1em 1.5em;font-style:italic}blockquote p{text-indent:0}
.verse{margin:1em 0;break-inside:avoid}.verse p{padding-left:1.4em;text-indent:-1.4em;hyphens:none}hr{border:0;text-align:center;margin:1.2em 0}hr::before{content:"* * *"}
figure{margin:1em 0;text-align:center}figure svg{width:100%;max-width:30em;height:auto}`

const fixedCss = `html,body{margin:0;width:${page.width}px;height:${page.height}px;overflow:hidden;background:#fffdf6;color:#1d2527}
svg{position:absolute;left:0;top:0}p{position:absolute;left:32px;right:32px;top:622px;margin:0;font:28px/1.3 sans-serif;text-align:center}`

/** The files of an EPUB 3 (or 2): reflowable chapters, or one fixed page per chapter. */
export async function epubFiles(manuscript: Manuscript): Promise<ZipInput[]> {
  const fixed = manuscript.format === 'fixed'
  const names = manuscript.chapters.map((_, index) => `chapter${index + 1}.xhtml`)
  const text = (name: string, body: string, stored = false): ZipInput => ({
    name,
    bytes: Buffer.from(body),
    stored,
  })
  return [
    text('mimetype', 'application/epub+zip', true),
    text(
      'META-INF/container.xml',
      `<?xml version="1.0" encoding="UTF-8"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>`,
    ),
    text('EPUB/package.opf', packageDocument(manuscript, names)),
    ...(manuscript.format === 'epub2' ? [] : [text('EPUB/nav.xhtml', navigation(manuscript, names))]),
    text('EPUB/toc.ncx', ncx(manuscript, names)),
    text('EPUB/book.css', fixed ? fixedCss : css),
    { name: 'EPUB/cover.jpg', bytes: await coverJpeg(manuscript) },
    ...manuscript.chapters.map((chapter, index) =>
      text(
        `EPUB/${names[index]}`,
        fixed
          ? fixedPage(manuscript, chapter, index)
          : xhtml(
              manuscript,
              chapter.title,
              `<h1>${escapeText(chapter.title)}</h1>${figure(manuscript, index)}${chapter.blocks.map(blockMarkup).join('\n')}`,
            ),
      ),
    ),
  ]
}

/** Pictures by publication: one for each chapter. */
const pictures: Record<string, string[]> = {
  '01-kuda-uhodit-den': badgerPictures,
  '03-snezhinka-i-more': snowflakePictures,
}

const pictureOf = ({ slug }: Manuscript, index: number): string | undefined => pictures[slug]?.[index]

function figure(manuscript: Manuscript, index: number): string {
  const picture = pictureOf(manuscript, index)
  return picture ? `<figure>${picture}</figure>` : ''
}

/** The picture above, the words below it, so that neither covers the other. */
function fixedPage(manuscript: Manuscript, chapter: Chapter, index: number): string {
  const words = chapter.blocks.map((block) => ('text' in block ? block.text : '')).join(' ')
  return xhtml(
    manuscript,
    chapter.title,
    `${pictureOf(manuscript, index) ?? ''}<p>${escapeText(words)}</p>`,
    `<meta name="viewport" content="width=${page.width}, height=${page.height}"/>`,
  )
}

function blockMarkup(block: Block): string {
  if (block.kind === 'break') return '<hr/>'
  if (block.kind === 'heading') return `<h2>${escapeText(block.text)}</h2>`
  if (block.kind === 'verse')
    return `<div class="verse">${block.lines.map((line) => `<p>${escapeText(line)}</p>`).join('')}</div>`
  if (block.kind === 'quotation') return `<blockquote><p>${escapeText(block.text)}</p></blockquote>`
  return `<p>${escapeText(block.text)}</p>`
}

const xhtml = ({ language }: Manuscript, title: string, body: string, head = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml" lang="${language}" xml:lang="${language}"><head><title>${escapeText(title)}</title>${head}<link rel="stylesheet" type="text/css" href="book.css"/></head><body>${body}</body></html>`

function packageDocument(manuscript: Manuscript, names: string[]): string {
  const epub2 = manuscript.format === 'epub2'
  const meta = (property: string, value: string) => `<meta property="${property}">${escapeText(value)}</meta>`
  const series = manuscript.series
    ? epub2
      ? `<meta name="calibre:series" content="${escapeAttribute(manuscript.series)}"/><meta name="calibre:series_index" content="${manuscript.number ?? '1'}"/>`
      : `<meta property="belongs-to-collection" id="series">${escapeText(manuscript.series)}</meta><meta refines="#series" property="collection-type">series</meta><meta refines="#series" property="group-position">${manuscript.number ?? '1'}</meta>`
    : ''
  return `<?xml version="1.0" encoding="UTF-8"?><package xmlns="http://www.idpf.org/2007/opf" version="${epub2 ? '2.0' : '3.0'}" unique-identifier="id" xml:lang="${manuscript.language}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:identifier id="id">urn:demo:${manuscript.slug}</dc:identifier><dc:title>${escapeText(manuscript.title)}</dc:title><dc:creator>${escapeText(manuscript.author)}</dc:creator><dc:language>${manuscript.language}</dc:language><dc:date>${manuscript.year}</dc:date><dc:description>${escapeText(manuscript.annotation)}</dc:description><dc:publisher>Демонстрационное издательство</dc:publisher>${epub2 ? '' : meta('dcterms:modified', `${manuscript.year}-01-01T00:00:00Z`)}${manuscript.format === 'fixed' ? meta('rendition:layout', 'pre-paginated') + meta('rendition:spread', 'none') : ''}${series}<meta name="cover" content="cover"/></metadata>
<manifest>${epub2 ? '' : '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="css" href="book.css" media-type="text/css"/><item id="cover" href="cover.jpg" media-type="image/jpeg"${epub2 ? '' : ' properties="cover-image"'}/>${names.map((name, index) => `<item id="c${index + 1}" href="${name}" media-type="application/xhtml+xml"${!epub2 && pictureOf(manuscript, index) ? ' properties="svg"' : ''}/>`).join('')}</manifest>
<spine toc="ncx">${names.map((_, index) => `<itemref idref="c${index + 1}"/>`).join('')}</spine></package>`
}

const navigation = (manuscript: Manuscript, names: string[]) =>
  xhtml(
    manuscript,
    manuscript.title,
    `<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><h1>${escapeText(manuscript.title)}</h1><ol>${manuscript.chapters.map((chapter, index) => `<li><a href="${names[index]}">${escapeText(chapter.title)}</a></li>`).join('')}</ol></nav>`,
  )

const ncx = (manuscript: Manuscript, names: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head><meta name="dtb:uid" content="urn:demo:${manuscript.slug}"/></head><docTitle><text>${escapeText(manuscript.title)}</text></docTitle><navMap>${manuscript.chapters.map((chapter, index) => `<navPoint id="n${index + 1}" playOrder="${index + 1}"><navLabel><text>${escapeText(chapter.title)}</text></navLabel><content src="${names[index]}"/></navPoint>`).join('')}</navMap></ncx>`
