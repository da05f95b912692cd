import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { librarySchema } from '#core/network/network.schemas.ts'
import type { Actor } from '#core/staff/actors.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { againSchema, inviteLibrarianSchema } from '#core/staffing/staffing.schemas.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const manager = (actor: Actor) => authorise(actor, 'network.manage')
const ofPerson = z.object({ staffId: z.uuid() })
const nothing = z.object({})

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const actor = manager(locals.actor)
  const { app } = locals
  return {
    ...(await app.network.library(actor, params.id)),
    ...(await app.staffing.ofLibrary(actor, params.id)),
    consents: await app.consents.kindsInForce(),
    department: await app.network.department(actor),
    managesStaff: may(locals.actor, 'staff.manage'),
    mail: app.staffing.mail,
    done: url.searchParams.get('done') ?? '',
  }
}

export const actions: Actions = {
  change: ({ locals, params, request, url }) =>
    takeForm(request, librarySchema, async (input) => {
      await locals.app.network.change(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=changed`)
    }),

  invite: ({ locals, params, request, url }) =>
    takeForm(request, inviteLibrarianSchema, async (input) => {
      await locals.app.staffing.inviteLibrarian(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=${input.onPaper === 'paper' ? 'on_paper' : 'invited'}`)
    }),

  again: ({ locals, params, request, url }) =>
    takeForm(request, againSchema.extend(ofPerson.shape), async ({ staffId, days }) => {
      await locals.app.staffing.again(manager(locals.actor), staffId, { days }, params.id)
      redirect(303, `${url.pathname}?done=again`)
    }),

  cancel: ({ locals, params, request, url }) =>
    takeForm(request, ofPerson, async ({ staffId }) => {
      await locals.app.staffing.cancel(manager(locals.actor), staffId, params.id)
      redirect(303, `${url.pathname}?done=cancelled`)
    }),

  close: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      await locals.app.network.close(manager(locals.actor), params.id)
      redirect(303, `${url.pathname}?done=closed`)
    }),

  reopen: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      await locals.app.network.reopen(manager(locals.actor), params.id)
      redirect(303, `${url.pathname}?done=reopened`)
    }),
}
