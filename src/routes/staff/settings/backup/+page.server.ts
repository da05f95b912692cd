import { redirect } from '@sveltejs/kit'
import { backupRulesSchema } from '#core/backups/backups.schemas.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const { app } = locals
  return {
    ...(await app.backups.standing(authorise(locals.actor, 'backups.manage'))),
    saved: url.searchParams.has('saved'),
    asked: url.searchParams.has('asked'),
  }
}

export const actions: Actions = {
  rules: async ({ locals, request }) =>
    takeForm(request, backupRulesSchema.extend({ shown }), async (form) => {
      const actor = authorise(locals.actor, 'backups.manage')
      await locals.app.backups.change(actor, touched(backupRulesSchema, form))
      redirect(303, '/staff/settings/backup?saved')
    }),
  now: async ({ locals }) => {
    await locals.app.backups.ask(authorise(locals.actor, 'backups.manage'))
    redirect(303, '/staff/settings/backup?asked')
  },
}
