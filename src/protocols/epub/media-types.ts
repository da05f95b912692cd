/** Media types a book's resource may be served with, and the extensions that stand for them. */
const SERVED: Readonly<Record<string, readonly string[]>> = {
  'application/xhtml+xml': ['xhtml', 'xht'],
  'text/html': ['html', 'htm'],
  'text/css': ['css'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe'],
  'image/png': ['png'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'image/bmp': ['bmp'],
  'image/svg+xml': ['svg'],
  'font/ttf': ['ttf'],
  'font/otf': ['otf'],
  'font/woff': ['woff'],
  'font/woff2': ['woff2'],
  'audio/mpeg': ['mp3'],
  'audio/mp4': ['m4a', 'm4b'],
  'audio/aac': ['aac'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/flac': ['flac'],
  'audio/wav': ['wav'],
  'video/mp4': ['mp4', 'm4v'],
  'video/webm': ['webm'],
  'video/ogg': ['ogv'],
  'text/vtt': ['vtt'],
  'application/xml': ['opf', 'ncx', 'xml', 'smil', 'pls'],
}

/** What books declare besides, and what it is served as. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'image/svg': 'image/svg+xml',
  'application/font-sfnt': 'font/otf',
  'application/vnd.ms-opentype': 'font/otf',
  'application/x-font-opentype': 'font/otf',
  'application/x-font-otf': 'font/otf',
  'application/x-font-ttf': 'font/ttf',
  'application/x-font-truetype': 'font/ttf',
  'application/x-truetype-font': 'font/ttf',
  'application/font-woff': 'font/woff',
  'application/x-font-woff': 'font/woff',
  'application/font-woff2': 'font/woff2',
  'font/opentype': 'font/otf',
  'font/truetype': 'font/ttf',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'audio/x-wav': 'audio/wav',
  'text/xml': 'application/xml',
  'application/x-dtbncx+xml': 'application/xml',
  'application/oebps-package+xml': 'application/xml',
  'application/smil+xml': 'application/xml',
  'application/pls+xml': 'application/xml',
  'application/vnd.adobe-page-template+xml': 'application/xml',
  'text/x-oeb1-document': 'application/xhtml+xml',
  'text/x-oeb1-css': 'text/css',
}

const BY_EXTENSION = new Map(
  Object.entries(SERVED).flatMap(([type, extensions]) => extensions.map((extension) => [extension, type])),
)

export const OCTET_STREAM = 'application/octet-stream'

/** Extensions of what a browser could run: no declaration makes them anything else than bytes. */
const SCRIPT_EXTENSIONS = /\.(?:m?js|cjs|jsx|tsx?|wasm|hta|vbs|swf|jar|class)$/i

/** `text/javascript` and everything that is or was one (HTML §4.12.1.1, RFC 9239). */
export function isScriptType(type: string): boolean {
  return /(?:java|ecma|live|j|vb)script|wasm|shockwave|x-java/i.test(type)
}

/**
 * The media type to serve a book's resource with: of an allow-list (EPUB 3.3 §3.2 core media types and what
 * browsers show), without parameters. Anything else, and every script, is `application/octet-stream`; send it
 * with `nosniff` and a sandboxing policy all the same.
 * @param path the entry's name; its extension decides where the declaration doesn't
 * @param declared the manifest's media-type, if any
 */
export function mediaTypeFor(path: string, declared?: string | null): string {
  const type = (declared ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (SCRIPT_EXTENSIONS.test(path) || isScriptType(type)) return OCTET_STREAM
  const known = Object.hasOwn(ALIASES, type) ? ALIASES[type] : type
  if (known !== undefined && Object.hasOwn(SERVED, known)) return known
  const extension = /\.([a-z0-9]{1,5})$/i.exec(path)?.[1]?.toLowerCase()
  return BY_EXTENSION.get(extension ?? '') ?? OCTET_STREAM
}
