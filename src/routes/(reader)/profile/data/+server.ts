import { redirect } from '@sveltejs/kit'
import { readerOf } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

/** «Мои данные файлом»: `?as=json` or, for people, a PDF. Kept nowhere on the way. */
export const GET: RequestHandler = async ({ locals, url }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/profile')
  const as = url.searchParams.get('as') === 'json' ? 'json' : 'pdf'
  const { bytes, type } = await locals.app.personFiles.own(readerOf(locals.actor), as)
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="moi-dannye.${as}"`,
      'cache-control': 'no-store',
    },
  })
}
