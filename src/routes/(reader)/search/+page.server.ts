import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const query = (url.searchParams.get('q') ?? '').trim().slice(0, 200)
  return { query, publications: query ? await locals.app.catalogue.search(locals.actor, query) : [] }
}
