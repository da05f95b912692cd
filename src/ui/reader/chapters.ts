import type { BookPackage, BookSection } from '#core/reading/package.ts'
import type { BookSource } from './book-source.ts'
import { cleanDocument } from './clean-document.ts'
import { inBook } from './names.ts'
import { addressedCss, cssForColumns, forMedia, withImports, withoutComments } from './style-sheets.ts'

/** Makes of the book's texts the documents that are shown. */
export interface Chapters {
  /** Address of a text, cleaned and with its style sheets in it; the same until it is released. */
  open(index: number): Promise<string>
  release(index: number): void
  /** Begins to fetch a text that will be wanted soon. */
  prefetch(index: number): void
  /** The text as a document, to look something up in it. */
  document(index: number): Promise<Document>
}

const xhtml = 'http://www.w3.org/1999/xhtml'
const pageType = 'application/xhtml+xml'
const blank = `<html xmlns="${xhtml}"><head><title></title></head><body></body></html>`

export function createChapters({ sections, fixed }: BookPackage, source: BookSource): Chapters {
  const made = new Map<number, Promise<Blob>>()
  const open = new Map<number, string>()

  const addressFrom = (from: string) => (reference: string) => {
    const target = inBook(from, reference)
    return target && source.address(target.name)
  }

  async function make(index: number): Promise<Blob> {
    const section = sections[index]
    const doc = section ? await document(section) : await parsed(blank, pageType)
    return new Blob([new XMLSerializer().serializeToString(doc)], {
      type: doc.documentElement.localName === 'svg' ? 'image/svg+xml' : pageType,
    })
  }

  async function document(section: BookSection): Promise<Document> {
    const { name, mediaType } = section
    if (/^image\/(?!svg)/.test(mediaType)) return pictured(source.address(name))
    const doc = await parsed((await source.text(name)) ?? blank, mediaType)
    cleanDocument(doc, addressFrom(name))
    if (!fixed) letPicturesWait(doc)
    await putStylesIn(doc, name)
    if (doc.documentElement.localName !== 'svg' || fixed) return doc
    const around = await parsed(blank, pageType)
    around.body.append(around.importNode(doc.documentElement, true))
    return around
  }

  async function putStylesIn(doc: Document, name: string): Promise<void> {
    for (const element of doc.querySelectorAll('[style]'))
      element.setAttribute('style', addressedCss(element.getAttribute('style') ?? '', addressFrom(name)))
    const styles = Array.from(doc.querySelectorAll('style, link'))
    const texts = await Promise.all(styles.map((element) => styleOf(element, name)))
    for (const [index, element] of styles.entries()) {
      const style = doc.createElementNS(xhtml, 'style')
      style.textContent = texts[index] ?? ''
      if (element.localName === 'style') element.textContent = style.textContent
      else element.replaceWith(style)
    }
  }

  async function styleOf(element: Element, name: string): Promise<string> {
    if (element.localName === 'style') return sheetOf(element.textContent, name, [])
    // A night's sheet that the book offers is no part of its looks by day.
    if (/\balternate\b/i.test(element.getAttribute('rel') ?? '')) return ''
    const target = inBook(name, element.getAttribute('href') ?? '')
    const css = target && (await source.text(target.name))
    if (!target || !css) return ''
    const media = element.getAttribute('media')
    return forMedia(media && forThisPage(media), await sheetOf(css, target.name, [target.name]))
  }

  async function sheetOf(css: string, name: string, within: readonly string[]): Promise<string> {
    const own = addressedCss(forThisPage(withoutComments(css)), addressFrom(name))
    return withImports(own, async (reference) => {
      const target = inBook(name, reference)
      // A sheet that imports itself would never end.
      if (!target || within.includes(target.name) || within.length > 8) return undefined
      const imported = await source.text(target.name)
      return imported === null ? undefined : sheetOf(imported, target.name, [...within, target.name])
    })
  }

  const forThisPage = (css: string) =>
    fixed ? css : cssForColumns(css, { width: window.innerWidth, height: window.innerHeight })

  function begun(index: number): Promise<Blob> {
    const found = made.get(index)
    if (found) return found
    const making = make(index)
    made.set(index, making)
    making.catch(() => made.delete(index))
    return making
  }

  return {
    async open(index) {
      const blob = await begun(index)
      const address = open.get(index) ?? URL.createObjectURL(blob)
      open.set(index, address)
      return address
    },
    release(index) {
      const address = open.get(index)
      if (address) URL.revokeObjectURL(address)
      open.delete(index)
    },
    prefetch(index) {
      begun(index).catch(() => undefined)
    },
    document: async (index) => parsed(await (await begun(index)).text(), pageType),
  }
}

/** Books that aren't well-formed are read as HTML, as every reader does. */
async function parsed(text: string, mediaType: string): Promise<Document> {
  const type = mediaType === 'image/svg+xml' ? mediaType : pageType
  const doc = new DOMParser().parseFromString(text, type)
  if (!doc.querySelector('parsererror')) return doc
  const { asHtml } = await import('./malformed.ts')
  return asHtml(text)
}

/** A chapter's frame is shown when it is loaded, and the text needn't wait for its pictures. */
function letPicturesWait(doc: Document): void {
  for (const image of doc.querySelectorAll('img')) image.setAttribute('loading', 'lazy')
}

async function pictured(address: string): Promise<Document> {
  const doc = await parsed(blank, pageType)
  const image = doc.createElementNS(xhtml, 'img')
  image.setAttribute('src', address)
  image.setAttribute('alt', '')
  doc.body.append(image)
  return doc
}
