import { attribute, childElements, textOf, type XmlElement, type XmlNode } from '../xml/xml.ts'
import type { Conversion } from './conversion.ts'
import { html, type XhtmlName } from './xhtml.ts'

const INLINE: Readonly<Record<string, XhtmlName>> = {
  emphasis: 'em',
  i: 'em',
  strong: 'strong',
  b: 'strong',
  strikethrough: 's',
  sub: 'sub',
  sup: 'sup',
  code: 'code',
  style: 'span',
}

/** Inline elements besides, and what stands among words. */
const OTHER_INLINE = new Set(['a', 'br', 'image', 'img'])

/** Elements of one line each, shown as paragraphs of a class. */
const LINES: Readonly<Record<string, string | undefined>> = {
  p: undefined,
  v: 'v',
  subtitle: 'subtitle',
  'text-author': 'text-author',
  date: 'date',
}

const GROUPS: Readonly<Record<string, { name: XhtmlName; class: string; type?: string }>> = {
  poem: { name: 'div', class: 'poem' },
  stanza: { name: 'div', class: 'stanza' },
  cite: { name: 'blockquote', class: 'cite' },
  epigraph: { name: 'blockquote', class: 'epigraph', type: 'epigraph' },
  annotation: { name: 'div', class: 'annotation' },
  title: { name: 'div', class: 'title' },
}

const isInline = (node: XmlNode) =>
  typeof node === 'string' || Object.hasOwn(INLINE, node.local) || OTHER_INLINE.has(node.local)

const holdsBlocks = (source: XmlElement) => source.children.some((node) => !isInline(node))

/** Attributes every element may keep: the id by which it is linked, and its language (BCP 47). */
export function commonAttributes(
  conversion: Conversion,
  source: XmlElement,
): Record<string, string | undefined> {
  const written = attribute(source, 'lang')
  const language = written && /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(written) ? written : undefined
  return { id: conversion.idOf(source), lang: language, 'xml:lang': language }
}

/** The content of a container; words that stand there bare get a paragraph. */
export function blocksOf(conversion: Conversion, nodes: readonly XmlNode[]): XmlElement[] {
  const blocks: XmlElement[] = []
  let bare: XmlNode[] = []
  const closeBare = () => {
    if (
      bare.some((node) => textOf(node).trim() !== '' || (typeof node !== 'string' && node.local !== 'br'))
    ) {
      blocks.push(html('p', {}, inlinesOf(conversion, bare)))
    }
    bare = []
  }
  for (const node of nodes) {
    if (typeof node !== 'string' && (!isInline(node) || /^ima?ge?$/.test(node.local))) {
      closeBare()
      // No spread: a chapter may have more blocks than a call takes arguments.
      for (const block of blockOf(conversion, node)) blocks.push(block)
    } else bare.push(node)
  }
  closeBare()
  return blocks
}

function blockOf(conversion: Conversion, source: XmlElement): XmlElement[] {
  const attributes = commonAttributes(conversion, source)
  const { local } = source
  if (local === 'image' || local === 'img') return [figureOf(conversion, source)]
  if (local === 'empty-line') return [html('div', { ...attributes, class: 'empty-line' })]
  if (local === 'table') return [tableOf(conversion, source)]
  if (Object.hasOwn(LINES, local) && !(local === 'p' && holdsBlocks(source))) {
    const line = html('p', { ...attributes, class: LINES[local] }, inlinesOf(conversion, source.children))
    const target = attributes.id === undefined ? undefined : conversion.target(attribute(source, 'id') ?? '')
    if (target?.inNotes) conversion.note(line, target.id)
    return [line]
  }
  const group = GROUPS[local]
  if (group) {
    const given = { ...attributes, class: group.class, 'epub:type': group.type }
    return [html(group.name, given, blocksOf(conversion, source.children))]
  }
  // Unknown to the schema: keep what it says.
  if (!holdsBlocks(source)) return [html('p', attributes, inlinesOf(conversion, source.children))]
  const blocks = blocksOf(conversion, source.children)
  return attributes.id === undefined ? blocks : [html('div', attributes, blocks)]
}

interface InlineContext {
  /** HTML allows no link within a link. */
  inLink?: boolean
  /** Within `code` spaces and line ends count. */
  inCode?: boolean
}

/** Words and what stands among them. Blocks in here (`<text-author><p>`) become lines. */
export function inlinesOf(
  conversion: Conversion,
  nodes: readonly XmlNode[],
  context: InlineContext = {},
): XmlNode[] {
  const inlines: XmlNode[] = []
  let begun = false
  for (const node of nodes) {
    if (typeof node === 'string') {
      inlines.push(context.inCode ? node : node.replaceAll(/[ \t\n]+/g, ' '))
      begun ||= node.trim() !== ''
    } else {
      if (begun && !isInline(node) && node.local !== 'empty-line') inlines.push(html('br'))
      for (const inline of inlineOf(conversion, node, context)) inlines.push(inline)
      begun = true
    }
  }
  return inlines
}

