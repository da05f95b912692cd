/** Number formats that show a day (ECMA-376 part 1, §18.8.30): some by number, others by their code. */
export function showsDay(id: number, code: string | undefined): boolean {
  if ((id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)) return true
  return code !== undefined && /[dy]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\.|_.|\*./gu, ''))
}

/** The day of a serial number: 1 is 1 January 1900, and 60 a day that never was; or from 1904. */
export function serialDay(serial: number, from1904: boolean): string | undefined {
  if (!(serial >= 1 && serial < 100_000)) return undefined
  const days = Math.floor(serial) + (from1904 ? 1462 : 0)
  const moment = new Date(Date.UTC(1899, 11, days < 60 ? 31 : 30) + days * 86_400_000)
  return moment.toISOString().slice(0, 10)
}

/** A number as a person sees it: a day where its format shows one, long numbers without an exponent. */
export function dayOrNumber(value: number, isDay: boolean, from1904: boolean): string {
  const day = isDay ? serialDay(value, from1904) : undefined
  // Card numbers of more than 15 digits are kept by spreadsheets as text, or not at all.
  return day ?? (Number.isInteger(value) ? value.toFixed(0) : String(value))
}

/** A column's letters and a row's number as both count from 0: `C5` → 2 and 4. */
export function cellPlace(reference: string): { column: number; row: number } | undefined {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/u.exec(reference) ?? []
  if (letters === '') return undefined
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
  return { column, row: Number(digits) - 1 }
}

/** A column's letters: 2 → `C`. */
export function columnLetters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26))
  return column < 26 ? last : columnLetters(Math.floor(column / 26) - 1) + last
}
