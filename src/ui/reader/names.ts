/** The root that references are resolved against: it can't be anybody's address. */
const root = 'https://book.invalid/'

/**
 * The entry name that a reference means, and the element in it; undefined for what lies outside the book.
 * @param from name of the text that holds the reference
 */
export function inBook(from: string, reference: string): { name: string; fragment: string } | undefined {
  try {
    const url = new URL(reference, root + encodeName(from))
    if (`${url.protocol}//${url.host}/` !== root) return undefined
    return {
      name: decodeURIComponent(url.pathname.slice(1)),
      fragment: decodeURIComponent(url.hash.slice(1)),
    }
  } catch {
    // No address at all, or percent signs that mean nothing.
    return undefined
  }
}

export const encodeName = (name: string): string => name.split('/').map(encodeURIComponent).join('/')
