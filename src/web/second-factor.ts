import type { RequestEvent } from '@sveltejs/kit'
import type { Handle } from '@sveltejs/kit/hooks'
import { redirect } from '@sveltejs/kit'
import * as texts from '#texts'
import { getLocale } from '#texts/runtime.js'
import { notAllowed } from '#core/staff/actors.ts'
import { barePage, barePagePolicy, escaped, paragraph } from './bare-page.ts'
import { carriesTyped, keptForm, keptFormPart } from './kept-form.ts'
import { logRefusal } from './refusals.ts'
import { openToAll } from './typed-form.ts'

const setUp = '/staff/profile'

/**
 * Whoever must have a second factor and has none is led to where it is set up, from everywhere else. A form that was
 * on its way, as when its session had ended, waits on a page of its own meanwhile.
 */
export const secondFactorFirst: Handle = ({ event, resolve }) => {
  const { request, url, locals } = event
  const missing = locals.actor?.kind === 'staff' && locals.actor.factorMissing
  const isOpen = url.pathname === setUp || url.pathname.startsWith(`${setUp}/`) || openToAll.has(url.pathname)
  if (!missing || isOpen) return resolve(event)
  if (sentByScript(request)) return askToSubmit()
  if (!carriesTyped(request)) redirect(303, setUp)
  return formWaits(event)
}

const sentByScript = ({ headers }: Request): boolean =>
  headers.get('x-sveltekit-action') === 'true' &&
  (headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false)

/** As for a session that has ended (`ui/send-form.ts`): the form comes once more, by itself, and is kept. */
const askToSubmit = () => Response.json({ type: 'failure', status: 401, data: '[{}]' })

async function formWaits(event: RequestEvent): Promise<Response> {
  logRefusal(notAllowed(), event)
  const link = `<p><a href="${setUp}" target="_blank">${escaped(texts.factor_first_open())}</a></p>\n`
  const words = { kept: texts.factor_first_kept(), goBack: texts.factor_first_go_back() }
  const html = barePage({
    locale: getLocale(),
    title: texts.factor_first_title(),
    appName: texts.app_name(),
    content:
      paragraph(texts.factor_first_why()) + link + keptFormPart(await keptForm(event, event.request), words),
  })
  return new Response(html, {
    status: 403,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': barePagePolicy,
      'cache-control': 'no-store',
    },
  })
}
