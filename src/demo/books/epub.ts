import type { ZipInput } from '#protocols/zip/write-zip.ts'
import { escapeAttribute, escapeText } from '#protocols/xml/serialise.ts'
import { coverJpeg, coverSvg } from './covers.ts'
import type { Block, Chapter, Manuscript } from './manuscript.ts'

/** Pages of a fixed-layout book, in CSS pixels. */
const page = { width: 600, height: 800 }

const css = `body{font-family:serif;line-height:1.45;margin:0 5%}h1{font-size:1.4em;text-align:left;margin:1.2em 0 .8em;hyphens:none}
p{margin:0;text-indent:1.4em}h1+p,hr+p{text-indent:0}blockquote{margin:1em 1.5em;font-style:italic}
.verse{margin:1em 0;text-indent:0}hr{border:0;text-align:center;margin:1.2em 0}hr::before{content:"* * *"}figure{margin:1em 0;text-align:center}`

const fixedCss = `html,body{margin:0;width:${page.width}px;height:${page.height}px;overflow:hidden}svg{position:absolute;inset:0}
p{position:absolute;left:40px;right:40px;bottom:36px;margin:0;padding:18px 22px;background:#fffffff0;border-radius:14px;font:24px/1.35 sans-serif;color:#1d2527}`

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
    text(
      'EPUB/nav.xhtml',
      xhtml(
        manuscript,
        manuscript.title,
        `<nav xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"><h1>${escapeText(manuscript.title)}</h1><ol>${manuscript.chapters.map((chapter, index) => `<li><a href="${names[index]}">${escapeText(chapter.title)}</a></li>`).join('')}</ol></nav>`,
      ),
    ),
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
              `<h1>${escapeText(chapter.title)}</h1>${picture(manuscript, index)}${chapter.blocks.map(blockMarkup).join('\n')}`,
            ),
      ),
    ),
  ]
}

/** The first text of the region comes with a picture before each chapter. */
const picture = (manuscript: Manuscript, index: number) =>
  manuscript.slug.startsWith('01')
    ? `<figure>${sized(coverSvg({ cover: ['forest', 'lamp', 'birds', 'house'][index % 4] ?? 'forest', colours: manuscript.colours }), 200, 300)}</figure>`
    : ''

const sized = (svg: string, width: number, height: number) =>
  svg.replace('<svg ', `<svg width="${width}" height="${height}" role="img" aria-hidden="true" `)

function fixedPage(manuscript: Manuscript, chapter: Chapter, index: number): string {
  const scenes = ['stars', 'snow', 'forest', 'house', 'river', 'boat', 'birds', 'river']
  const svg = sized(
    coverSvg({ cover: scenes[index % scenes.length] ?? 'river', colours: manuscript.colours }),
    page.width,
    page.height,
  ).replace('viewBox="0 0 600 900"', 'viewBox="0 50 600 800"')
  const words = chapter.blocks.map((block) => ('text' in block ? block.text : '')).join(' ')
  return xhtml(
    manuscript,
    chapter.title,
    `${svg}<p>${escapeText(words)}</p>`,
    `<meta name="viewport" content="width=${page.width}, height=${page.height}"/>`,
  )
}

function blockMarkup(block: Block): string {
  if (block.kind === 'break') return '<hr/>'
  if (block.kind === 'verse') return `<p class="verse">${block.lines.map(escapeText).join('<br/>')}</p>`
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
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf"><dc:identifier id="id">urn:demo:${manuscript.slug}</dc:identifier><dc:title>${escapeText(manuscript.title)}</dc:title><dc:creator>${escapeText(manuscript.author)}</dc:creator><dc:language>${manuscript.language}</dc:language><dc:date>${manuscript.year}</dc:date><dc:description>${escapeText(manuscript.annotation)}</dc:description><dc:publisher>Демонстрационное издательство</dc:publisher>${epub2 ? '' : meta('dcterms:modified', `${manuscript.year}-01-01T00:00:00Z`)}${manuscript.format === 'fixed' ? meta('rendition:layout', 'pre-paginated') : ''}${series}<meta name="cover" content="cover"/></metadata>
<manifest>${epub2 ? '' : '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'}<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/><item id="css" href="book.css" media-type="text/css"/><item id="cover" href="cover.jpg" media-type="image/jpeg"${epub2 ? '' : ' properties="cover-image"'}/>${names.map((name, index) => `<item id="c${index + 1}" href="${name}" media-type="application/xhtml+xml"${!epub2 && (manuscript.format === 'fixed' || manuscript.slug.startsWith('01')) ? ' properties="svg"' : ''}/>`).join('')}</manifest>
<spine toc="ncx">${names.map((_, index) => `<itemref idref="c${index + 1}"/>`).join('')}</spine></package>`
}

const ncx = (manuscript: Manuscript, names: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head><meta name="dtb:uid" content="urn:demo:${manuscript.slug}"/></head><docTitle><text>${escapeText(manuscript.title)}</text></docTitle><navMap>${manuscript.chapters.map((chapter, index) => `<navPoint id="n${index + 1}" playOrder="${index + 1}"><navLabel><text>${escapeText(chapter.title)}</text></navLabel><content src="${names[index]}"/></navPoint>`).join('')}</navMap></ncx>`
