/**
 * A page that needs nothing but itself: no framework, no file, no database.
 * @param page.head further elements of the head
 * @param page.content HTML, its texts escaped
 */
export function barePage(page: {
  locale: string
  title: string
  appName: string
  head?: string
  content: string
}): string {
  const { locale, title, appName, head = '', content } = page
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${head}
<title>${escaped(title)} · ${escaped(appName)}</title>
<style>${style}</style>
</head>
<body>
<main id="content">
<h1>${escaped(title)}</h1>
${content}
</main>
</body>
</html>`
}

/** The content policy of such a page. */
export const barePagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '')

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>\n`

/** The colours of `ui/base.css`, whose file isn't waited for. */
const style = `
  body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: #1d2527; background: #fbf9f4; }
  main { max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; line-height: 1.2; }
  button { font: inherit; font-weight: 600; min-height: 3rem; padding: 0 1.5rem; border: 0; border-radius: 8px;
    color: #fff; background: #1f4e5f; cursor: pointer; }
  a { color: #1f4e5f; }
  button:focus-visible, a:focus-visible { outline: 3px solid #b4532a; outline-offset: 2px; }
`