function inlineOf(conversion: Conversion, source: XmlElement, context: InlineContext): XmlNode[] {
  const attributes = commonAttributes(conversion, source)
  const { local } = source
  if (local === 'a' && !context.inLink) return [linkOf(conversion, source, context)]
  if (local === 'image' || local === 'img') return [pictureOf(conversion, source, true)]
  if (local === 'br' || local === 'empty-line') return [html('br', { id: attributes.id })]
  const name = Object.hasOwn(INLINE, local) ? INLINE[local] : undefined
  const within = local === 'code' ? { ...context, inCode: true } : context
  const children = inlinesOf(conversion, source.children, within)
  if (name) return [html(name, attributes, children)]
  return attributes.id === undefined ? children : [html('span', attributes, children)]
}

function linkOf(conversion: Conversion, source: XmlElement, context: InlineContext): XmlElement {
  const href = attribute(source, 'href')?.trim() ?? ''
  const attributes = commonAttributes(conversion, source)
  const children = inlinesOf(conversion, source.children, { ...context, inLink: true })
  const target = conversion.target(href)
  if (target) {
    const call = conversion.isNoteReference(source)
    const link = call
      ? html(
          'a',
          {
            ...attributes,
            id: conversion.reference(target.id, attributes.id),
            'epub:type': 'noteref',
            role: 'doc-noteref',
          },
          children,
        )
      : html('a', attributes, children)
    conversion.link(link, target.id)
    return link
  }
  // Nothing but the web and mail: no javascript:, no file:, no data:.
  if (/^(?:https?:\/\/|mailto:)[^\s"<>]+$/i.test(href)) return html('a', { ...attributes, href }, children)
  return html('span', attributes, children)
}

function figureOf(conversion: Conversion, source: XmlElement): XmlElement {
  const title = attribute(source, 'title')?.trim()
  const children = [pictureOf(conversion, source, false)]
  if (title) children.push(html('figcaption', {}, [title]))
  return html('figure', { ...commonAttributes(conversion, source), class: 'image' }, children)
}

function pictureOf(conversion: Conversion, source: XmlElement, inline: boolean): XmlElement {
  const image = conversion.image(attribute(source, 'href') ?? attribute(source, 'src'))
  const alt = attribute(source, 'alt')?.trim() ?? ''
  const id = inline ? conversion.idOf(source) : undefined
  if (!image) return html('span', { id, class: 'no-image' }, [alt || '▢'])
  return html('img', { id, src: `../${image.name}`, alt })
}

const ALIGNMENTS = new Set(['left', 'right', 'center', 'top', 'middle', 'bottom'])

function tableOf(conversion: Conversion, source: XmlElement): XmlElement {
  const rows = childElements(source).map((row) => {
    const cells = row.local === 'tr' ? childElements(row) : [row]
    const attributes = { ...commonAttributes(conversion, row), class: alignment(row) }
    return html(
      'tr',
      row.local === 'tr' ? attributes : {},
      cells.map((cell) => cellOf(conversion, cell)),
    )
  })
  const attributes = { ...commonAttributes(conversion, source), class: 'table' }
  return html('div', attributes, [html('table', {}, [html('tbody', {}, rows)])])
}

function cellOf(conversion: Conversion, source: XmlElement): XmlElement {
  const isCell = source.local === 'td' || source.local === 'th'
  const content = isCell ? source.children : [source]
  const blocks = content.some((node) => !isInline(node))
  return html(
    source.local === 'th' ? 'th' : 'td',
    {
      ...(isCell ? commonAttributes(conversion, source) : {}),
      class: alignment(source),
      colspan: span(attribute(source, 'colspan')),
      rowspan: span(attribute(source, 'rowspan')),
    },
    blocks ? blocksOf(conversion, content) : inlinesOf(conversion, content),
  )
}

function alignment(source: XmlElement): string | undefined {
  const wanted = [attribute(source, 'align'), attribute(source, 'valign')].map((word) => word?.toLowerCase())
  return wanted.filter((word) => ALIGNMENTS.has(word ?? '')).join(' ') || undefined
}

/** 2 … 99 columns or rows; 1 is the default and more is a slip. */
const span = (text: string | undefined) =>
  /^(?:[2-9]|[1-9]\d)$/.test(text?.trim() ?? '') ? text?.trim() : undefined
