/** What we use of foliate-js 1.0.1, which comes without types. Read off its sources. */
declare module 'foliate-js/epub.js' {
  export interface TocItem {
    label: string
    href: string | null
    subitems?: TocItem[] | null
  }
  /** Where to go: a section, and a function that finds the place in its document. */
  export interface Target {
    index: number
    anchor?: number | ((doc: Document) => Range | Element | number | null)
  }
  export interface Section {
    id: string
    load(): Promise<string | null>
    unload(): void
    size: number
    cfi: string
    linear: string | null
    resolveHref(href: string): string
  }
  export class EPUB {
    constructor(loader: {
      loadText(name: string): Promise<string | null>
      loadBlob(name: string): Promise<Blob | string>
      getSize(name: string): number
      sha1?: (text: string) => Promise<Uint8Array>
    })
    init(): Promise<this>
    sections: Section[]
    toc?: TocItem[] | null
    dir: string | null
    rendition?: { layout?: string }
    metadata?: { language?: string | string[] }
    resolveCFI(cfi: string): Target
    resolveHref(href: string): Target | null
    splitTOCHref(href: string | null): string[]
    getTOCFragment(doc: Document, id: string): Element | null
    isExternal(href: string): boolean
    destroy(): void
  }
}

declare module 'foliate-js/epubcfi.js' {
  export function fromRange(range: Range): string
  export function joinIndir(...parts: string[]): string
}

declare module 'foliate-js/progress.js' {
  import type { Section, TocItem } from 'foliate-js/epub.js'
  export class SectionProgress {
    constructor(sections: Section[], sizePerLocation: number, sizePerTimeUnit: number)
    getProgress(index: number, fractionInSection: number, pageFraction?: number): { fraction: number }
    getSection(fraction: number): [index: number, fractionInSection: number]
  }
  export class TOCProgress {
    init(options: {
      toc: TocItem[]
      ids: string[]
      splitHref(href: string | null): string[]
      getFragment(doc: Document, id: string): Element | null
    }): Promise<void>
    getProgress(index: number, range: Range | null): TocItem | null | undefined
  }
}

declare module 'foliate-js/paginator.js' {
  import type { EPUB, Target } from 'foliate-js/epub.js'
  /** What both renderers have; the fixed one has no styles. */
  export interface Renderer extends HTMLElement {
    open(book: EPUB): void
    goTo(target: Target): Promise<void>
    prev(): Promise<void>
    next(): Promise<void>
    setStyles?(styles: string | [before: string, after: string]): void
    destroy(): void
  }
  export class Paginator extends HTMLElement implements Renderer {
    open(book: EPUB): void
    goTo(target: Target): Promise<void>
    prev(): Promise<void>
    next(): Promise<void>
    setStyles(styles: string | [before: string, after: string]): void
    destroy(): void
  }
}

declare module 'foliate-js/fixed-layout.js' {
  export {}
}
