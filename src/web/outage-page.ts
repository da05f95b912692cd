import * as texts from '#texts'

/**
 * A page that needs nothing but itself. Of one that was only looked at, the browser asks again by itself.
 * @param page.form what was sent; without fields when it can't be sent on from here
 */
export function outagePage(page: {
  locale: string
  message: string
  retryAfter: number
  form: { action: string; fields: [string, string][] | undefined } | undefined
}): string {
  const { locale, message, retryAfter, form } = page
  const title = texts.outage_title()
  const refresh = form ? '' : `<meta http-equiv="refresh" content="${retryAfter}">`
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${refresh}
<title>${escaped(title)} · ${escaped(texts.app_name())}</title>
<style>${style}</style>
</head>
<body>
<main id="content">
<h1>${escaped(title)}</h1>
<p>${escaped(message)}</p>
${form ? formPart(form) : `<p>${escaped(texts.outage_by_itself())}</p>`}
</main>
</body>
</html>`
}

function formPart({ action, fields }: { action: string; fields: [string, string][] | undefined }): string {
  if (!fields) return `<p>${escaped(texts.outage_go_back())}</p>`
  const carried = fields.map(
    ([name, value]) => `<textarea hidden name="${escaped(name)}">\n${escaped(value)}</textarea>`,
  )
  return `<p>${escaped(texts.outage_kept())}</p>
<form method="post" action="${escaped(action)}">
${carried.join('')}
<button>${escaped(texts.outage_send_again())}</button>
</form>`
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => escapes[sign] ?? '')

/** The colours of `ui/base.css`, whose file isn't waited for. */
const style = `
  body { margin: 0; font: 1.0625rem/1.5 system-ui, sans-serif; color: #1d2527; background: #fbf9f4; }
  main { max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; line-height: 1.2; }
  button { font: inherit; font-weight: 600; min-height: 3rem; padding: 0 1.5rem; border: 0; border-radius: 8px;
    color: #fff; background: #1f4e5f; cursor: pointer; }
  button:focus-visible { outline: 3px solid #b4532a; outline-offset: 2px; }
`
