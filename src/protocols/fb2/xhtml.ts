import { element, type XmlElement, type XmlNode } from '../xml/xml.ts'

/** Every element that a converted book may hold: nothing else can be made. */
export type XhtmlName =
  | 'a'
  | 'aside'
  | 'blockquote'
  | 'br'
  | 'code'
  | 'div'
  | 'em'
  | 'figcaption'
  | 'figure'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'h4'
  | 'h5'
  | 'h6'
  | 'img'
  | 'p'
  | 's'
  | 'section'
  | 'span'
  | 'strong'
  | 'sub'
  | 'sup'
  | 'table'
  | 'tbody'
  | 'td'
  | 'th'
  | 'tr'

/** An element of a chapter; attributes that are undefined are left out. */
export function html(
  name: XhtmlName,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: XmlNode[] = [],
): XmlElement {
  return element(name, attributes, children)
}

/** `h1` … `h6` for a depth that begins at 1. */
export function headingName(depth: number): XhtmlName {
  return (['h1', 'h2', 'h3', 'h4', 'h5'] as const)[depth - 1] ?? 'h6'
}
