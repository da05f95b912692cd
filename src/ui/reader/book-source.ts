import { decodeXml } from '#protocols/xml/decode.ts'
import type { BookPackage } from '#core/reading/package.ts'
import { addressedCss, cleanDocument } from './clean-document.ts'

/** What keeps a text from coming: the line, or the end of the loan. */
export type Trouble = 'offline' | 'closed'

export interface BookSource {
  /** A text of the book, cleaned; null when the book has no such file. */
  text(name: string): Promise<string | null>
  /** Begins to fetch a text that will be wanted soon. */
  prefetch(name: string): void
  /** Bytes; 0 when unknown. */
  size(name: string): number
  /** Forgets all texts and gives out no more. */
  close(): void
}

export class BookClosed extends Error {}

const page = /\.(xhtml|html?|xht|svg)$/i
const pauses = [500, 1000, 2000, 4000, 8000]

/**
 * The book's files over the network, one by one as they are needed. A broken line is waited for; a closed
 * loan is final.
 * @param base address of the book's files, with a slash at its end
 */
export function createBookSource(options: {
  base: string
  package: BookPackage
  onTrouble(trouble: Trouble | undefined): void
}): BookSource {
  const { base, onTrouble } = options
  const { documents, sizes, name: packageName } = options.package
  const texts = new Map<string, Promise<string | null>>()
  const kinds = mediaTypes(documents[packageName] ?? '', packageName)
  let closed = false

  const addressFrom = (from: string) => (reference: string) => {
    if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(reference)) return undefined
    const name = inBook(from, reference)
    return name && new URL(base + encodeName(name), location.href).href
  }

  async function load(name: string): Promise<string | null> {
    const response = await fetchPatiently(base + encodeName(name))
    if (response.status === 404) return null
    return prepared(name, decodeXml(new Uint8Array(await response.arrayBuffer())))
  }

  async function fetchPatiently(address: string): Promise<Response> {
    for (let attempt = 0; ; attempt += 1) {
      if (closed) throw new BookClosed()
      const response = await fetch(address).catch(() => undefined)
      if (response && (response.ok || response.status === 404)) {
        onTrouble(undefined)
        return response
      }
      if (response && response.status < 500 && response.status !== 429) {
        close()
        onTrouble('closed')
        throw new BookClosed()
      }
      onTrouble('offline')
      await pause(pauses[Math.min(attempt, pauses.length - 1)] ?? 0)
    }
  }

  function prepared(name: string, text: string): string {
    const kind = kinds.get(name)
    const address = addressFrom(name)
    if (kind === 'text/css') return addressedCss(text, address)
    if (!(kind ? /xhtml|html|svg/.test(kind) : page.test(name))) return text
    const doc = parsed(text, kind === 'image/svg+xml' ? kind : 'application/xhtml+xml')
    cleanDocument(doc, address)
    for (const link of doc.querySelectorAll('link[href]')) {
      const style = inBook(name, link.getAttribute('href') ?? '')
      if (style) prefetch(style)
    }
    return new XMLSerializer().serializeToString(doc)
  }

  function text(name: string): Promise<string | null> {
    const known = documents[name]
    if (known !== undefined) return Promise.resolve(known)
    if (name === 'META-INF/container.xml') return Promise.resolve(containerFor(packageName))
    // Rights and display options: refused or read when the book was taken in.
    if (name.startsWith('META-INF/')) return Promise.resolve(null)
    const found = texts.get(name)
    if (found) return found
    const loading = load(name)
    texts.set(name, loading)
    loading.catch(() => texts.delete(name))
    return loading
  }

  function prefetch(name: string): void {
    text(name).catch(() => undefined)
  }

  function close(): void {
    closed = true
    texts.clear()
  }

  return { text, prefetch, size: (name) => sizes[name] ?? 0, close }
}

/** Books that aren't well-formed are read as HTML, as every reader does. */
function parsed(text: string, type: 'application/xhtml+xml' | 'image/svg+xml'): Document {
  const doc = new DOMParser().parseFromString(text, type)
  return doc.querySelector('parsererror') ? new DOMParser().parseFromString(text, 'text/html') : doc
}

function mediaTypes(packageDocument: string, packageName: string): Map<string, string> {
  const doc = new DOMParser().parseFromString(packageDocument, 'application/xml')
  const kinds = new Map<string, string>()
  for (const item of doc.getElementsByTagNameNS('*', 'item')) {
    const name = inBook(packageName, item.getAttribute('href') ?? '')
    if (name) kinds.set(name, (item.getAttribute('media-type') ?? '').toLowerCase())
  }
  return kinds
}

/** The entry name that a reference means, or undefined for what lies outside the book. */
function inBook(from: string, reference: string): string | undefined {
  const root = 'https://book.invalid/'
  if (!URL.canParse(reference, root + encodeName(from))) return undefined
  const url = new URL(reference, root + encodeName(from))
  if (url.origin !== 'https://book.invalid') return undefined
  try {
    return decodeURIComponent(url.pathname.slice(1))
  } catch {
    return undefined
  }
}

const encodeName = (name: string) => name.split('/').map(encodeURIComponent).join('/')

const containerFor = (packageName: string) =>
  `<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="${packageName
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')}" media-type="application/oebps-package+xml"/></rootfiles></container>`

/** Ends early when the line comes back. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    addEventListener('online', end)
  })
}
