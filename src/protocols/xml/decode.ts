const BOMS: readonly [bytes: number[], encoding: string][] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
  // UTF-16 without a mark begins with `<` (XML 1.0 appendix F.1).
  [[0x3c, 0x00], 'utf-16le'],
  [[0x00, 0x3c], 'utf-16be'],
]

/** Share of replacement characters above which a document isn't what it declares. */
const WRONG_SHARE = 0.01

/**
 * The text of an XML document: by its byte order mark, else by its declaration, else UTF-8, else
 * windows-1251. A declaration that the bytes disprove is passed over: Russian books often carry UTF-8 under
 * `encoding="windows-1251"` and the other way round. Never throws: what can't be decoded becomes U+FFFD.
 */
export function decodeXml(bytes: Uint8Array): string {
  const marked = BOMS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1]
  if (marked && marked !== 'utf-8') return new TextDecoder(marked).decode(bytes)
  const strict = decodedUtf8(bytes)
  // Valid UTF-8 beyond ASCII is hardly ever anything else by chance.
  if (strict !== null) return strict
  const declared = declaredEncoding(bytes)
  if (declared && declared.encoding !== 'utf-8') return declared.decode(bytes)
  const lenient = new TextDecoder('utf-8').decode(bytes)
  const wrong = lenient.split('\ufffd').length - 1
  if (marked !== 'utf-8' && wrong > lenient.length * WRONG_SHARE) {
    return new TextDecoder('windows-1251').decode(bytes)
  }
  return lenient
}

function decodedUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function declaredEncoding(bytes: Uint8Array): TextDecoder | null {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512))
  const label = /^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/i.exec(start)?.[1]
  // A document whose declaration can be read byte by byte isn't UTF-16.
  if (!label || /^(?:utf-?16|ucs|unicode)/i.test(label)) return null
  try {
    return new TextDecoder(label)
  } catch {
    return null
  }
}
