import { authorise, may, notSignedIn } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  const { actor, app } = locals
  if (actor?.kind !== 'staff') throw notSignedIn()
  return {
    counts: may(actor, 'applications.read')
      ? await app.applications.counts(authorise(actor, 'applications.read'))
      : undefined,
    drafts: may(actor, 'applications.write')
      ? await app.drafts.count(authorise(actor, 'applications.write'))
      : 0,
    decides: may(actor, 'applications.decide'),
    writes: may(actor, 'applications.write'),
  }
}
