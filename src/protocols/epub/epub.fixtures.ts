import { zipBytes, type ZipInput } from '../zip/write-zip.ts'

export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export const CONTAINER =
  '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">' +
  '<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'

export const page = (body: string) =>
  `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>${body}</body></html>`

export interface MadeEpub {
  version?: string
  metadata?: string
  /** Further manifest items. */
  manifest?: string
  spine?: string
  guide?: string
  /** Entries added or, under the same name, put in place of the usual. */
  files?: Record<string, string | Uint8Array>
}

/** The package document of the book that `madeEpub` makes. */
export function opfOf({ version = '3.0', metadata, manifest = '', spine, guide = '' }: MadeEpub): string {
  return (
    `<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="${version}" unique-identifier="id">` +
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">' +
    `${metadata ?? '<dc:title>Book</dc:title>'}</metadata>` +
    '<manifest><item id="c1" href="text/one.xhtml" media-type="application/xhtml+xml"/>' +
    '<item id="c2" href="text/two%20more.xhtml" media-type="application/xhtml+xml"/>' +
    '<item id="pic" href="pic.png" media-type="image/png"/>' +
    `${manifest}</manifest>${spine ?? '<spine><itemref idref="c1"/><itemref idref="c2" linear="no"/></spine>'}` +
    `${guide}</package>`
  )
}

/** A small book: two chapters, a picture; anything in it can be replaced. */
export function madeEpub(made: MadeEpub = {}): Promise<Buffer> {
  const files: Record<string, string | Uint8Array> = {
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': CONTAINER,
    'OPS/book.opf': opfOf(made),
    'OPS/text/one.xhtml': page('<p>One</p>'),
    'OPS/text/two more.xhtml': page('<p>Two</p>'),
    'OPS/pic.png': PNG,
    ...made.files,
  }
  const entries: ZipInput[] = Object.entries(files).map(([name, content]) => ({
    name,
    bytes: Buffer.from(content),
    stored: name === 'mimetype',
  }))
  return zipBytes(entries)
}
