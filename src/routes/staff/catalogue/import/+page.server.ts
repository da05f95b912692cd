import { fail } from '@sveltejs/kit'
import { z } from 'zod'
import { batchAgeMarkField } from '#core/catalogue/fund.ts'
import type { ImportOutcome } from '#core/catalogue/import.ts'
import { licenceOf, licenceSchema } from '#core/licences/licences.ts'
import { authorise } from '#core/staff/actors.ts'
import { fieldText, importFaultText } from '../../../../web/errors.ts'
import type { FormFault } from '../../../../web/forms.ts'
import { fieldFaults, takeUpload } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const termsSchema = z.object({ ageMark: batchAgeMarkField }).and(licenceSchema)

export const load: PageServerLoad = ({ locals }) => {
  authorise(locals.actor, 'catalogue.manage')
}

export const actions: Actions = {
  default: async ({ locals, request }) => {
    const actor = authorise(locals.actor, 'catalogue.manage')
    return takeUpload(request, 'books', async ({ fields, files }) => {
      const terms = termsSchema.safeParse(fields)
      if (!terms.success || files.length === 0) {
        const missing = files.length === 0 && { books: fieldText('books_missing') }
        const faults = { ...(terms.error && fieldFaults(terms.error)), ...missing }
        return fail<FormFault>(422, { values: fields, faults })
      }
      const batch = { ageMark: terms.data.ageMark, licence: licenceOf(terms.data) }
      const results: { name: string; outcome: ImportOutcome; text: string | undefined }[] = []
      for (const { path, name } of files) {
        const outcome = await locals.app.fund.importFile(actor, path, name, batch)
        results.push({
          name,
          outcome,
          text: outcome.kind === 'fault' ? importFaultText(outcome.code) : undefined,
        })
      }
      // Whoever sends again what wasn't taken needn't type the terms anew.
      const allTaken = results.every(({ outcome }) => outcome.kind !== 'fault')
      return allTaken ? { results } : { results, values: fields }
    })
  },
}
