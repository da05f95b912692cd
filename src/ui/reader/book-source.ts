import { encodeName } from './names.ts'

/** What keeps a text from coming: the line, or the end of the loan. */
export type Trouble = 'offline' | 'closed'

export interface BookSource {
  /** A text of the book as it lies there; null when the book has no such file. */
  text(name: string): Promise<string | null>
  /** Where the browser itself finds a picture, a font or a recording. */
  address(name: string): string
  /** Forgets all texts and gives out no more. */
  close(): void
}

export class BookClosed extends Error {}

const pauses = [500, 1000, 2000, 4000, 8000]

/**
 * The book's files over the network, one by one as they are needed. A broken line is waited for; a closed
 * loan is final.
 * @param base address of the book's files, with a slash at its end
 */
export function createBookSource(options: {
  base: string
  onTrouble(trouble: Trouble | undefined): void
}): BookSource {
  const { base, onTrouble } = options
  const texts = new Map<string, Promise<string | null>>()
  let closed = false

  const address = (name: string) => new URL(base + encodeName(name), location.href).href

  async function load(name: string): Promise<string | null> {
    const response = await fetchPatiently(address(name))
    return response.status === 404 ? null : decoded(new Uint8Array(await response.arrayBuffer()))
  }

  async function fetchPatiently(from: string): Promise<Response> {
    for (let attempt = 0; ; attempt += 1) {
      if (closed) throw new BookClosed()
      const response = await fetch(from).catch(() => undefined)
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

  function text(name: string): Promise<string | null> {
    const found = texts.get(name)
    if (found) return found
    const loading = load(name)
    texts.set(name, loading)
    loading.catch(() => texts.delete(name))
    return loading
  }

  function close(): void {
    closed = true
    texts.clear()
  }

  return { text, address, close }
}

/** Nearly every book is UTF-8; what reads the others is fetched when one comes. */
async function decoded(bytes: Uint8Array): Promise<string> {
  try {
    // UTF-16 without a mark passes for UTF-8 with a zero in each pair.
    if (bytes[0] && bytes[1]) return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Some other encoding.
  }
  const { decodeXml } = await import('#protocols/xml/decode.ts')
  return decodeXml(bytes)
}

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
