import { redirect } from '@sveltejs/kit'
import { findSchema } from '#core/readers/search.queries.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = ({ locals }) => {
  const { libraries } = authorise(locals.actor, 'readers.read')
  return { everywhere: libraries === 'all' }
}

export const actions: Actions = {
  /** A POST, so that names, phones and cards stay out of addresses and logs. */
  find: async ({ locals, request }) =>
    takeForm(request, findSchema, async (input) => {
      const { actor, app } = locals
      const found = await app.readers.find(
        authorise(actor, 'readers.read'),
        authorise(actor, 'readers.find-exact'),
        input,
      )
      const [only] = found.readers
      // A scanned card leads straight to its reader.
      if (only && found.by === 'card') redirect(303, `/staff/readers/${only.id}`)
      const values: Record<string, string> = { ...input }
      const faults: Record<string, string> = {}
      return { values, faults, found }
    }),
}
