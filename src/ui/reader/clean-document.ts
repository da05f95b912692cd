/** Elements that a book has no use for here, and a hostile one has. Images in `object` are kept as images. */
const unwanted =
  'script, iframe, frame, frameset, object, embed, applet, portal, base, meta[http-equiv], ' +
  'link:not([rel~="stylesheet" i]), animate[attributeName$="href" i], set[attributeName$="href" i]'

/** Attributes that make the browser fetch something by itself. */
const fetching = ['src', 'poster', 'href', 'xlink:href', 'background'] as const

/**
 * Takes out of a chapter what could act or call out, and points its pictures and fonts to their own
 * addresses, so that they load beside the text and not before it. The page's content policy forbids the
 * same things; this is the second lock.
 * @param address the address of a reference, or undefined when it leads out of the book
 */
export function cleanDocument(doc: Document, address: (reference: string) => string | undefined): void {
  for (const element of doc.querySelectorAll('object[type^="image/"]')) {
    const image = doc.createElementNS('http://www.w3.org/1999/xhtml', 'img')
    image.setAttribute('src', element.getAttribute('data') ?? '')
    image.setAttribute('alt', element.textContent.trim())
    element.replaceWith(image)
  }
  for (const element of doc.querySelectorAll(unwanted)) element.remove()
  for (const element of doc.querySelectorAll('*')) cleanAttributes(element, address)
  for (const style of doc.querySelectorAll('style'))
    style.textContent = addressedCss(style.textContent, address)
}

function cleanAttributes(element: Element, address: (reference: string) => string | undefined): void {
  for (const { name, value } of Array.from(element.attributes)) {
    const lower = name.toLowerCase()
    if (lower.startsWith('on') || lower === 'srcset' || lower === 'ping' || lower === 'action')
      element.removeAttribute(name)
    else if (lower === 'style') element.setAttribute(name, addressedCss(value, address))
    else if (fetching.some((each) => each === lower)) cleanReference(element, name, value, address)
  }
}

function cleanReference(
  element: Element,
  name: string,
  value: string,
  address: (reference: string) => string | undefined,
): void {
  const kind = element.localName.toLowerCase()
  // The engine follows links itself, and reads style sheets by the names they have in the book.
  if (kind === 'a' || kind === 'area') {
    if (/^\s*(javascript|data|vbscript|blob):/i.test(value)) element.removeAttribute(name)
    return
  }
  if (value.startsWith('#') || value.startsWith('data:')) return
  const found = address(value)
  if (found === undefined) element.removeAttribute(name)
  else if (kind !== 'link') element.setAttribute(name, found)
}

/** A style sheet with each `url()` in it turned into an address; what leads out of the book is taken out. */
export function addressedCss(css: string, address: (reference: string) => string | undefined): string {
  return css
    .replace(/@import\s+(["'])([^"']*)\1/gi, (whole, _quote, reference: string) =>
      address(reference.trim()) === undefined ? '' : whole,
    )
    .replace(
      /(@import\s+)?url\(\s*(["']?)([^"')]*)\2\s*\)/gi,
      (whole, atImport: string | undefined, _quote, raw: string) => {
        const reference = raw.trim()
        if (/^(data:|#)/i.test(reference)) return atImport ? '' : whole
        const found = address(reference)
        // The engine puts imported sheets in by the names that they have in the book.
        if (atImport) return found === undefined ? '' : whole
        return `url("${found ?? 'data:,'}")`
      },
    )
}
