import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

const mostTyped = 100

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'staff.manage')
  const search = (url.searchParams.get('q') ?? '').trim().slice(0, mostTyped)
  return {
    search,
    people: await locals.app.staffing.list(actor, search),
    cancelled: url.searchParams.get('done') === 'cancelled',
  }
}
