/** What we use of fontkit 2.0.4, which comes without types. Read off its sources. */
declare module 'fontkit' {
  /** A parsed typeface. */
  export interface Font {
    readonly postscriptName: string
    /** Its own: those that were asked for, by their ids. */
    _glyphs: Record<number, object>
    /** @throws where a mark stands on a letter that has no place for it */
    layout: (text: string, features?: Record<string, boolean>) => object
  }
  export function openSync(path: string): Font
}

declare namespace PDFKit.Mixins {
  interface PDFFont {
    registerFont(name: string, font: import('fontkit').Font): this
  }
}
