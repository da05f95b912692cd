import { serialiseDocument } from '../xml/serialise.ts'
import { element, type XmlElement } from '../xml/xml.ts'
import { zipBytes } from '../zip/write-zip.ts'

/** What a DOCX is made of (ECMA-376 part 1). */
export interface DocxParts {
  /** Children of the body, without its section. */
  body: readonly XmlElement[]
  landscape?: boolean
  /** Custom properties: programs read them, people don't see them. */
  properties?: Readonly<Record<string, string>>
  /** Pictures by the ids that `picture` was given. */
  pictures?: Readonly<Record<string, Buffer>>
  /** Addresses by the ids that `linked` was given. */
  links?: Readonly<Record<string, string>>
}

/** Twentieths of a point, WordprocessingML's unit: A4 and its margins. */
const short = 11_906
const long = 16_838
const edge = 1_134

/** Between the margins, in the same unit. */
export const docxWidth = (landscape: boolean): number => (landscape ? long : short) - 2 * edge

const office = 'http://schemas.openxmlformats.org/officeDocument/2006'
const drawing = 'http://schemas.openxmlformats.org/drawingml/2006'
const namespaces = {
  main: 'http://schemas.openxmlformats.org/wordprocessingml/2006/main',
  relationships: 'http://schemas.openxmlformats.org/package/2006/relationships',
  types: 'http://schemas.openxmlformats.org/package/2006/content-types',
}

/** The file; the same bytes for the same parts. */
export function docxBytes(parts: DocxParts): Promise<Buffer> {
  const { properties, pictures = {}, links = {} } = parts
  const files: Record<string, XmlElement> = {
    '[Content_Types].xml': contentTypes(properties !== undefined),
    '_rels/.rels': relationships([
      { type: 'officeDocument', target: 'word/document.xml' },
      ...(properties ? [{ type: 'custom-properties', target: 'docProps/custom.xml' }] : []),
    ]),
    'word/document.xml': documentOf(parts),
    'word/styles.xml': styles(),
    'word/_rels/document.xml.rels': relationships([
      { type: 'styles', target: 'styles.xml' },
      ...Object.keys(pictures).map((id) => ({ id, type: 'image', target: `media/${id}.png` })),
      ...Object.entries(links).map(([id, target]) => ({ id, type: 'hyperlink', target, outside: true })),
    ]),
    ...(properties && { 'docProps/custom.xml': customProperties(properties) }),
  }
  return zipBytes([
    ...Object.entries(files).map(([name, root]) => ({ name, bytes: Buffer.from(serialiseDocument(root)) })),
    ...Object.entries(pictures).map(([id, bytes]) => ({ name: `word/media/${id}.png`, bytes })),
  ])
}

function contentTypes(withProperties: boolean): XmlElement {
  const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
  const defaults = {
    rels: 'application/vnd.openxmlformats-package.relationships+xml',
    xml: 'application/xml',
    png: 'image/png',
  }
  const overrides = {
    '/word/document.xml': `${word}.document.main+xml`,
    '/word/styles.xml': `${word}.styles+xml`,
    ...(withProperties && {
      '/docProps/custom.xml': 'application/vnd.openxmlformats-officedocument.custom-properties+xml',
    }),
  }
  return element('Types', { xmlns: namespaces.types }, [
    ...Object.entries(defaults).map(([Extension, ContentType]) =>
      element('Default', { Extension, ContentType }),
    ),
    ...Object.entries(overrides).map(([PartName, ContentType]) =>
      element('Override', { PartName, ContentType }),
    ),
  ])
}

const relationships = (
  all: readonly { id?: string; type: string; target: string; outside?: boolean }[],
): XmlElement =>
  element(
    'Relationships',
    { xmlns: namespaces.relationships },
    all.map(({ id, type, target, outside }, index) =>
      element('Relationship', {
        Id: id ?? `r${index + 1}`,
        Type: `${office}/relationships/${type}`,
        Target: target,
        ...(outside && { TargetMode: 'External' }),
      }),
    ),
  )

const customProperties = (properties: Readonly<Record<string, string>>): XmlElement =>
  element(
    'Properties',
    { xmlns: `${office}/custom-properties`, 'xmlns:vt': `${office}/docPropsVTypes` },
    Object.entries(properties).map(([name, value], index) =>
      element(
        'property',
        // The first two ids are the format's own.
        { fmtid: '{D5CDD505-2E9C-101B-9397-08002B2CF9AE}', pid: String(index + 2), name },
        [element('vt:lpwstr', {}, [value])],
      ),
    ),
  )

export const val = (name: string, value: string | number): XmlElement =>
  element(name, { 'w:val': String(value) })

