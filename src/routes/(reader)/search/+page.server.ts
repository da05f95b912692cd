import { storable } from '#core/shared/storable.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const query = storable((url.searchParams.get('q') ?? '').slice(0, 200)).trim()
  return { query, publications: query ? await locals.app.catalogue.search(locals.actor, query) : [] }
}
