import Pdf from 'pdfkit'
import { createRequire } from 'node:module'
import { buffer } from 'node:stream/consumers'
import { zipBytes } from '../zip/write-zip.ts'
import { escapeText } from '../xml/serialise.ts'

/** Files as office programs write them, made small: a table each, or paragraphs. */

export type Rows = readonly (readonly string[])[]

const word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

export const docxOf = (body: string): Promise<Buffer> =>
  zipBytes([
    { name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') },
    {
      name: 'word/document.xml',
      bytes: Buffer.from(`<w:document ${word}><w:body>${body}</w:body></w:document>`),
    },
  ])

export const docxParagraph = (text: string): string =>
  `<w:p>${text
    .split('\n')
    .map((line) => `<w:r><w:t xml:space="preserve">${escapeText(line)}</w:t></w:r>`)
    .join('<w:r><w:br/></w:r>')}</w:p>`

export const docxTable = (rows: Rows): string =>
  `<w:tbl>${rows
    .map((row) => `<w:tr>${row.map((text) => `<w:tc>${docxParagraph(text)}</w:tc>`).join('')}</w:tr>`)
    .join('')}</w:tbl>`

export const odtOf = (rows: Rows): Promise<Buffer> =>
  zipBytes([
    { name: 'mimetype', bytes: Buffer.from('application/vnd.oasis.opendocument.text'), stored: true },
    {
      name: 'content.xml',
      bytes: Buffer.from(
        `<office:document-content><office:body><office:text><table:table>${rows
          .map(
            (row) =>
              `<table:table-row>${row
                .map((text) => `<table:table-cell><text:p>${escapeText(text)}</text:p></table:table-cell>`)
                .join('')}</table:table-row>`,
          )
          .join('')}</table:table></office:text></office:body></office:document-content>`,
      ),
    },
  ])

/** A cell: text, or a number with a style: 0 general, 1 a day. */
export type SheetCell = string | { number: number; style?: 0 | 1 }

const column = (index: number) => String.fromCharCode(65 + index)

export const xlsxOf = (rows: readonly (readonly SheetCell[])[]): Promise<Buffer> =>
  zipBytes([
    { name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') },
    {
      name: 'xl/workbook.xml',
      bytes: Buffer.from(
        '<workbook><sheets><sheet name="Лист1" sheetId="1" r:id="rId1"/></sheets></workbook>',
      ),
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: Buffer.from(
        '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
    },
    {
      name: 'xl/styles.xml',
      bytes: Buffer.from('<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'),
    },
    {
      name: 'xl/worksheets/sheet1.xml',
      bytes: Buffer.from(
        `<worksheet><sheetData>${rows
          .map(
            (row, at) =>
              `<row r="${at + 1}">${row
                .map((cell, index) => {
                  const place = `${column(index)}${at + 1}`
                  return typeof cell === 'string'
                    ? `<c r="${place}" t="inlineStr"><is><t>${escapeText(cell)}</t></is></c>`
                    : `<c r="${place}" s="${cell.style ?? 0}"><v>${cell.number}</v></c>`
                })
                .join('')}</row>`,
          )
          .join('')}</sheetData></worksheet>`,
      ),
    },
  ])

const rtfText = (text: string) =>
  [...text]
    .map((sign) => {
      const code = sign.charCodeAt(0)
      if ('\\{}'.includes(sign)) return `\\${sign}`
      return code < 128 ? sign : `\\u${code > 32_767 ? code - 65_536 : code}?`
    })
    .join('')

export const rtfOf = (rows: Rows): Buffer =>
  Buffer.from(
    `{\\rtf1\\ansi\\ansicpg1251\\deff0{\\fonttbl{\\f0\\fcharset204 Arial;}}{\\header ${rtfText('Телефон: 8 999 000-00-00')}\\par}\\pard ${rows
      .map(
        (row) =>
          `\\trowd${row.map((_, index) => `\\cellx${(index + 1) * 3000}`).join('')}${row
            .map((text) => `\\pard\\intbl ${rtfText(text)}\\cell`)
            .join('')}\\row`,
      )
      .join('\n')}\\pard\\par}`,
    'latin1',
  )

export const csvOf = (rows: Rows, delimiter = ';'): string =>
  rows
    .map((row) =>
      row.map((text) => (/[;,"\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(delimiter),
    )
    .join('\r\n')

export const htmlOf = (rows: Rows): string =>
  `<!DOCTYPE html><html><body><table>${rows
    .map((row) => `<tr>${row.map((text) => `<td><p>${escapeText(text)}</p></td>`).join('')}</tr>`)
    .join('')}</table></body></html>`

const { resolve } = createRequire(import.meta.url)
const font = resolve('@expo-google-fonts/golos-text/400Regular/GolosText_400Regular.ttf')

/** A table with lines around its cells; texts that are too long for a cell go on below, as in any program. */
export function pdfOf(rows: Rows): Promise<Buffer> {
  const doc = new Pdf({ size: 'A4', layout: 'landscape', margin: 30 })
  doc.font(font).fontSize(9)
  const width = 780 / Math.max(...rows.map((row) => row.length))
  let y = 40
  for (const row of rows) {
    const height = Math.max(...row.map((text) => doc.heightOfString(text || ' ', { width: width - 8 }))) + 8
    if (y + height > 560) {
      doc.addPage()
      y = 40
    }
    for (const [index, text] of row.entries()) {
      doc.rect(30 + index * width, y, width, height).stroke()
      doc.text(text, 34 + index * width, y + 4, { width: width - 8 })
    }
    y += height
  }
  doc.end()
  return buffer(doc)
}

/** Bytes of a text in a single-byte encoding. */
export function encodedAs(text: string, encoding: string): Buffer {
  const letters = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  return Buffer.from([...text].map((sign) => Math.max(letters.indexOf(sign), 0)))
}
