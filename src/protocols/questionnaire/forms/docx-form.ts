import { docxBytes, docxWidth, paragraph } from '../../docx/package.ts'
import { element, type XmlElement } from '../../xml/xml.ts'
import type { FormPage } from './form.ts'

/** The form as a DOCX (ECMA-376 part 1). */
export const writeDocx = (page: FormPage): Promise<Buffer> =>
  docxBytes({
    landscape: page.landscape,
    properties: { 'Код библиотеки': page.libraryCode },
    body: [
      paragraph(page.title, { large: true }),
      ...page.above.map((text) => paragraph(text)),
      tableOf(page, docxWidth(page.landscape)),
      paragraph(''),
      ...page.below.map((text) => paragraph(text)),
    ],
  })

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
