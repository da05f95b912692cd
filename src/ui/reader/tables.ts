/**
 * What a table that is too wide goes through until it fits: smaller type first, then words in pieces, and at last
 * without the widths that the book gives its cells.
 */
const steps = [1, 2, 3, 4, 5] as const

const rules = `
  table { max-width: 100%; }
  [data-narrowed] { font-size: calc(var(--own-type) * var(--narrowed, 0.6)) !important; }
  [data-narrowed='1'] { --narrowed: 0.85; }
  [data-narrowed='2'] { --narrowed: 0.7; }
  [data-narrowed='4'], [data-narrowed='5'] { overflow-wrap: anywhere !important; }
  [data-narrowed='5'], [data-narrowed='5'] * {
    width: auto !important; min-width: 0 !important; white-space: normal !important;
  }`

/** Keeps tables as narrow as the page, where nobody could move them sideways; also when the page changes. */
export function fitTables(doc: Document): void {
  const tables = Array.from(doc.querySelectorAll('table'))
  const { defaultView: view } = doc
  if (tables.length === 0 || !view) return
  const style = doc.createElement('style')
  style.textContent = rules
  doc.head?.append(style)
  // In a box of its own that scrolls, a table isn't cut into pages: what is below would be lost.
  for (const { parentElement } of tables) if (parentElement) parentElement.style.overflow = 'visible'
  fit(tables, view)
  new view.ResizeObserver(() => view.requestAnimationFrame(() => fit(tables, view))).observe(doc.body)
}

function fit(tables: readonly HTMLTableElement[], view: Window): void {
  for (const table of tables) table.removeAttribute('data-narrowed')
  const page = Number.parseFloat(view.getComputedStyle(view.document.documentElement).columnWidth)
  if (!page || !view.getComputedStyle(view.document.body).writingMode.startsWith('horizontal')) return
  let wide = tables.filter((table) => isCut(table, page))
  for (const table of wide) table.style.setProperty('--own-type', view.getComputedStyle(table).fontSize)
  for (const step of steps) {
    for (const table of wide) table.setAttribute('data-narrowed', `${step}`)
    wide = wide.filter((table) => isCut(table, page))
    if (wide.length === 0) return
  }
}

/** Whether a table is wider than the page, or than what it stands in. */
function isCut(table: HTMLTableElement, page: number): boolean {
  const room = table.parentElement ? Math.min(page, widthOf(table.parentElement)) : page
  return widthOf(table) > room + 1
}

/** Of its widest piece, where it is cut into pages. */
const widthOf = (element: Element): number =>
  Math.max(0, ...Array.from(element.getClientRects(), ({ width }) => width))
