/** Encodings in which Russian tables come: by their mark, else UTF-8 if it is that, else windows-1251. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1251').decode(bytes)
  }
}

const windows1251 = new Map(
  [...new TextDecoder('windows-1251').decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))].map(
    (sign, byte) => [sign, byte],
  ),
)

/** What the encoding has no sign for becomes a question mark, or the letter without its accent. */
export function encodeWindows1251(text: string): Uint8Array<ArrayBuffer> {
  const bytes = [...text].map((sign) => {
    const [base = '?'] = sign.normalize('NFD')
    return windows1251.get(sign) ?? windows1251.get(base) ?? 0x3f
  })
  return Uint8Array.from(bytes)
}
