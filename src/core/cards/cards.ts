import { checksOut, mod10CheckDigit } from '#protocols/card/check-digits.ts'
import { ean13Scheme, numberOf } from '#protocols/card/scheme.ts'

/**
 * EAN-13 check digit (GS1 General Specifications, 7.9).
 * @param twelve exactly 12 digits
 */
export function ean13CheckDigit(twelve: string): string {
  if (!/^\d{12}$/.test(twelve)) throw new RangeError('12 digits expected')
  return mod10CheckDigit(twelve)
}

export const isEan13 = (text: string): boolean => /^\d{13}$/.test(text) && checksOut('ean13', text)

/**
 * What the number is printed as. Scanners read an EAN-13 that begins with 0 as a UPC-A without that 0, so such
 * a number is a Code 128.
 */
export const symbologyOf = (number: string): 'ean13' | 'code128' =>
  isEan13(number) && !number.startsWith('0') ? 'ean13' : 'code128'

/** A number of the scheme that holds until a region chooses another. */
export const cardNumber = (libraryCode: string, serial: number): string => {
  const number = numberOf(ean13Scheme, libraryCode, serial)
  if (!number) throw new RangeError('the serial is too long')
  return number
}

/** As it is printed and read aloud, in groups of a size that people keep in mind: 2 001 0000 0012 3, KO 0001 23. */
export const spacedCardNumber = (number: string): string =>
  isEan13(number) && number.startsWith('2')
    ? number.replace(/^(\d)(\d{3})(\d{4})(\d{4})(\d)$/, '$1 $2 $3 $4 $5')
    : number.replace(/[A-Z]+(?=\d{3})/g, '$& ').replace(/\d{4}(?=\d{2})/g, '$& ')
