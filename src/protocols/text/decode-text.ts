/** Bytes and letters of Russian text whose encoding nobody tells, or tells wrongly. */

export interface Decoded {
  text: string
  /** False where it may as well be read in another encoding, or letters of it are lost. */
  sure: boolean
}

const single = ['windows-1251', 'koi8-r', 'ibm866', 'x-mac-cyrillic', 'iso-8859-5', 'windows-1252'] as const

const tables = new Map<string, string>()
const table = (encoding: string): string => {
  const known = tables.get(encoding)
  if (known) return known
  const made = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  tables.set(encoding, made)
  return made
}

/** So much of a text is judged by, in characters: from its first letter that isn't ASCII, long runs of ASCII left out. */
const sampled = 20_000
const sampleOf = (text: string): string => text.replace(/[\0-\x7f]{200,}/gu, ' ').slice(0, sampled)

const count = (text: string, sign: RegExp): number => text.match(sign)?.length ?? 0

/** Words of the form and of letters around it: no other encoding makes them by chance. */
const usual =
  /телефон|рожд|почт|фамили|(?<!\p{L})фио(?!\p{L})|(?<!\p{L})имя(?!\p{L})|отчеств|читател|анкет|библиотек|билет|здравствуйте|уважени|добрый день/giu

interface Looks {
  /** How often usual words stand in it. */
  words: number
  /** Signs that Russian text hasn't, and small letters followed by capitals. */
  flaws: number
  score: number
}

/** How Russian a text looks. */
function looksOf(text: string): Looks {
  const sample = sampleOf(text)
  const often = count(sample, /[оеаинтсрвлк]/giu)
  const seldom = count(sample, /[щэфъцю]/giu)
  // A capital after a small letter: koi8-r taken for windows-1251 has them everywhere.
  const odd = count(sample, /[а-яё][А-ЯЁ]/gu)
  const rubbish = count(
    sample,
    /[\u0080-\u009f\ufffdЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ•™љ›њќћџЎўЈҐ¦§©Є¬®Ї°±Ііґµ¶·є»јЅѕї\u2500-\u25ffÀ-ÿ]/gu,
  )
  const words = count(sample, usual)
  return {
    words,
    flaws: odd + rubbish,
    score: often * 2 - seldom * 2 - (odd + rubbish) * 4 + words * 20,
  }
}

interface Reading extends Looks {
  text: string
}

/** The likeliest of several readings of one text; sure when none of the others can be meant. */
function likeliest(texts: readonly string[]): Decoded & Looks {
  const readings = [...new Set(texts)].map((text): Reading => ({ text, ...looksOf(text) }))
  const best = readings.reduce((found, each) => (each.score > found.score ? each : found))
  const others = readings.filter((each) => each !== best)
  const sure =
    best.words > 0
      ? others.every(({ words, flaws }) => words === 0 || flaws > best.flaws * 3)
      : best.flaws === 0 && others.every(({ flaws }) => flaws > 0)
  return { ...best, sure }
}

const strictUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const lost = '\ufffd'
/** Four letters of another encoding may happen to be two of these. */
const otherScript = /[^\p{sc=Cyrillic}\p{sc=Latin}\p{sc=Common}\p{sc=Inherited}]/u

/** UTF-8 of which a few bytes are lost: no other encoding has so many letters that happen to be right in it. */
function brokenUtf8(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes)
  const sample = sampleOf(text)
  return count(sample, /\ufffd/gu) * 10 < count(sample, /[а-яё]/giu) ? text : undefined
}

/** Text of a file: by its mark, else UTF-8 if it is that, else UTF-16 or the single-byte encoding that reads as Russian. */
export function decodeText(bytes: Uint8Array): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(bytes), sure: true }
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return { text: new TextDecoder('utf-16be').decode(bytes), sure: true }
  const head = bytes.subarray(0, 2000)
  const zeros = head.filter((byte) => byte === 0 || byte === 4).length
  if (zeros > head.length / 4)
    return likeliest(['utf-16le', 'utf-16be'].map((encoding) => new TextDecoder(encoding).decode(bytes)))
  const utf8 = strictUtf8(bytes)
  if (utf8 !== undefined)
    return { text: utf8, sure: !utf8.includes(lost) && (!otherScript.test(utf8) || looksOf(utf8).words > 0) }
  const broken = brokenUtf8(bytes)
  if (broken !== undefined) return { text: broken, sure: false }
  // A long text is read in its likeliest encoding alone.
  const sample = Buffer.from(sampleOf(Buffer.from(bytes).toString('latin1')), 'latin1')
  const read = single.map((encoding) => new TextDecoder(encoding).decode(sample))
  const { text, sure } = likeliest(read)
  // Several may read the sample alike, such as capitals of DOS and of Macs, and the rest of the text otherwise.
  const alike = single.filter((_, index) => read[index] === text)
  const [whole = text, ...others] = new Set(alike.map((encoding) => new TextDecoder(encoding).decode(bytes)))
  return { text: whole, sure: sure && others.length === 0 }
}

