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
