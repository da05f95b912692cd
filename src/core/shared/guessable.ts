import { createRequire } from 'node:module'

const rows = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'йцукенгшщзхъ', 'фывапролджэ', 'ячсмитьбю']

/** Words of this very place, which those who know it try first. */
const ownWords =
  'password|passw0rd|library|reader|librarian|smart|пароль|библиотека|читатель|библиотекарь|книга|книги'
const ownWord = new RegExp(String.raw`^(?:${ownWords}|[-_. ])+[\d!._-]*$`)

/**
 * What everybody tries first: one sign again and again, keys in a row, this place's own words, what stands on lists of
 * passwords that others have chosen (OWASP ASVS 6.2.4, 6.2.11).
 */
export function isGuessable(password: string): boolean {
  const text = password.normalize('NFC').toLowerCase()
  if (new Set(text).size <= 2) return true
  if (ownWord.test(text)) return true
  if (rows.some((row) => inRow(text, row) || inRow([...text].toReversed().join(''), row))) return true
  return commonPasswords().has(text)
}

/** The text is made of nothing but runs along a row of keys, such as 12345123. */
function inRow(text: string, row: string): boolean {
  const steps = [...text].map((sign) => row.indexOf(sign))
  if (steps.includes(-1)) return false
  const breaks = steps.slice(1).filter((place, index) => place - (steps[index] ?? 0) !== 1).length
  return breaks <= 1
}

const load = createRequire(import.meta.url)
let common: ReadonlySet<string> | undefined

/** Fifty thousand of them take memory and a moment: they are loaded when somebody chooses a password. */
function commonPasswords(): ReadonlySet<string> {
  if (!common) {
    const { dictionary } = load('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')
    common = new Set(dictionary['passwords-common'].map(String))
  }
  return common
}
