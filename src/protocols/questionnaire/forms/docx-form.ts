import { serialiseDocument } from '../../xml/serialise.ts'
import { element, type XmlElement } from '../../xml/xml.ts'
import { zipBytes } from '../../zip/write-zip.ts'
import type { FormPage } from './form.ts'

/** Twentieths of a point, WordprocessingML's unit: A4 and its margins. */
const short = 11_906
const long = 16_838
const edge = 1_134

const namespaces = {
  main: 'http://schemas.openxmlformats.org/wordprocessingml/2006/main',
  relationships: 'http://schemas.openxmlformats.org/package/2006/relationships',
  types: 'http://schemas.openxmlformats.org/package/2006/content-types',
  office: 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  custom: 'http://schemas.openxmlformats.org/officeDocument/2006/custom-properties',
  values: 'http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes',
}

/** The form as a DOCX (ECMA-376 part 1). */
export function writeDocx(page: FormPage): Promise<Buffer> {
  const files: Record<string, XmlElement> = {
    '[Content_Types].xml': contentTypes(),
    '_rels/.rels': relationships([
      ['officeDocument', 'word/document.xml'],
      ['custom-properties', 'docProps/custom.xml'],
    ]),
    'word/document.xml': documentOf(page),
    'word/styles.xml': styles(),
    'word/_rels/document.xml.rels': relationships([['styles', 'styles.xml']]),
    'docProps/custom.xml': properties(page.libraryCode),
  }
  return zipBytes(
    Object.entries(files).map(([name, root]) => ({ name, bytes: Buffer.from(serialiseDocument(root)) })),
  )
}

function contentTypes(): XmlElement {
  const word = 'application/vnd.openxmlformats-officedocument.wordprocessingml'
  const overrides = {
    '/word/document.xml': `${word}.document.main+xml`,
    '/word/styles.xml': `${word}.styles+xml`,
    '/docProps/custom.xml': 'application/vnd.openxmlformats-officedocument.custom-properties+xml',
  }
  return element('Types', { xmlns: namespaces.types }, [
    element('Default', {
      Extension: 'rels',
      ContentType: 'application/vnd.openxmlformats-package.relationships+xml',
    }),
    element('Default', { Extension: 'xml', ContentType: 'application/xml' }),
    ...Object.entries(overrides).map(([PartName, ContentType]) =>
      element('Override', { PartName, ContentType }),
    ),
  ])
}

const relationships = (all: readonly (readonly [type: string, target: string])[]): XmlElement =>
  element(
    'Relationships',
    { xmlns: namespaces.relationships },
    all.map(([type, Target], index) =>
      element('Relationship', { Id: `r${index + 1}`, Type: `${namespaces.office}/${type}`, Target }),
    ),
  )

const properties = (code: string): XmlElement =>
  element('Properties', { xmlns: namespaces.custom, 'xmlns:vt': namespaces.values }, [
    element(
      'property',
      { fmtid: '{D5CDD505-2E9C-101B-9397-08002B2CF9AE}', pid: '2', name: 'Код библиотеки' },
      [element('vt:lpwstr', {}, [code])],
    ),
  ])

const val = (name: string, value: string | number): XmlElement => element(name, { 'w:val': String(value) })

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

function documentOf(page: FormPage): XmlElement {
  const [width, height] = page.landscape ? [long, short] : [short, long]
  const size = { 'w:w': String(width), 'w:h': String(height) }
  const margins = Object.fromEntries(
    ['top', 'right', 'bottom', 'left'].map((side) => [`w:${side}`, String(edge)]),
  )
  const body = element('w:body', {}, [
    paragraph(page.title, { large: true }),
    ...page.above.map((text) => paragraph(text)),
    tableOf(page, width - 2 * edge),
    paragraph(''),
    ...page.below.map((text) => paragraph(text)),
    element('w:sectPr', {}, [
      element('w:pgSz', { ...size, 'w:orient': page.landscape ? 'landscape' : 'portrait' }),
      element('w:pgMar', { ...margins, 'w:header': '567', 'w:footer': '567', 'w:gutter': '0' }),
    ]),
  ])
  return element('w:document', { 'xmlns:w': namespaces.main }, [body])
}

function paragraph(text: string, { large = false, bold = false, tight = false } = {}): XmlElement {
  const look = [...(bold || large ? [element('w:b')] : []), ...(large ? [val('w:sz', 30)] : [])]
  const run = element('w:r', {}, [
    ...(look.length > 0 ? [element('w:rPr', {}, look)] : []),
    element('w:t', { 'xml:space': 'preserve' }, [text]),
  ])
  const space = element('w:pPr', {}, [element('w:spacing', { 'w:before': '60', 'w:after': '60' })])
  return element('w:p', {}, [...(tight ? [space] : []), ...(text === '' ? [] : [run])])
}

function tableOf({ rows, widths, header }: FormPage, width: number): XmlElement {
  const wide = widths.map((share) => Math.round((width * share) / 100))
  const sides = ['top', 'left', 'bottom', 'right', 'insideH', 'insideV']
  return element('w:tbl', {}, [
    element('w:tblPr', {}, [
      element('w:tblW', { 'w:w': String(width), 'w:type': 'dxa' }),
      // By a cell's inner margin, so that the border stands under the text's edge.
      element('w:tblInd', { 'w:w': '100', 'w:type': 'dxa' }),
      element(
        'w:tblBorders',
        {},
        sides.map((side) =>
          element(`w:${side}`, { 'w:val': 'single', 'w:sz': '4', 'w:space': '0', 'w:color': '808080' }),
        ),
      ),
      element('w:tblLayout', { 'w:type': 'fixed' }),
    ]),
    element(
      'w:tblGrid',
      {},
      wide.map((each) => element('w:gridCol', { 'w:w': String(each) })),
    ),
    ...rows.map((row, index) =>
      element('w:tr', {}, [
        element('w:trPr', {}, [
          element('w:cantSplit'),
          ...(header && index === 0 ? [element('w:tblHeader')] : []),
        ]),
        ...row.map((text, column) =>
          element('w:tc', {}, [
            element('w:tcPr', {}, [element('w:tcW', { 'w:w': String(wide[column]), 'w:type': 'dxa' })]),
            paragraph(text, { bold: header ? index === 0 : column === 0, tight: true }),
          ]),
        ),
      ]),
    ),
  ])
}
