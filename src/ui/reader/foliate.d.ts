/** What we use of foliate-js 1.0.1, which comes without types. Read off its sources. */
declare module 'foliate-js/paginator.js' {
  /** Where to go: a section, and its share or a function that finds the place in its document. */
  export interface Target {
    index: number
    anchor?: number | ((doc: Document) => Range | Element | number | null)
  }
  export interface Section {
    /** The address of its document. */
    load(): Promise<string>
    unload(): void
    linear: 'no' | null
    pageSpread?: 'left' | 'right' | 'center' | undefined
  }
  export interface Book {
    sections: Section[]
    dir: string
    rendition: { spread?: string | undefined; viewport?: { width: number; height: number } | undefined }
  }
  /** What both renderers have; the fixed one has no styles. */
  export interface Renderer extends HTMLElement {
    open(book: Book): void
    goTo(target: Target): Promise<void>
    prev(): Promise<void>
    next(): Promise<void>
    setStyles?(styles: string | [before: string, after: string]): void
    destroy(): void
  }
  export class Paginator extends HTMLElement implements Renderer {
    open(book: Book): void
    goTo(target: Target): Promise<void>
    prev(): Promise<void>
    next(): Promise<void>
    setStyles(styles: string | [before: string, after: string]): void
    destroy(): void
  }
}

declare module 'foliate-js/fixed-layout.js' {
  import type { Section } from 'foliate-js/paginator.js'
  export class FixedLayout extends HTMLElement {
    getSpreadOf(section: Section): { index: number; side: string } | undefined
  }
}
