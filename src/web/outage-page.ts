import * as texts from '#texts'
import { barePage, paragraph } from './bare-page.ts'
import type { KeptForm } from './kept-form.ts'
import { keptFormPart } from './kept-form.ts'

/**
 * A page that needs nothing but itself. Of one that was only looked at, the browser asks again by itself.
 * @param page.form what was sent
 */
export function outagePage(page: {
  locale: string
  message: string
  retryAfter: number
  form: KeptForm | undefined
}): string {
  const { locale, message, retryAfter, form } = page
  return barePage({
    locale,
    title: texts.outage_title(),
    appName: texts.app_name(),
    head: form ? '' : `<meta http-equiv="refresh" content="${retryAfter}">`,
    content: paragraph(message) + (form ? keptFormPart(form, words()) : paragraph(texts.outage_by_itself())),
  })
}

const words = () => ({ kept: texts.outage_kept(), goBack: texts.outage_go_back() })
