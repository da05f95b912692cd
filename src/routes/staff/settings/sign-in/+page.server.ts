import { redirect } from '@sveltejs/kit'
import { shown, touched } from '#core/settings/touched.ts'
import { guardingSchema } from '#core/staff-access/guarding.commands.ts'
import { authorise, staffOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'staff.secure')
  const { guarding } = locals.app.staffAccess
  const own = await guarding.held(actor, staffOf(locals.actor).staffId)
  return {
    rule: await guarding.rule(actor),
    ownMissing: !own.totp && own.passkeys === 0,
    saved: url.searchParams.has('saved'),
  }
}

export const actions: Actions = {
  default: async ({ locals, request }) =>
    takeForm(request, guardingSchema.extend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'staff.secure')
      await locals.app.staffAccess.guarding.changeRule(actor, touched(guardingSchema, form))
      redirect(303, '/staff/settings/sign-in?saved')
    }),
}
