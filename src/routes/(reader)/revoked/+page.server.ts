import type { PageServerLoad } from './$types'

/** Shown after the session has ended: the day comes along, nothing else is known any more. */
export const load: PageServerLoad = ({ locals, url }) => {
  const due = new Date(Number(url.searchParams.get('due')))
  return { due: Number.isNaN(due.getTime()) ? locals.app.clock() : due }
}
