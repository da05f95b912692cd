/** Bytes and letters of Russian text whose encoding nobody tells, or tells wrongly. */

const single = ['windows-1251', 'koi8-r', 'ibm866', 'x-mac-cyrillic', 'iso-8859-5', 'windows-1252'] as const

const tables = new Map<string, string>()
const table = (encoding: string): string => {
  const known = tables.get(encoding)
  if (known) return known
  const made = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))
  tables.set(encoding, made)
  return made
}

/** How Russian a text looks: frequent letters and words of the form count for it, rubbish against it. */
export function russianness(text: string): number {
  const sample = text.slice(0, 20_000)
  const often = sample.match(/[оеаинтсрвлк]/gu)?.length ?? 0
  const small = sample.match(/[а-яё]/gu)?.length ?? 0
  // A capital after a small letter: koi8-r taken for windows-1251 has them everywhere.
  const odd = sample.match(/[а-яё][А-ЯЁ]/gu)?.length ?? 0
  const rubbish =
    sample.match(/[\u0080-\u009f\ufffdЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ•™љ›њќћџЎўЈҐ¦§©Є¬®Ї°±Ііґµ¶·є»јЅѕї\u2500-\u25ffÀ-ÿ]/gu)
      ?.length ?? 0
  const words = sample.match(/телефон|рожд|почт|фамили|фио|имя|читател|анкет|библиотек|билет/giu)?.length ?? 0
  return often * 2 + small - odd * 4 - rubbish * 4 + words * 20
}

const best = (texts: readonly string[]): string =>
  texts.reduce((found, each) => (russianness(each) > russianness(found) ? each : found))

const strictUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Text of a file: by its mark, else UTF-8 if it is that, else UTF-16 or the single-byte encoding that reads as Russian. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const head = bytes.subarray(0, 2000)
  const zeros = head.filter((byte) => byte === 0 || byte === 4).length
  if (zeros > head.length / 4) {
    return best([new TextDecoder('utf-16le').decode(bytes), new TextDecoder('utf-16be').decode(bytes)])
  }
  return strictUtf8(bytes) ?? best(single.map((encoding) => new TextDecoder(encoding).decode(bytes)))
}

/** The one byte that windows-1251 has no letter for: «И» of UTF-8 has it, and arrives as U+FFFD. */
const lostByte = 0x98
const lost = 0xfffd

/** The bytes that an encoding has for a text; undefined when it lacks a letter. */
function encoded(text: string, encoding: string): Uint8Array | undefined {
  const known = table(encoding)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    const byte = code < 128 ? code : code === lost ? lostByte : known.indexOf(text.charAt(index), 128)
    if (byte < 0) return undefined
    bytes[index] = byte
  }
  return bytes
}

/** A text that was decoded by a wrong header, decoded anew; any other text as it is. */
export function mendText(text: string): string {
  if (!/[^\p{ASCII}]/u.test(text)) return text
  const offers = single.flatMap((wrong) => {
    const bytes = encoded(text, wrong)
    if (!bytes) return []
    const utf8 = strictUtf8(bytes)
    return [
      ...(utf8 === undefined ? [] : [utf8]),
      ...single.filter((each) => each !== wrong).map((right) => new TextDecoder(right).decode(bytes)),
    ]
  })
  const offer = best([text, ...offers])
  // It must be clearly better: a short text of odd letters stays as it is.
  return russianness(offer) > russianness(text) + 20 ? offer : text
}
