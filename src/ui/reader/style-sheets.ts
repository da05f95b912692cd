/** A style sheet with each `url()` in it turned into an address; what leads out of the book is taken out. */
export function addressedCss(css: string, address: (reference: string) => string | undefined): string {
  return css.replace(
    /(@import\s+)?url\(\s*(["']?)([^"')]*)\2\s*\)/gi,
    (whole, imported: string | undefined, _quote, raw: string) => {
      const reference = raw.trim()
      // Imports are put in by the names that they have in the book.
      if (imported || /^(data:|#)/i.test(reference)) return whole
      return `url("${address(reference) ?? 'data:,'}")`
    },
  )
}

export const withoutComments = (css: string): string => css.replace(/\/\*[\s\S]*?\*\//g, '')

const importRule = /@import\s+(?:url\(\s*(["']?)([^"')]*)\1\s*\)|(["'])([^"']*)\3)\s*([^;{}]*);?/gi

/**
 * Puts what a sheet imports in its place, so that it loads by our way or not at all.
 * @param sheet the text of an imported sheet; undefined when it isn't of this book
 */
export async function withImports(
  css: string,
  sheet: (reference: string) => Promise<string | undefined>,
): Promise<string> {
  const imports = Array.from(css.matchAll(importRule))
  if (imports.length === 0) return css
  const texts = await Promise.all(
    imports.map(async ([, , url, , quoted, media]) => {
      const text = await sheet((url ?? quoted ?? '').trim())
      return text === undefined ? '' : forMedia(media, text)
    }),
  )
  return css.replace(importRule, () => texts.shift() ?? '')
}

/** A sheet that holds for some media only. */
export const forMedia = (media: string | null | undefined, css: string): string =>
  media?.trim() ? `@media ${media.trim()} {${css}}` : css

/**
 * A sheet as it is meant for a page, in columns: there a chapter's frame is as wide as all its pages
 * together, so whatever asks for the window's size is answered beforehand; and breaks between pages are
 * breaks between columns.
 */
export function cssForColumns(css: string, window: { width: number; height: number }): string {
  const { width, height } = window
  return css
    .replace(/(^|[{\s;])-epub-/gi, '$1')
    .replace(/([\d.]+)vw\b/gi, (_, share: string) => `${(Number(share) * width) / 100}px`)
    .replace(/([\d.]+)vh\b/gi, (_, share: string) => `${(Number(share) * height) / 100}px`)
    .replace(
      /\b(?:page-)?break-(before|after)\s*:\s*(?:always|page|left|right|recto|verso)\b/gi,
      'break-$1: column',
    )
    .replace(/\bpage-break-(before|after|inside)\s*:/gi, 'break-$1:')
    .replace(/\bbreak-(before|after|inside)\s*:\s*avoid-page\b/gi, 'break-$1: avoid')
    .replace(
      /\((min|max)-(?:device-)?(width|height)\s*:\s*([\d.]+)(px|em|rem)\s*\)/gi,
      (_, bound: string, side: string, length: string, unit: string) => {
        const limit = Number(length) * (unit.toLowerCase() === 'px' ? 1 : 16)
        const size = side.toLowerCase() === 'width' ? width : height
        return answer(bound.toLowerCase() === 'min' ? size >= limit : size <= limit)
      },
    )
    .replace(/\(orientation\s*:\s*(portrait|landscape)\s*\)/gi, (_, wanted: string) =>
      answer((wanted.toLowerCase() === 'portrait') === height >= width),
    )
}

/** A media feature that always or never holds. */
const answer = (holds: boolean) => (holds ? '(min-width: 0)' : '(max-width: 0)')
