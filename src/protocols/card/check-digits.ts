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
  // Pages use it, also in browsers that know no `toReversed`.
  return [...digits].reverse().map(Number)
}

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * ISO/IEC 7064, MOD 37,36: a digit or a letter that checks digits and letters.
 * @param text digits and capital Latin letters, without the check character
 */
export function mod37CheckCharacter(text: string): string {
  if (!/^[0-9A-Z]+$/.test(text)) throw new RangeError('digits and capital Latin letters expected')
  let product = 36
  for (const sign of text) product = (((product + alphanumeric.indexOf(sign)) % 36 || 36) * 2) % 37
  return alphanumeric[(37 - product) % 36] ?? ''
}

export const checkKinds = ['ean13', 'mod10', 'luhn', 'mod37', 'none'] as const
/** How the last sign of a number checks the others; `ean13` is `mod10` over exactly 12 digits. */
export type CheckKind = (typeof checkKinds)[number]

const algorithms = {
  ean13: mod10CheckDigit,
  mod10: mod10CheckDigit,
  luhn: luhnCheckDigit,
  mod37: mod37CheckCharacter,
  none: () => '',
} as const satisfies Record<CheckKind, (payload: string) => string>

/** Whether letters can be checked as well as digits. */
export const checksLetters = (kind: CheckKind): boolean => kind === 'mod37' || kind === 'none'

/** What the number ends with besides its own signs. @throws RangeError for letters where only digits are checked */
export const checkDigit = (kind: CheckKind, payload: string): string => algorithms[kind](payload)

export const checksOut = (kind: CheckKind, number: string): boolean =>
  kind === 'none' ||
  (number.length > 1 &&
    (checksLetters(kind) || /^\d+$/.test(number)) &&
    checkDigit(kind, number.slice(0, -1)) === number.at(-1))
