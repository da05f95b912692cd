import { fail } from '@sveltejs/kit'
import { z } from 'zod'
import { batchAgeMarkField } from '#core/catalogue/fund.ts'
import type { ImportOutcome } from '#core/catalogue/import.ts'
import { licenceOf, licenceSchema } from '#core/licences/licences.ts'
import { authorise } from '#core/staff/actors.ts'
import { errorText, fieldText, importFaultText } from '../../../../web/errors.ts'
import { receiveUpload } from '../../../../web/uploads.ts'
import type { Actions, PageServerLoad } from './$types'

const termsSchema = z.object({ ageMark: batchAgeMarkField }).and(licenceSchema)

export const load: PageServerLoad = ({ locals }) => {
  authorise(locals.actor, 'catalogue.manage')
}

export const actions: Actions = {
  default: async ({ locals, request }) => {
    const actor = authorise(locals.actor, 'catalogue.manage')
    const upload = await receiveUpload(request)
    try {
      const terms = termsSchema.safeParse(upload.fields)
      const faults: Record<string, string> = {}
      for (const issue of terms.error?.issues ?? [])
        faults[String(issue.path[0])] ??= fieldText(issue.message)
      if (upload.fault) faults['books'] = errorText(upload.fault)
      else if (upload.files.length === 0) faults['books'] = fieldText('books_missing')
      if (!terms.success || upload.files.length === 0)
        return fail(upload.fault?.status ?? 422, { values: upload.fields, faults })

      const batch = { ageMark: terms.data.ageMark, licence: licenceOf(terms.data) }
      const results: { name: string; outcome: ImportOutcome; text: string | undefined }[] = []
      for (const { path, name } of upload.files) {
        const outcome = await locals.app.fund.importFile(actor, path, name, batch)
        results.push({
          name,
          outcome,
          text: outcome.kind === 'fault' ? importFaultText(outcome.code) : undefined,
        })
      }
      return { results }
    } finally {
      await upload.discard()
    }
  },
}
