import type { ApplicationState } from '#core/applications/applications.ts'
import { applicationStates } from '#core/applications/applications.ts'
import { authorise, may } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const { actor, app } = locals
  const allowed = authorise(actor, 'applications.read')
  const decides = may(actor, 'applications.decide')
  const asked = url.searchParams.get('state')
  const state: ApplicationState | undefined =
    asked === null && decides ? 'sent' : applicationStates.find((each) => each === asked)
  return {
    state,
    decides,
    applications: await app.applications.list(allowed, state ? { state } : {}),
    counts: await app.applications.counts(allowed),
    now: app.clock(),
  }
}
