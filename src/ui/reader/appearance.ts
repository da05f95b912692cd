export const themes = ['light', 'sepia', 'dark'] as const
export type Theme = (typeof themes)[number]

/** From close to wide: the space between lines, the margins. */
export const spaces = ['close', 'usual', 'wide'] as const
export type Space = (typeof spaces)[number]

/** How a reader likes pages to look; kept on the device, because it depends on its screen. */
export interface Appearance {
  theme: Theme
  /** Percent of the book's own type size. */
  size: number
  /** The book's own typeface, or ours without serifs. */
  sans: boolean
  lines: Space
  margins: Space
}

export const sizes = { least: 70, most: 260, step: 10 } as const

export const colours: Record<Theme, { paper: string; ink: string; link: string }> = {
  light: { paper: '#ffffff', ink: '#1b1f20', link: '#1f4e5f' },
  sepia: { paper: '#f6ecd9', ink: '#3d2f1f', link: '#7a3d12' },
  dark: { paper: '#14181a', ink: '#d6d3cb', link: '#8fc1d4' },
}

const key = 'reading-appearance'
export const usual: Appearance = {
  theme: 'light',
  size: 100,
  sans: false,
  lines: 'usual',
  margins: 'usual',
}

const lineHeights: Record<Space, number> = { close: 1.3, usual: 1.5, wide: 1.8 }

/** Share of the page's width that its margins and the gap between columns take. */
export const gaps: Record<Space, string> = { close: '3%', usual: '6%', wide: '12%' }

/** What was chosen on this device before; the usual when nothing was, or storage is closed. */
export function storedAppearance(): Appearance {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Appearance>
    const space = (value: unknown) => spaces.find((each) => each === value) ?? 'usual'
    return {
      theme: themes.find((theme) => theme === stored.theme) ?? usual.theme,
      size: clampSize(Number(stored.size ?? usual.size)),
      sans: stored.sans === true,
      lines: space(stored.lines),
      margins: space(stored.margins),
    }
  } catch {
    return usual
  }
}

export function storeAppearance(appearance: Appearance): void {
  try {
    localStorage.setItem(key, JSON.stringify(appearance))
  } catch {
    // Private windows may have no storage: the choice then holds for this page.
  }
}

export const clampSize = (size: number): number =>
  Number.isFinite(size) ? Math.min(sizes.most, Math.max(sizes.least, size)) : usual.size

/** Style sheets for a chapter: what the book may overrule, and what it may not. */
export function chapterStyles({ theme, size, sans, lines }: Appearance): [before: string, after: string] {
  const { paper, ink, link } = colours[theme]
  const before = `
    html { font-family: 'PT Serif', Georgia, 'Times New Roman', serif; line-height: ${lineHeights.usual}; }
    p, li, td, th { hyphens: auto; -webkit-hyphens: auto; }
    img, svg { max-width: 100%; }`
  const after = `
    html { --theme-bg-color: ${paper}; color-scheme: ${theme === 'dark' ? 'dark' : 'light'};
      background: ${paper} !important; color: ${ink} !important; font-size: ${size}% !important; }
    body { background: none !important; color: ${ink} !important; font-size: 1rem !important; }
    ${theme === 'light' ? '' : `body *:not(img, svg, svg *) { color: inherit !important; background-color: transparent !important; }`}
    a:any-link, a:any-link * { color: ${link} !important; }
    ${lines === 'usual' ? '' : `html, body, p, li, dd, div, blockquote { line-height: ${lineHeights[lines]} !important; }`}
    ${size === 100 ? '' : 'p, li, dd, blockquote { font-size: 1em !important; }'}
    ${sans ? `body, body *:not(code, pre, code *, pre *) { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif !important; }` : ''}`
  return [before, after]
}
