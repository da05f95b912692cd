/** Elements that a book has no use for here, and a hostile one has. Images in `object` are kept as images. */
const unwanted =
  'script, iframe, frame, frameset, object, embed, applet, portal, template, base, meta[http-equiv], ' +
  'link:not([rel~="stylesheet" i]), animate[attributeName$="href" i], set[attributeName$="href" i]'

/** Attributes that make the browser fetch something by itself. */
const fetching = new Set(['src', 'poster', 'href', 'background'])

/** Attributes that send, fetch or take the reader's hand without being asked. */
const dropped = new Set(['srcset', 'srcdoc', 'ping', 'action', 'formaction', 'autofocus', 'autoplay'])

/** Where a link may lead besides into the book. */
const linkable = /^(https?|mailto|tel):/i

type AddressOf = (reference: string) => string | undefined

/**
 * Takes out of a chapter what could act or call out, and points its pictures and fonts to their own
 * addresses, so that they load beside the text and not before it. The page's content policy forbids the
 * same things; this is the second lock.
 * @param address the address of a reference, or undefined when it leads out of the book
 */
export function cleanDocument(doc: Document, address: AddressOf): void {
  keepElementsAndText(doc)
  for (const element of doc.querySelectorAll('object[type^="image/"]')) {
    const image = doc.createElementNS('http://www.w3.org/1999/xhtml', 'img')
    image.setAttribute('src', element.getAttribute('data') ?? '')
    image.setAttribute('alt', element.textContent.trim())
    element.replaceWith(image)
  }
  for (const element of doc.querySelectorAll(unwanted)) element.remove()
  for (const element of doc.querySelectorAll('*')) {
    cleanAttributes(element, address)
    if (!wellNamed.test(element.tagName)) element.replaceWith(...element.childNodes)
  }
}

/**
 * Document types, comments, processing instructions and CDATA sections go: they are written out unescaped,
 * so that another parser may see a tag in them where this one saw none.
 */
function keepElementsAndText(doc: Document): void {
  const { SHOW_COMMENT, SHOW_CDATA_SECTION, SHOW_PROCESSING_INSTRUCTION } = NodeFilter
  const walker = doc.createTreeWalker(doc, SHOW_COMMENT | SHOW_CDATA_SECTION | SHOW_PROCESSING_INSTRUCTION)
  const found: ChildNode[] = doc.doctype ? [doc.doctype] : []
  while (walker.nextNode()) found.push(walker.currentNode as ChildNode)
  for (const node of found) {
    if (node.nodeType === Node.CDATA_SECTION_NODE) node.replaceWith(doc.createTextNode(node.nodeValue ?? ''))
    else node.remove()
  }
}

function cleanAttributes(element: Element, address: AddressOf): void {
  for (const attribute of Array.from(element.attributes)) {
    // By local name: whatever prefix a book gives it, XLink's href is one.
    const name = attribute.localName.toLowerCase()
    const foreign = attribute.namespaceURI === null && /^xmlns$|:/.test(attribute.name)
    if (name.startsWith('on') || dropped.has(name) || foreign || !wellNamed.test(attribute.name))
      element.removeAttributeNode(attribute)
    else if (fetching.has(name)) cleanReference(element, attribute, address)
  }
}

/**
 * A name for the strict parser too: the forgiving one takes nearly anything for a name, and prefixes for
 * parts of one.
 */
const wellNamed = /^([\p{L}_][\p{L}\p{N}_.-]*:)?[\p{L}_][\p{L}\p{N}_.-]*$/u

function cleanReference(element: Element, attribute: Attr, address: AddressOf): void {
  const kind = element.localName.toLowerCase()
  const value = attribute.value.trim()
  if (value.startsWith('#')) return
  // Links are followed by us, and style sheets put in by us, by the names that they have in the book.
  if (kind === 'link') return
  if (kind === 'a' || kind === 'area') {
    if (hasScheme(value) && !linkable.test(value)) element.removeAttributeNode(attribute)
    return
  }
  // A drawing of another file brings along what acts in it.
  const found = kind === 'use' ? undefined : value.startsWith('data:') ? value : address(value)
  if (found === undefined) element.removeAttributeNode(attribute)
  else attribute.value = found
}

/** Browsers pass over white space and control characters before and inside a scheme. */
const hasScheme = (value: string) => /^[a-z][a-z\d+.-]*:/i.test(value.replace(/[\p{Cc}\s]/gu, ''))
