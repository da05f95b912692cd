/**
 * Weights 3 and 1 in turn from the right, modulo 10 (GS1 General Specifications, 7.9): over 12 digits it is
 * EAN-13's check digit.
 * @param digits one digit or more, without the check digit
 */
export function mod10CheckDigit(digits: string): string {
  const sum = digitsFromRight(digits).reduce((total, digit, place) => total + digit * (place % 2 ? 1 : 3), 0)
  return String((10 - (sum % 10)) % 10)
}

/** ISO/IEC 7812-1, annex B: from the right every other digit is doubled, and its own digits are added. */
export function luhnCheckDigit(digits: string): string {
  const doubled = (digit: number) => (digit * 2 > 9 ? digit * 2 - 9 : digit * 2)
  const sum = digitsFromRight(digits).reduce(
    (total, digit, place) => total + (place % 2 ? digit : doubled(digit)),
    0,
  )
  return String((10 - (sum % 10)) % 10)
}

function digitsFromRight(digits: string): number[] {
  if (!/^\d+$/.test(digits)) throw new RangeError('digits expected')
  return [...digits].toReversed().map(Number)
}

export const checkKinds = ['ean13', 'mod10', 'luhn', 'none'] as const
/** How the last digit of a number checks the others; `ean13` is `mod10` over exactly 12 digits. */
export type CheckKind = (typeof checkKinds)[number]

/** What the number ends with besides its own digits. */
export function checkDigit(kind: CheckKind, digits: string): string {
  if (kind === 'none') return ''
  return kind === 'luhn' ? luhnCheckDigit(digits) : mod10CheckDigit(digits)
}

export const checksOut = (kind: CheckKind, number: string): boolean =>
  kind === 'none' || (number.length > 1 && checkDigit(kind, number.slice(0, -1)) === number.at(-1))
