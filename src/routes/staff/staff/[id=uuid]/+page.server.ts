import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import type { Actor } from '#core/staff/actors.ts'
import { authorise } from '#core/staff/actors.ts'
import { hasFactor } from '#core/staff-access/second-factors.ts'
import { againSchema, changePersonSchema, heldRoleSchema } from '#core/staffing/staffing.schemas.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const manager = (actor: Actor) => authorise(actor, 'staff.manage')
const guard = (actor: Actor) => authorise(actor, 'staff.secure')
const nothing = z.object({})

export const load: PageServerLoad = async ({ locals, params, url }) => ({
  person: await locals.app.staffing.person(manager(locals.actor), params.id),
  libraries: await locals.app.network.within('all'),
  hasFactor: hasFactor(await locals.app.staffAccess.guarding.held(guard(locals.actor), params.id)),
  mail: locals.app.staffing.mail,
  done: url.searchParams.get('done') ?? '',
})

export const actions: Actions = {
  change: ({ locals, params, request, url }) =>
    takeForm(request, changePersonSchema, async (input) => {
      await locals.app.staffing.change(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=changed`)
    }),

  give: ({ locals, params, request, url }) =>
    takeForm(request, heldRoleSchema, async (input) => {
      await locals.app.staffing.giveRole(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=given#roles`)
    }),

  take: ({ locals, params, request, url }) =>
    takeForm(request, heldRoleSchema, async (input) => {
      await locals.app.staffing.takeRole(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=taken#roles`)
    }),

  again: ({ locals, params, request, url }) =>
    takeForm(request, againSchema, async (input) => {
      await locals.app.staffing.again(manager(locals.actor), params.id, input)
      redirect(303, `${url.pathname}?done=again`)
    }),

  cancel: ({ locals, params, request }) =>
    takeForm(request, nothing, async () => {
      await locals.app.staffing.cancel(manager(locals.actor), params.id)
      redirect(303, '/staff/staff?done=cancelled')
    }),

  /** Shown by this answer alone: a reload shows it no more. */
  link: ({ locals, params, request }) =>
    takeForm(request, nothing, async () => ({
      link: await locals.app.staffing.showLink(manager(locals.actor), params.id),
    })),

  reset: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      const link = await locals.app.staffing.reset(manager(locals.actor), params.id)
      if (link) return { link }
      redirect(303, `${url.pathname}?done=reset`)
    }),

  resetFactor: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      await locals.app.staffAccess.guarding.reset(guard(locals.actor), params.id)
      redirect(303, `${url.pathname}?done=factor_reset`)
    }),

  dismiss: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      await locals.app.staffing.dismiss(manager(locals.actor), params.id)
      redirect(303, `${url.pathname}?done=dismissed`)
    }),

  reinstate: ({ locals, params, request, url }) =>
    takeForm(request, nothing, async () => {
      await locals.app.staffing.reinstate(manager(locals.actor), params.id)
      redirect(303, `${url.pathname}?done=reinstated`)
    }),
}
