import type { RequestEvent } from '@sveltejs/kit'
import { redirect } from '@sveltejs/kit'
import { notConfirmed } from '#core/staff-access/password-again.ts'
import { secondCodeSchema } from '#core/staff-access/setting-up.commands.ts'
import { staffOf } from '#core/staff/actors.ts'
import { isExpected } from '../../../../web/errors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { sessionToken } from '../../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const confirmed = ({ locals, cookies, url }: Pick<RequestEvent, 'locals' | 'cookies' | 'url'>) =>
  locals.app.staffAccess.confirmed(staffOf(locals.actor), sessionToken(cookies, url))

export const load: PageServerLoad = async ({ locals, cookies, url, request }) => {
  try {
    const member = await confirmed({ locals, cookies, url })
    const toSetUp = await locals.app.staffAccess.factors.totpToSetUp(member)
    // After the form's answer nothing is left to set up, and that answer is what is shown.
    if (toSetUp || request.method === 'POST') return { toSetUp }
  } catch (error) {
    if (!isExpected(error) || error.code !== notConfirmed().code) throw error
  }
  redirect(303, '/staff/profile')
}

export const actions: Actions = {
  default: (event) =>
    takeForm(event.request, secondCodeSchema, async ({ code }) => ({
      added: await event.locals.app.staffAccess.factors.confirmTotp(await confirmed(event), code),
    })),
}