function styles(): XmlElement {
  const font = { 'w:ascii': 'Arial', 'w:hAnsi': 'Arial', 'w:cs': 'Arial' }
  return element('w:styles', { 'xmlns:w': namespaces.main }, [
    element('w:docDefaults', {}, [
      element('w:rPrDefault', {}, [
        element('w:rPr', {}, [element('w:rFonts', font), val('w:sz', 22), val('w:lang', 'ru-RU')]),
      ]),
      element('w:pPrDefault', {}, [element('w:pPr', {}, [element('w:spacing', { 'w:after': '100' })])]),
    ]),
  ])
}

function documentOf({ body, landscape = false }: DocxParts): XmlElement {
  const [width, height] = landscape ? [long, short] : [short, long]
  const size = { 'w:w': String(width), 'w:h': String(height) }
  const margins = Object.fromEntries(
    ['top', 'right', 'bottom', 'left'].map((side) => [`w:${side}`, String(edge)]),
  )
  return element('w:document', { 'xmlns:w': namespaces.main, 'xmlns:r': `${office}/relationships` }, [
    element('w:body', {}, [
      ...body,
      element('w:sectPr', {}, [
        element('w:pgSz', { ...size, 'w:orient': landscape ? 'landscape' : 'portrait' }),
        element('w:pgMar', { ...margins, 'w:header': '567', 'w:footer': '567', 'w:gutter': '0' }),
      ]),
    ]),
  ])
}

/** How a paragraph looks: `large` a title, `tight` within a table, `indent` in twentieths of a point. */
export interface Look {
  large?: boolean
  bold?: boolean
  tight?: boolean
  indent?: number
  /** Stays on the page of the paragraph after it. */
  withNext?: boolean
}

export function paragraph(content: string | readonly XmlElement[], look: Look = {}): XmlElement {
  const { large = false, bold = false, tight = false, indent = 0, withNext = false } = look
  const runs = typeof content === 'string' ? (content === '' ? [] : [run(content, { large, bold })]) : content
  const properties = [
    ...(withNext ? [element('w:keepNext')] : []),
    ...(tight ? [element('w:spacing', { 'w:before': '60', 'w:after': '60' })] : []),
    // The number or dash hangs before the text.
    ...(indent > 0
      ? [element('w:ind', { 'w:left': String(indent), 'w:hanging': String(Math.min(indent, 340)) })]
      : []),
  ]
  return element('w:p', {}, [...(properties.length > 0 ? [element('w:pPr', {}, properties)] : []), ...runs])
}

/** Text in one look; a line break of it is one of the document's. */
export function run(text: string, { large = false, bold = false } = {}): XmlElement {
  const look = [...(bold || large ? [element('w:b')] : []), ...(large ? [val('w:sz', 30)] : [])]
  return element('w:r', {}, [
    ...(look.length > 0 ? [element('w:rPr', {}, look)] : []),
    ...text
      .split('\n')
      .flatMap((line, index) => [
        ...(index > 0 ? [element('w:br')] : []),
        element('w:t', { 'xml:space': 'preserve' }, [line]),
      ]),
  ])
}

/** Text that opens the address which `links` has under this id. */
export const linked = (id: string, text: string): XmlElement =>
  element('w:hyperlink', { 'r:id': id }, [
    element('w:r', {}, [
      element('w:rPr', {}, [val('w:color', '1F4E5F'), val('w:u', 'single')]),
      element('w:t', { 'xml:space': 'preserve' }, [text]),
    ]),
  ])

/** English Metric Units of a millimetre. */
const perMillimetre = 36_000

/** A square PNG which `pictures` has under this id. @param side in millimetres */
export function picture(id: string, side: number, description: string): XmlElement {
  const size = { cx: String(side * perMillimetre), cy: String(side * perMillimetre) }
  const still = { distT: '0', distB: '0', distL: '0', distR: '0' }
  const drawn = element('pic:pic', { 'xmlns:pic': `${drawing}/picture` }, [
    element('pic:nvPicPr', {}, [
      element('pic:cNvPr', { id: '1', name: `${id}.png` }),
      element('pic:cNvPicPr'),
    ]),
    element('pic:blipFill', {}, [
      element('a:blip', { 'r:embed': id }),
      element('a:stretch', {}, [element('a:fillRect')]),
    ]),
    element('pic:spPr', {}, [
      element('a:xfrm', {}, [element('a:off', { x: '0', y: '0' }), element('a:ext', size)]),
      element('a:prstGeom', { prst: 'rect' }, [element('a:avLst')]),
    ]),
  ])
  return element('w:r', {}, [
    element('w:drawing', {}, [
      element('wp:inline', { 'xmlns:wp': `${drawing}/wordprocessingDrawing`, ...still }, [
        element('wp:extent', size),
        element('wp:docPr', { id: '1', name: id, descr: description }),
        element('a:graphic', { 'xmlns:a': `${drawing}/main` }, [
          element('a:graphicData', { uri: `${drawing}/picture` }, [drawn]),
        ]),
      ]),
    ]),
  ])
}
