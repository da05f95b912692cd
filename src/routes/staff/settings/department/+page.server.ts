import { redirect } from '@sveltejs/kit'
import { departmentSchema } from '#core/network/network.schemas.ts'
import { shown, touched } from '#core/settings/touched.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => ({
  department: await locals.app.network.department(authorise(locals.actor, 'network.manage')),
  language: (await locals.app.settings())['messages.libraryLanguage'],
  saved: url.searchParams.has('saved'),
})

export const actions: Actions = {
  default: ({ locals, request, url }) =>
    takeForm(request, departmentSchema.extend({ shown }), async (form) => {
      const changed = touched(departmentSchema, form)
      await locals.app.network.changeDepartment(authorise(locals.actor, 'network.manage'), changed)
      redirect(303, `${url.pathname}?saved`)
    }),
}
