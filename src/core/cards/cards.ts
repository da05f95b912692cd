/**
 * EAN-13 check digit (GS1 General Specifications, 7.9): weights 1 and 3 from the left over 12 digits.
 * @param twelve exactly 12 digits
 */
export function ean13CheckDigit(twelve: string): string {
  if (!/^\d{12}$/.test(twelve)) throw new RangeError('12 digits expected')
  const sum = [...twelve].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  )
  return String((10 - (sum % 10)) % 10)
}

export const isCardNumber = (text: string): boolean =>
  /^\d{13}$/.test(text) && ean13CheckDigit(text.slice(0, 12)) === text[12]

/**
 * A card number: 2 (GS1 leaves numbers that begin with it for use inside an organisation), the library's
 * three-digit code, an eight-digit serial that is never repeated in the region, the check digit.
 */
export function cardNumber(libraryCode: string, serial: number): string {
  const twelve = `2${libraryCode}${String(serial).padStart(8, '0')}`
  return twelve + ean13CheckDigit(twelve)
}

/** As it is printed and read aloud: 2 001 0000 0012 3 → groups of a size that people keep in mind. */
export const spacedCardNumber = (number: string): string =>
  number.replace(/^(\d)(\d{3})(\d{4})(\d{4})(\d)$/, '$1 $2 $3 $4 $5')

/** What a person typed or scanned, without the spaces and dashes that people put between groups. */
export const typedCardNumber = (text: string): string => text.replace(/[\s\u2010-\u2015-]/g, '')
