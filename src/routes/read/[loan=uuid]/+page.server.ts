import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import { getLocale } from '#texts/runtime.js'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params, url }) => {
  if (!locals.actor) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`)
  const book = await locals.app.reading.open(readerOf(locals.actor), params.loan)
  return { book, files: `${url.pathname}/files/`, language: getLocale() }
}