/** Encodings that a person may name, by what people call them. */
export const textEncodings = {
  'windows-1251': 'Windows-1251',
  'utf-8': 'UTF-8',
  ibm866: 'DOS (CP866)',
  'koi8-r': 'KOI8-R',
  'x-mac-cyrillic': 'Mac',
  'iso-8859-5': 'ISO 8859-5',
} as const
export type TextEncoding = keyof typeof textEncodings
export const textEncodingKeys = Object.keys(textEncodings) as [TextEncoding, ...TextEncoding[]]

/**
 * Text of a file as it reads; where that is in doubt, in the encoding that a person has named. The name of a file's
 * earlier version may still stand there, so it says nothing of one that tells by itself.
 */
export function decodeAs(bytes: Uint8Array, encoding?: TextEncoding): Decoded {
  const read = decodeText(bytes)
  return read.sure || !encoding ? read : { text: new TextDecoder(encoding).decode(bytes), sure: true }
}

/** So much of a line is enough to see which reading is right, in characters. */
const shownOfLine = 60
const shownBefore = 20

/** The first line that isn't ASCII alone, in each encoding that it can be: a person sees which one is right. */
export function lineReadings(bytes: Uint8Array): Partial<Record<TextEncoding, string>> {
  const letter = bytes.findIndex((byte) => byte > 0x7f)
  const line = Math.max(bytes.lastIndexOf(0x0a, letter), bytes.lastIndexOf(0x0d, letter)) + 1
  // What stands before its first letter is ASCII and may be long: ISO 2709 has no line ends at all.
  const start = Math.max(line, letter - shownBefore)
  const sample = bytes.subarray(start, start + shownOfLine * 2)
  return Object.fromEntries(
    textEncodingKeys.flatMap((encoding) => {
      const [line = ''] = new TextDecoder(encoding).decode(sample, { stream: true }).split(/[\r\n]/)
      const shown = line.slice(0, shownOfLine)
      return shown.includes(lost) ? [] : [[encoding, shown]]
    }),
  )
}

/** The one byte that windows-1251 has no letter for: «И» of UTF-8 has it, and arrives as U+FFFD. */
const lostByte = 0x98

/** The bytes that an encoding has for a text; undefined when it lacks a letter. */
function encoded(text: string, encoding: string): Uint8Array | undefined {
  const known = table(encoding)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charAt(index)
    const code = text.charCodeAt(index)
    const byte = code < 128 ? code : sign === lost ? lostByte : known.indexOf(sign, 128)
    if (byte < 0) return undefined
    bytes[index] = byte
  }
  return bytes
}

/** A text that was decoded by a wrong header, decoded anew; any other text as it is. */
export function mendText(text: string): Decoded {
  if (!/[^\p{ASCII}]/u.test(text)) return { text, sure: true }
  const own = looksOf(text)
  if (own.words > 0 && own.flaws === 0) return { text, sure: true }
  const offers = single.flatMap((wrong) => {
    const bytes = encoded(text, wrong)
    if (!bytes) return []
    const utf8 = strictUtf8(bytes)
    return [
      ...(utf8 === undefined ? [] : [utf8]),
      ...single.filter((each) => each !== wrong).map((right) => new TextDecoder(right).decode(bytes)),
    ]
  })
  const offer = likeliest([text, ...offers])
  // It must be clearly better: a short text of odd letters stays as it is.
  if (offer.score > own.score + 20) return { text: offer.text, sure: offer.sure }
  const another = offers.some((each) => each !== text && looksOf(each).flaws <= own.flaws)
  return { text, sure: own.words > 0 || !another }
}
