import { readBirthDate } from '../person/birth-dates.ts'

/** Longer is no name with a date. In characters. */
const most = 150

/** What may stand between a name and a date: «…, », « (», «, д.р. », « - ». */
const between = /^[\s,;:(–—-]*(?:(?:дата рождения|д\.\s?р\.?|род(?:илась|ился)?\.?)[\s:]*)?$/iu

/**
 * «Иванова Анна Петровна, 05.03.2009», «Иванова А.П. (5 марта 2009 г.р.)»: the two apart, each as it is written;
 * undefined for anything else. A year alone counts as a date that has to be asked about.
 * @param named whether the label speaks of a date as well; else a mere number is none
 */
export function nameAndDate(raw: string, named: boolean): [name: string, date: string] | undefined {
  const text = raw.replace(/\s+/gu, ' ').trim()
  const at = text.search(/\d/u)
  if (at < 3 || text.length > most) return undefined
  // «Иванова Анна «05» марта 2009»
  const before = text.slice(0, at).replace(/[«"]$/u, '')
  const date = text
    .slice(before.length)
    .replace(/\s*\)\s*\.?$/u, '')
    .trim()
  const [, name = '', sign = ''] =
    /^(.*?[\p{L}.])([^\p{L}.]*(?:дата рождения.*|д\.\s?р.*|род(?:илась|ился)?\.?\s*)?)$/iu.exec(before) ?? []
  if (!between.test(sign) || sign === '' || !/^[\p{L}.'’ -]+$/u.test(name)) return undefined
  const read = readBirthDate(date)
  const isYear = /^\d{4}\s*(?:г\.?\s?р|г|год|года рождения)?\.?$/iu.test(date)
  return typeof read === 'string' || (isYear && (named || /\D/u.test(date))) ? [name, date] : undefined
}
