import { redirect } from '@sveltejs/kit'
import { formOf } from '../../web/forms.ts'
import { onward } from '../../web/session-cookie.ts'
import type { RequestHandler } from './$types'

export const POST: RequestHandler = async ({ request, cookies, locals, url }) => {
  const form = await formOf(request)
  const language = form.get('language') === 'en' ? 'en' : 'ru'
  cookies.set('language', language, {
    path: '/',
    httpOnly: false,
    sameSite: 'lax',
    secure: url.protocol === 'https:',
    maxAge: 60 * 60 * 24 * 365,
  })
  // Readers are written to in the language that they read.
  if (locals.actor?.kind === 'reader') await locals.app.readers.language.choose(locals.actor, language)
  redirect(303, onward(String(form.get('from') ?? ''), '/'))
}
