import { fail, redirect } from '@sveltejs/kit'
import { authorise } from '#core/staff/actors.ts'
import { errorText, expectedIn } from '../../../../web/errors.ts'
import { receiveUpload } from '../../../../web/uploads.ts'
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
    const upload = await receiveUpload(request)
    let list = upload.fields['districts'] ?? ''
    try {
      if (upload.fault) throw upload.fault
      const [file] = upload.files
      // A file's rows go into the field: what is wrong with them is mended there.
      if (file) list = await districts.readFile(actor, file.path)
      const { added, faults } = await districts.add(actor, list)
      if (faults.length > 0) return fail(422, { list, rows: faults, fault: undefined })
      redirect(303, `/staff/setup/libraries?added=${added}`)
    } catch (error) {
      const known = expectedIn(error)
      if (!known) throw error
      return fail(known.status, { list, rows: [], fault: errorText(known) })
    } finally {
      await upload.discard()
    }
  },
}
