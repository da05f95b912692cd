import { redirect } from '@sveltejs/kit'
import {
  mendSchema,
  refuseSchema,
  registerSchema,
  returnSchema,
  sameSchema,
  undoSchema,
  withdrawSchema,
} from '#core/applications/applications.schemas.ts'
import { usesProvider } from '#core/settings/provider.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { doneId, placeAfter, readFilter } from '../../../../web/queue.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { actor, app } = locals
  const settings = await app.settings()
  const reader = authorise(actor, 'applications.read')
  const decider = may(actor, 'applications.decide') ? authorise(actor, 'applications.decide') : undefined
  const done = doneId(url)
  // Before the look: what is shown then is what is held.
  const hold = decider && (await app.applications.hold(decider, params.id))
  const application = await app.applications.details(reader, params.id)
  return {
    stockCards: may(actor, 'cards.stock') ? await app.cards.free(authorise(actor, 'cards.read')) : 0,
    hold,
    application,
    provider: usesProvider(settings) ? settings['provider.name'] : '',
    there:
      application.state === 'registered' && application.readerId
        ? await app.providers.standingOf({ readerId: application.readerId })
        : undefined,
    likes: decider && (await app.applications.likes(decider, params.id)),
    decides: Boolean(decider),
    writes: may(actor, 'applications.write'),
    filter: readFilter(url),
    done: decider && done ? await app.queue.decisions.lately(decider, done) : [],
    estimate: decider ? undefined : await app.queue.estimate(reader, params.id),
    hoursLimit: settings['queue.hoursLimit'],
    consent: await app.consents.current(),
    today: await app.today(),
    justSent: url.searchParams.has('sent'),
    undone: url.searchParams.has('undone'),
    now: app.clock(),
  }
}

export const actions: Actions = {
  register: async ({ locals, params, request, url }) =>
    takeForm(request, registerSchema, async (input) => {
      await locals.app.applications.register(authorise(locals.actor, 'applications.decide'), params.id, input)
      redirect(303, await placeAfter(locals.app, locals.actor, url, params.id, params.id))
    }),

  same: async ({ locals, params, request, url }) =>
    takeForm(request, sameSchema, async (input) => {
      await locals.app.applications.same(authorise(locals.actor, 'applications.decide'), params.id, input)
      redirect(303, await placeAfter(locals.app, locals.actor, url, params.id, params.id))
    }),

  return: async ({ locals, params, request, url }) =>
    takeForm(request, returnSchema, async (input) => {
      await locals.app.applications.return(authorise(locals.actor, 'applications.decide'), params.id, input)
      redirect(303, await placeAfter(locals.app, locals.actor, url, params.id, params.id))
    }),

  refuse: async ({ locals, params, request, url }) =>
    takeForm(request, refuseSchema, async (input) => {
      await locals.app.applications.refuse(authorise(locals.actor, 'applications.decide'), params.id, input)
      redirect(303, await placeAfter(locals.app, locals.actor, url, params.id, params.id))
    }),

  withdraw: async ({ locals, params, request }) =>
    takeForm(request, withdrawSchema, async (input) => {
      await locals.app.applications.withdraw(authorise(locals.actor, 'applications.write'), params.id, input)
      redirect(303, `/staff/applications/${params.id}`)
    }),

  undo: async ({ locals, params, request }) =>
    takeForm(request, undoSchema, async (input) => {
      await locals.app.applications.undo(authorise(locals.actor, 'applications.decide'), params.id, input)
      redirect(303, `/staff/applications/${params.id}?undone`)
    }),

  undoWithdrawal: async ({ locals, params, request }) =>
    takeForm(request, undoSchema, async (input) => {
      const actor = authorise(locals.actor, 'applications.write')
      await locals.app.applications.undoWithdrawal(actor, params.id, input)
      redirect(303, `/staff/applications/${params.id}?undone`)
    }),

  takeOver: async ({ locals, params }) => {
    await locals.app.applications.takeOver(authorise(locals.actor, 'applications.decide'), params.id)
  },

  mend: async ({ locals, params, request }) =>
    takeForm(request, mendSchema, async (input) => {
      await locals.app.applications.resend(authorise(locals.actor, 'applications.write'), params.id, input)
      redirect(303, `/staff/applications/${params.id}?sent`)
    }),
}
