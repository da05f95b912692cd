import { PNG } from '../epub/epub.fixtures.ts'

export interface MadeFb2 {
  titleInfo?: string
  /** Elements of `description` after `title-info`. */
  furtherInfo?: string
  /** Content of the first body. */
  body?: string
  /** Further bodies and binaries. */
  rest?: string
}

export const PNG_BINARY = `<binary id="pic.png" content-type="image/png">${PNG.toString('base64')}</binary>`

/** A small FB2 document. */
export function madeFb2({ titleInfo, furtherInfo = '', body, rest = '' }: MadeFb2 = {}): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0" xmlns:l="http://www.w3.org/1999/xlink">' +
    `<description><title-info>${titleInfo ?? '<book-title>Книга</book-title><lang>ru</lang>'}</title-info>` +
    `${furtherInfo}</description>` +
    `<body>${body ?? '<section><title><p>Глава</p></title><p>Текст</p></section>'}</body>${rest}</FictionBook>`
  )
}
