import { redirect } from '@sveltejs/kit'
import { authorise, may } from '#core/staff/actors.ts'
import { formValues } from '../../../web/forms.ts'
import { doneId, placeAfter, readFilter } from '../../../web/queue.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const { actor, app } = locals
  const allowed = authorise(actor, 'applications.read')
  const decider = may(actor, 'applications.decide') ? authorise(actor, 'applications.decide') : undefined
  const asked = readFilter(url)
  const filter = { ...asked, state: asked.state ?? (decider ? ('sent' as const) : ('all' as const)) }
  const today = decider && url.searchParams.has('today')
  const done = doneId(url)
  const [page, counts, libraries, settings] = await Promise.all([
    today ? undefined : app.queue.list(allowed, filter),
    app.queue.counts(allowed, filter),
    app.network.within(allowed.libraries),
    app.settings(),
  ])
  return {
    filter,
    decides: Boolean(decider),
    libraries: libraries.map(({ id, name }) => ({ id, name })),
    page,
    today: today ? await app.queue.decisions.today(decider) : undefined,
    counts,
    done: decider && done ? await app.queue.decisions.lately(decider, done) : [],
    estimate: decider ? undefined : await app.queue.estimate(allowed),
    hoursLimit: settings['queue.hoursLimit'],
    now: app.clock(),
  }
}

export const actions: Actions = {
  next: async ({ locals, url, request }) => {
    const { from } = await formValues(request)
    redirect(303, await placeAfter(locals.app, locals.actor, url, from))
  },
}
