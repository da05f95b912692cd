import * as texts from '#texts'
import { barePage, escaped, paragraph } from './bare-page.ts'

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
  return barePage({
    locale,
    title: texts.outage_title(),
    appName: texts.app_name(),
    head: form ? '' : `<meta http-equiv="refresh" content="${retryAfter}">`,
    content: paragraph(message) + (form ? formPart(form) : paragraph(texts.outage_by_itself())),
  })
}

function formPart({ action, fields }: { action: string; fields: [string, string][] | undefined }): string {
  if (!fields) return paragraph(texts.outage_go_back())
  const carried = fields.map(
    ([name, value]) => `<textarea hidden name="${escaped(name)}">\n${escaped(value)}</textarea>`,
  )
  return `${paragraph(texts.outage_kept())}<form method="post" action="${escaped(action)}">
${carried.join('')}
<button>${escaped(texts.outage_send_again())}</button>
</form>`
}
