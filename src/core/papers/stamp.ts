import type { Page } from './page.ts'

/** pdfkit's own: an object of the document, and where a page's operators go. Its types leave that out. */
interface Reference {
  end(): void
}
interface Writer {
  ref(data: object): Reference
  page: { content: Reference; resources: Reference; xobjects: Record<string, Reference> }
  addContent(operators: string): void
}

/** Puts what was drawn at the origin at another place of a page of the same size. */
export type Stamp = (at: { x: number; y: number }) => void

/**
 * What stands the same at many places: the document holds it once, as a form XObject (ISO 32000-1, 8.10), and
 * names it wherever it stands. The colour of words is the page's again after it.
 * @param name no other stamp of the document has it
 * @param box what of it is seen, points: left, top, right, bottom
 * @param draw draws it once, at the origin
 */
export function makeStamp(
  doc: Page,
  name: string,
  box: readonly [number, number, number, number],
  draw: () => void,
): Stamp {
  const writer = doc as unknown as Writer
  const sheet = writer.page
  const own = { content: sheet.content, resources: sheet.resources }
  const resources = writer.ref({})
  const form = writer.ref({ Type: 'XObject', Subtype: 'Form', BBox: [...box], Resources: resources })
  Object.assign(sheet, { content: form, resources })
  draw()
  Object.assign(sheet, own)
  form.end()
  resources.end()
  return ({ x, y }) => {
    writer.page.xobjects[name] = form
    doc.save().translate(x, y)
    writer.addContent(`/${name} Do`)
    doc.restore()
  }
}
