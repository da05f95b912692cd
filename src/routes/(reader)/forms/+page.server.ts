import { z } from 'zod'
import type { PageServerLoad } from './$types'

/** From the desk the library comes along. */
const librarySchema = z.uuid().optional().catch(undefined)

export const load: PageServerLoad = async ({ locals, url }) => {
  const { app } = locals
  const libraries = (await app.network.within('all')).map(({ id, name }) => ({ id, name }))
  const asked = librarySchema.parse(url.searchParams.get('library') ?? undefined)
  return {
    libraries,
    library: libraries.some(({ id }) => id === asked) ? asked : undefined,
    address: await app.questionnaireForms.address(),
    kinds: await app.consents.kindsInForce(),
  }
}
