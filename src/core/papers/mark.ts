import type { Frame } from '#protocols/card/front.ts'
import type { Mark } from '../cards/marks.ts'
import type { Page } from './page.ts'

/** pdfkit's own: what it has opened once it writes once. Its types leave that out. */
type Opened = Parameters<Page['image']>[0]
type Opener = Page & { openImage(bytes: Buffer): Opened }

const opened = new WeakMap<Page, Map<string, Opened>>()

/** Draws a mark; a document holds each one once, however often it is drawn. @param frame points */
export function drawPicture(page: Page, mark: Mark, { x, y, width, height }: Frame): void {
  const held = opened.get(page) ?? new Map<string, Opened>()
  opened.set(page, held)
  const image = held.get(mark.id) ?? (page as Opener).openImage(mark.png)
  held.set(mark.id, image)
  page.image(image, x, y, { width, height })
}
