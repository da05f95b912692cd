/**
 * The text form in which ИРБИС exports and imports records («Структура текстового файла документов»): a line
 * per field, `#МММ: данные` (a space after `#` and leading zeros are free), subfields `^A…^B…`, `*****` after
 * each record.
 */

export interface IrbisField {
  /** Number, without leading zeros. */
  tag: string
  value: string
}

export interface IrbisResult {
  /** Place of the record in the file, from 1. */
  place: number
  /** Line of the file where it begins, from 1. */
  line: number
  fields: IrbisField[]
  /** A line that is no field; the others stand. */
  fault?: 'line' | 'cut_off'
}

const fieldLine = /^#\s*0*(\d{1,5})\s*(?::\s?|\s|$)(.*)$/u
const endLine = /^\*{5}\s*$/u

export const looksLikeIrbisText = (text: string): boolean =>
  text
    .slice(0, 4000)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, 3)
    .every((line) => fieldLine.test(line) || endLine.test(line)) && /^\uFEFF?\s*#/u.test(text)

/** Every record; a broken one is named, and the rest goes on. The last may lack its end line. */
export function* readIrbisText(text: string): Generator<IrbisResult> {
  let place = 0
  let current: IrbisResult | undefined
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/u)
    .entries()) {
    if (endLine.test(line)) {
      if (current) yield current
      current = undefined
      continue
    }
    if (line.trim() === '') continue
    current ??= { place: (place += 1), line: index + 1, fields: [] }
    const [, tag, value = ''] = fieldLine.exec(line) ?? []
    if (tag === undefined) current.fault = 'line'
    else current.fields.push({ tag, value })
  }
  if (current) yield { ...current, fault: current.fault ?? 'cut_off' }
}

/** One record with its end line. Line ends inside a value have no place in the form: they become spaces. */
export const writeIrbisText = (fields: readonly IrbisField[]): string =>
  `${fields.map(({ tag, value }) => `#${tag}: ${value.replace(/\s*[\r\n\u2028\u2029\u0085]+\s*/gu, ' ')}\r\n`).join('')}*****\r\n`
