import { fail, redirect } from '@sveltejs/kit'
import { namedEncoding } from '#core/shared/form-fields.ts'
import { authorise } from '#core/staff/actors.ts'
import type { FormFault } from '../../../../web/forms.ts'
import { takeUpload } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'settings.change')
  return {
    districts: (await locals.app.network.within(actor.libraries)).filter(({ kind }) => kind === 'district'),
    added: Number(url.searchParams.get('added')) || 0,
  }
}

export const actions: Actions = {
  default: async ({ locals, request }) => {
    const actor = authorise(locals.actor, 'settings.change')
    const { districts } = locals.app.setup
    return takeUpload(request, 'file', async ({ fields, files: [file] }) => {
      // A file's rows go into the field: what is wrong with them is mended there.
      const { districts: typed = '', next, encoding } = fields
      if (file)
        fields['districts'] = await districts.readFile(actor, file.path, typed, namedEncoding.parse(encoding))
      else if (next && typed.trim() === '') redirect(303, '/staff/setup/messages')
      const { added, faults: rows } = await districts.add(actor, fields['districts'] ?? '')
      if (rows.length > 0)
        return fail<FormFault & { rows: typeof rows }>(422, { values: fields, faults: {}, rows })
      redirect(303, next ? '/staff/setup/messages' : `/staff/setup/libraries?added=${added}`)
    })
  },
}
