import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params, setHeaders, url }) => {
  if (!locals.actor) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`)
  const book = await locals.app.reading.open(readerOf(locals.actor), params.loan)
  const files = `${url.pathname}/files/`
  // The text comes beside the scripts that will ask for it, not after them.
  const { first, styles } = book.package
  setHeaders({ link: [first, ...styles].map((name) => preload(files, name)).join(', ') })
  return { book, files }
}

const preload = (files: string, name: string) =>
  `<${files}${name.split('/').map(encodeURIComponent).join('/')}>; rel=preload; as=fetch; crossorigin=anonymous`
