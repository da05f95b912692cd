import { z } from 'zod'
import { ageMarkField, fundLists } from '#core/catalogue/fund.ts'
import { licenceOf, licenceSchema } from '#core/licences/licences.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const mendSchema = z.object({ id: z.uuid(), ageMark: ageMarkField }).and(licenceSchema)

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'catalogue.read')
  const list = fundLists.find((each) => each === url.searchParams.get('list')) ?? 'all'
  return {
    list,
    manages: may(locals.actor, 'catalogue.manage'),
    publications: await locals.app.fund.list(actor, list),
  }
}

export const actions: Actions = {
  mend: async ({ locals, request }) =>
    takeForm(request, mendSchema, async (input) => {
      const actor = authorise(locals.actor, 'catalogue.manage')
      await locals.app.fund.mend(actor, input.id, { ageMark: input.ageMark, licence: licenceOf(input) })
      return { mended: input.id }
    }),
}
