import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { correctionSchema } from '#core/corrections/corrections.ts'
import { revokeSchema } from '#core/destructions/destructions.ts'
import { deviceSchema } from '#core/sessions/sessions.commands.ts'
import { languageSchema } from '#core/readers/language.ts'
import { readerOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import { origin } from '../../../web/origin.ts'
import { dropSession, sessionToken } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, cookies, url }) => {
  if (!locals.actor) redirect(303, '/sign-in?next=/profile')
  const actor = readerOf(locals.actor)
  const { app } = locals
  return {
    profile: await app.personFiles.profile(actor),
    elsewhere: await app.providers.elsewhere(actor),
    refused: await app.messages.refused.own(actor),
    standing: await app.consents.standing(actor),
    consents: await app.consents.given(actor),
    handover: (await app.consents.question(actor, 'handover')) !== undefined,
    devices: await app.sessions.devices(actor, sessionToken(cookies, url)),
    corrections: await app.corrections.own(actor),
    passwordChanged: url.searchParams.get('password') === 'changed',
    destroyedBy: await app.destructions.dueIfRevokedNow(),
  }
}

export const actions: Actions = {
  renew: async ({ locals, request }) =>
    takeForm(request, z.object({}), async () => ({
      renewed: await locals.app.renewing.own(readerOf(locals.actor)),
    })),

  correct: async ({ locals, request }) =>
    takeForm(request, correctionSchema, async ({ text }) => {
      await locals.app.corrections.ask(readerOf(locals.actor), text)
      return { asked: true }
    }),

  language: async ({ locals, request }) =>
    takeForm(request, languageSchema, async ({ language }) => {
      await locals.app.readers.language.choose(readerOf(locals.actor), language)
      return { languageSaved: true }
    }),

  refuseHandover: async ({ locals, request }) =>
    takeForm(request, z.object({}), async () => {
      await locals.app.consents.refuseHandover(readerOf(locals.actor))
      return { refused: true }
    }),

  endDevice: async ({ locals, request }) =>
    takeForm(request, deviceSchema, async ({ device }) => {
      await locals.app.sessions.signOutDevice(readerOf(locals.actor), device)
      return { ended: true }
    }),

  endOthers: async ({ locals, cookies, request, url }) =>
    takeForm(request, z.object({}), async () => {
      await locals.app.sessions.signOutOthers(readerOf(locals.actor), sessionToken(cookies, url))
      return { ended: true }
    }),

  revoke: async (event) => {
    const { cookies, locals, request, url } = event
    return takeForm(request, revokeSchema, async ({ password }) => {
      const actor = readerOf(locals.actor)
      await locals.app.destructions.mayRevoke(actor)
      await locals.app.sessions.confirmReader(actor, password, origin(event))
      const { dueAt } = await locals.app.destructions.revokeOwn(actor)
      dropSession(cookies, url)
      redirect(303, `/revoked?due=${dueAt.getTime()}`)
    })
  },
}
