import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => ({
  libraries: (await locals.app.network.within('all')).map(({ id, name, municipality, phone }) => ({
    id,
    name,
    municipality,
    phone,
  })),
})
