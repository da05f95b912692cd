/** «ФИО» as people type it, and what may be said about it. The same rules in the browser and on the server. */

export type NameFault = 'full_name_missing' | 'full_name_long' | 'full_name_signs' | 'full_name_words'

const mostLetters = 200
const mostWords = 6

/** Latin letters that look like Cyrillic ones, in print. */
const alike = new Map(
  [...'aаcсeеoоpрxхyуkкëёAАBВCСEЕHНKКMМOОPРTТXХYУËЁ'.matchAll(/(..)/gu)].map(
    ([pair]) => [...pair] as [string, string],
  ),
)
const alikeBack = new Map([...alike].map(([latin, cyrillic]) => [cyrillic, latin]))

const isLatin = (sign: string) => /\p{Script=Latin}/u.test(sign)
const isCyrillic = (sign: string) => /\p{Script=Cyrillic}/u.test(sign)
/** Letters that can be nothing else, whoever looks at them. */
const surelyLatin = (text: string) => [...text].some((sign) => isLatin(sign) && !alike.has(sign))
const surelyCyrillic = (text: string) => [...text].some((sign) => isCyrillic(sign) && !alikeBack.has(sign))
const mixed = (word: string) => [...word].some(isLatin) && [...word].some(isCyrillic)

const toCyrillic = (text: string) => [...text].map((sign) => alike.get(sign) ?? sign).join('')
const toLatin = (text: string) => [...text].map((sign) => alikeBack.get(sign) ?? sign).join('')

/** Words of a name: a double surname counts as two here, as each half has an alphabet of its own. */
const eachWord = (text: string, change: (word: string) => string) => text.replace(/[^ -]+/gu, change)

/**
 * A name as it is kept: one space between words, one kind of hyphen and apostrophe, and no letters of the
 * other alphabet that only look right («Сoкoлова» with a Latin o), where no doubt is possible.
 */
export function tidyFullName(typed: string): string {
  const plain = typed
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[‐-―−]/gu, '-')
    .replace(/[’‘ʼ`´′]/gu, "'")
    .replace(/\s+/gu, ' ')
    .replace(/ ?- ?/gu, '-')
    .trim()
  const russian = surelyCyrillic(plain) && !surelyLatin(plain)
  return eachWord(plain, (word) => {
    if (russian) return toCyrillic(word)
    if (!mixed(word)) return word
    if (!surelyLatin(word)) return toCyrillic(word)
    return surelyCyrillic(word) ? word : toLatin(word)
  })
}

/** What is wrong with a tidied name; undefined when it may stand. */
export function fullNameFault(name: string): NameFault | undefined {
  if (name === '') return 'full_name_missing'
  if (name.length > mostLetters) return 'full_name_long'
  if (!/^[\p{Script=Cyrillic}\p{Script=Latin}\p{Mn}'. -]+$/u.test(name)) return 'full_name_signs'
  if (!/\p{L}/u.test(name) || name.split(' ').length > mostWords) return 'full_name_words'
  return undefined
}

/** Words that stay small inside a name. */
const small = new Set(
  'оглы оглу кызы гызы улы ибн бинт бен бин де ди да дос дю ла ле фон ван дер ден цу oglu of de di da dos du la le von van der den ter zu bin ibn'.split(
    ' ',
  ),
)

function properWord(word: string, first: boolean): string {
  const low = word.toLocaleLowerCase('ru')
  if (!first && small.has(low)) return low
  // О'Коннор, but Лук'яненко: a capital follows an apostrophe only after a single letter.
  return low.replace(/(^|-)(\p{L}')?(\p{L})/gu, (start) => start.toLocaleUpperCase('ru'))
}

/** ИВАНОВА or иванова; initials and single letters are left alone. */
function oddlyCased(word: string): boolean {
  if (word.includes('.') || (word.match(/\p{L}/gu)?.length ?? 0) < 2) return false
  const [upper, lower] = [word.toLocaleUpperCase('ru'), word.toLocaleLowerCase('ru')]
  return upper !== lower && (word === upper || (word === lower && !small.has(word)))
}

/** The name with capitals where they belong, when it was typed all large or all small; else undefined. */
export function properCase(name: string): string | undefined {
  const words = name.split(' ')
  const offer = words
    .map((word, index) => (oddlyCased(word) ? properWord(word, index === 0) : word))
    .join(' ')
  return offer === name ? undefined : offer
}

/** The first word in which both alphabets are mixed beyond mending; undefined when there is none. */
export const mixedWord = (name: string): string | undefined => name.split(/[ -]/u).find(mixed)

/** Endings of surnames by gender. No look-behind: older iPhones don't know it. */
const endings = [
  { from: /([оеё]в|[иы]н)$/u, to: '$1а' },
  { from: /([оеё]в|[иы]н)а$/u, to: '$1' },
  { from: /([сц]к)ий$/u, to: '$1ая' },
  { from: /([сц]к)ая$/u, to: '$1ий' },
]

/** A family's surname as it may be written for the next of them: as it is, and in the other gender. */
export function familySurnames(fullName: string): string[] {
  const [surname = ''] = fullName.split(' ')
  const other = surname
    .split('-')
    .map((part) => {
      const ending = endings.find(({ from }) => from.test(part))
      return ending ? part.replace(ending.from, ending.to) : part
    })
    .join('-')
  return [...new Set([surname, other])].filter(Boolean)
}
