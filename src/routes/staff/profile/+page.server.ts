import type { RequestEvent } from '@sveltejs/kit'
import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { deviceSchema } from '#core/sessions/sessions.commands.ts'
import { staffOf } from '#core/staff/actors.ts'
import { confirmSchema, ownPasswordSchema } from '#core/staff-access/own-password.commands.ts'
import { newPasskeySchema } from '#core/staff-access/passkeys.ts'
import { passkeyIdSchema } from '#core/staff-access/setting-up.commands.ts'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import { sessionToken } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const anything = z.object({})

export const load: PageServerLoad = async ({ locals, cookies, url }) => {
  const actor = staffOf(locals.actor)
  const { sessions, staffAccess } = locals.app
  const token = sessionToken(cookies, url)
  return {
    factors: await staffAccess.factors.own(actor),
    passkeysPossible: staffAccess.factors.passkeysPossible,
    confirmed: await staffAccess.isConfirmed(actor, token),
    missing: actor.factorMissing ?? false,
    devices: await sessions.devices(actor, token),
    done: url.searchParams.get('done'),
  }
}

/** The member, who has typed the password just now. @throws notConfirmed */
const confirmed = ({ locals, cookies, url }: RequestEvent) =>
  locals.app.staffAccess.confirmed(staffOf(locals.actor), sessionToken(cookies, url))

const done = (what: 'confirmed' | 'password' | 'removed'): never =>
  redirect(303, `/staff/profile?done=${what}`)

async function confirm(event: RequestEvent, password: string): Promise<void> {
  const { locals, cookies, url } = event
  const token = sessionToken(cookies, url)
  await locals.app.staffAccess.confirm(staffOf(locals.actor), token, password, origin(event))
}

export const actions: Actions = {
  confirm: (event) =>
    takeForm(event.request, confirmSchema, async ({ password }) => {
      await confirm(event, password)
      done('confirmed')
    }),

  password: (event) =>
    takeForm(event.request, ownPasswordSchema, async ({ password, newPassword }) => {
      await confirm(event, password)
      await event.locals.app.staffAccess.changePassword(await confirmed(event), newPassword)
      done('password')
    }),

  setUpTotp: (event) =>
    takeForm(event.request, anything, async () => {
      await event.locals.app.staffAccess.factors.beginTotp(await confirmed(event))
      redirect(303, '/staff/profile/code')
    }),

  removeTotp: (event) =>
    takeForm(event.request, anything, async () => {
      await event.locals.app.staffAccess.factors.removeTotp(await confirmed(event))
      done('removed')
    }),

  addPasskey: (event) =>
    takeForm(event.request, newPasskeySchema, async (input) => ({
      added: await event.locals.app.staffAccess.factors.addPasskey(await confirmed(event), input),
    })),

  removePasskey: (event) =>
    takeForm(event.request, passkeyIdSchema, async ({ id }) => {
      await event.locals.app.staffAccess.factors.removePasskey(await confirmed(event), id)
      done('removed')
    }),

  newCodes: (event) =>
    takeForm(event.request, anything, async () => ({
      added: await event.locals.app.staffAccess.factors.newCodes(await confirmed(event)),
    })),

  endDevice: ({ locals, request }) =>
    takeForm(request, deviceSchema, async ({ device }) => {
      await locals.app.sessions.signOutDevice(staffOf(locals.actor), device)
      return { ended: true }
    }),

  endOthers: ({ locals, cookies, request, url }) =>
    takeForm(request, anything, async () => {
      await locals.app.sessions.signOutOthers(staffOf(locals.actor), sessionToken(cookies, url))
      return { ended: true }
    }),
}
