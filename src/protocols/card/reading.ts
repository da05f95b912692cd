/** Signs that people put between groups of a number; none of them is a part of it. */
const separators = /[\s\u2010-\u2015\-./_№]/g

/** Russian capitals that look like Latin ones. */
const byLook = pairs('АВЕКМНОРСТУХ', 'ABEKMHOPCTYX')
/** Russian capitals by the keys that they share with Latin ones: what a scanner types under the Russian layout. */
const byLayout = pairs('ФИСВУАПРШОЛДЬТЩЗЙКЫЕГМЦЧНЯ', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')

function pairs(russian: string, latin: string): ReadonlyMap<string, string> {
  return new Map([...russian].map((letter, place) => [letter, latin[place] ?? '']))
}

/** What was typed in capitals and without separators, in whatever alphabet. */
const joined = (typed: string): string => typed.normalize('NFC').toUpperCase().replace(separators, '')

/** All of the text in Latin letters; undefined when one of its letters has no counterpart. */
function inLatin(text: string, letters: ReadonlyMap<string, string>): string | undefined {
  const read = [...text].map((sign) => (/\p{Script=Cyrillic}/u.test(sign) ? letters.get(sign) : sign))
  return read.includes(undefined) ? undefined : read.join('')
}

/**
 * What may be meant by what was typed or scanned: itself, where it has no Russian letters; else the numbers whose
 * letters look like that, or lie on the same keys. Two at most: «КО» is KO, or RJ scanned under the Russian layout.
 */
export function readingsOf(typed: string): string[] {
  const text = joined(typed)
  const read = [inLatin(text, byLook), inLatin(text, byLayout)].filter((reading) => reading !== undefined)
  return [...new Set(read)]
}

/** The one number that may be meant; what was typed, in capitals, where there are two or none. */
export function typedCardNumber(typed: string): string {
  const [only, second] = readingsOf(typed)
  return only !== undefined && second === undefined ? only : joined(typed)
}
