import type { XmlElement, XmlNode } from './xml.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Elements that XHTML allows to be empty; any other keeps its end tag, so that HTML parsers agree. */
const VOID = new Set(['br', 'img', 'meta', 'link', 'hr', 'col', 'item', 'itemref', 'rootfile'])

/**
 * A document, well-formed for any tree whose names are names: all text is escaped, characters that XML 1.0
 * §2.2 doesn't allow are dropped.
 */
export function serialiseDocument(root: XmlElement, doctype = ''): string {
  return `${DECLARATION}${doctype}${serialise(root)}\n`
}

/** An element or text without declaration. */
export function serialise(node: XmlNode): string {
  if (typeof node === 'string') return escapeText(node)
  let attributes = ''
  for (const [name, value] of node.attributes) attributes += ` ${name}="${escapeAttribute(value)}"`
  if (node.children.length === 0 && VOID.has(node.local)) return `<${node.name}${attributes}/>`
  return `<${node.name}${attributes}>${node.children.map(serialise).join('')}</${node.name}>`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
  '\r': '&#13;',
}

/** Text between tags. */
export function escapeText(text: string): string {
  return allowed(text).replaceAll(/[&<>\r]/g, (found) => ESCAPES[found] ?? '')
}

/** Text between double quotes. */
export function escapeAttribute(text: string): string {
  return allowed(text).replaceAll(/[&<>"\n\t\r]/g, (found) => ESCAPES[found] ?? '')
}

/** Lone surrogates and control characters have no place in XML 1.0, not even as references. */
const allowed = (text: string) => text.toWellFormed().replaceAll(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '')
