import { randomInt } from 'node:crypto'

/**
 * Letters and digits of generated passwords. No two look alike, and each Cyrillic letter stands for at
 * most one of them, whether it was typed for its look (с for c) or in the wrong keyboard layout (ф for a):
 * so either slip of the hand is mended without guessing.
 */
export const passwordAlphabet = 'acdekmnpuwx23456789'
const generatedLength = 8

const byLook = { а: 'a', е: 'e', к: 'k', м: 'm', р: 'p', с: 'c', х: 'x' }
const byLayout = { ф: 'a', в: 'd', у: 'e', л: 'k', ь: 'm', т: 'n', з: 'p', г: 'u', ц: 'w', ч: 'x' }
const meant = new Map(Object.entries({ ...byLayout, ...byLook }))

/** Eight signs, about 34 bits: enough behind argon2id and slowed sign-in, short enough for a grandmother. */
export const generatePassword = (): string =>
  Array.from({ length: generatedLength }, () => passwordAlphabet[randomInt(passwordAlphabet.length)]).join('')

/** What was meant by what was typed for a generated password: case, look-alikes, keyboard layout, spaces. */
export const foldGenerated = (typed: string): string =>
  [...typed.normalize('NFC').toLowerCase().replace(/[\s-]/g, '')]
    .map((sign) => meant.get(sign) ?? sign)
    .join('')
