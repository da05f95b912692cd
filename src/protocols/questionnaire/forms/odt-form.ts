import { serialiseDocument } from '../../xml/serialise.ts'
import { element, type XmlElement } from '../../xml/xml.ts'
import { zipBytes } from '../../zip/write-zip.ts'
import { formMediaTypes, type FormPage } from './form.ts'

const oasis = 'urn:oasis:names:tc:opendocument:xmlns'
const namespaces = {
  'xmlns:office': `${oasis}:office:1.0`,
  'xmlns:style': `${oasis}:style:1.0`,
  'xmlns:text': `${oasis}:text:1.0`,
  'xmlns:table': `${oasis}:table:1.0`,
  'xmlns:fo': `${oasis}:xsl-fo-compatible:1.0`,
  'xmlns:meta': `${oasis}:meta:1.0`,
  'xmlns:dc': 'http://purl.org/dc/elements/1.1/',
  'office:version': '1.3',
}

/** Millimetres. */
const edge = 20

/** The form as an ODT (OASIS ODF 1.3): `mimetype` comes first and stored (part 2, §3.3). */
export function writeOdt(page: FormPage): Promise<Buffer> {
  const files: Record<string, XmlElement> = {
    'META-INF/manifest.xml': manifest(),
    'content.xml': contentOf(page),
    'styles.xml': stylesOf(page),
    'meta.xml': metaOf(page),
  }
  return zipBytes([
    { name: 'mimetype', bytes: Buffer.from(formMediaTypes.odt), stored: true },
    ...Object.entries(files).map(([name, root]) => ({ name, bytes: Buffer.from(serialiseDocument(root)) })),
  ])
}

function manifest(): XmlElement {
  const file = (path: string, type: string) =>
    element('manifest:file-entry', { 'manifest:full-path': path, 'manifest:media-type': type })
  return element(
    'manifest:manifest',
    { 'xmlns:manifest': `${oasis}:manifest:1.0`, 'manifest:version': '1.3' },
    [
      file('/', formMediaTypes.odt),
      ...['content.xml', 'styles.xml', 'meta.xml'].map((name) => file(name, 'text/xml')),
    ],
  )
}

const metaOf = ({ title, libraryCode }: FormPage): XmlElement =>
  element('office:document-meta', namespaces, [
    element('office:meta', {}, [
      element('dc:title', {}, [title]),
      element('dc:language', {}, ['ru-RU']),
      element('meta:user-defined', { 'meta:name': 'Код библиотеки', 'meta:value-type': 'string' }, [
        libraryCode,
      ]),
    ]),
  ])

function stylesOf({ landscape }: FormPage): XmlElement {
  const [width, height] = landscape ? ['297mm', '210mm'] : ['210mm', '297mm']
  const layout = element('style:page-layout', { 'style:name': 'sheet' }, [
    element('style:page-layout-properties', {
      'fo:page-width': width,
      'fo:page-height': height,
      'style:print-orientation': landscape ? 'landscape' : 'portrait',
      'fo:margin': `${edge}mm`,
    }),
  ])
  const text = element('style:default-style', { 'style:family': 'paragraph' }, [
    element('style:paragraph-properties', { 'fo:margin-bottom': '2mm' }),
    element('style:text-properties', {
      'fo:font-family': 'Arial',
      'fo:font-size': '11pt',
      'fo:language': 'ru',
      'fo:country': 'RU',
    }),
  ])
  const master = element('style:master-page', { 'style:name': 'Standard', 'style:page-layout-name': 'sheet' })
  return element('office:document-styles', namespaces, [
    element('office:styles', {}, [text]),
    element('office:automatic-styles', {}, [layout]),
    element('office:master-styles', {}, [master]),
  ])
}

const style = (family: string, name: string, properties: XmlElement): XmlElement =>
  element('style:style', { 'style:family': family, 'style:name': name }, [properties])

const inCell = (name: string, weight: string): XmlElement =>
  element('style:style', { 'style:family': 'paragraph', 'style:name': name }, [
    element('style:paragraph-properties', { 'fo:margin-bottom': '0mm' }),
    element('style:text-properties', { 'fo:font-weight': weight }),
  ])

function contentOf(page: FormPage): XmlElement {
  const width = (page.landscape ? 297 : 210) - 2 * edge
  const styles = [
    style(
      'paragraph',
      'title',
      element('style:text-properties', { 'fo:font-size': '15pt', 'fo:font-weight': 'bold' }),
    ),
    inCell('label', 'bold'),
    inCell('value', 'normal'),
    style(
      'table-cell',
      'cell',
      element('style:table-cell-properties', { 'fo:border': '0.5pt solid #808080', 'fo:padding': '1.2mm' }),
    ),
    ...page.widths.map((share, index) =>
      style(
        'table-column',
        `column${index}`,
        element('style:table-column-properties', { 'style:column-width': `${(width * share) / 100}mm` }),
      ),
    ),
  ]
  const body = element('office:text', {}, [
    paragraph(page.title, 'title'),
    ...page.above.map((text) => paragraph(text)),
    tableOf(page),
    paragraph(''),
    ...page.below.map((text) => paragraph(text)),
  ])
  return element('office:document-content', namespaces, [
    element('office:automatic-styles', {}, styles),
    element('office:body', {}, [body]),
  ])
}

const paragraph = (text: string, name?: string): XmlElement =>
  element('text:p', { 'text:style-name': name }, text === '' ? [] : [text])

function tableOf({ rows, widths, header }: FormPage): XmlElement {
  const made = rows.map((row, index) =>
    element(
      'table:table-row',
      {},
      row.map((text, column) =>
        element('table:table-cell', { 'table:style-name': 'cell' }, [
          paragraph(text, (header ? index === 0 : column === 0) ? 'label' : 'value'),
        ]),
      ),
    ),
  )
  return element('table:table', { 'table:name': 'Анкета', 'table:style-name': 'form' }, [
    ...widths.map((_, index) => element('table:table-column', { 'table:style-name': `column${index}` })),
    ...(header ? [element('table:table-header-rows', {}, made.slice(0, 1)), ...made.slice(1)] : made),
  ])
}
