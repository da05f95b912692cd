import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { checkListSchema, decideRowSchema } from '#core/lists/lists.schemas.ts'
import type { ShownRow } from '#core/lists/lists.queries.ts'
import { countNumber } from '#core/shared/form-fields.ts'
import { may } from '#core/staff/actors.ts'
import { errorText } from '../../../../web/errors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { faultSentence, listActor } from '../../../../web/lists.ts'
import { ExpectedError } from '#core/shared/errors.ts'
import type { Actions, PageServerLoad } from './$types'

const afterField = countNumber.catch(0)

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { app } = locals
  const actor = listActor(locals.actor)
  const list = await app.lists.one(actor, params.id, afterField.parse(url.searchParams.get('after')))
  const sentences = <Row extends ShownRow>(row: Row) => ({ ...row, faults: row.faults.map(faultSentence) })
  return {
    list: {
      ...list,
      fault: list.fault && errorText(new ExpectedError(list.fault, 422)),
      faulty: list.faulty.map(sentences),
    },
    decides: may(locals.actor, 'lists.readers'),
    consent: await app.consents.current(),
    versions: await app.lists.consentVersions(actor),
    today: await app.today(),
  }
}

const emptySchema = z.object({})

export const actions: Actions = {
  check: async ({ locals, params, request }) =>
    takeForm(request, checkListSchema, async (input) => {
      await locals.app.lists.check(listActor(locals.actor), params.id, input)
      redirect(303, `/staff/lists/${params.id}`)
    }),

  start: async ({ locals, params, request }) =>
    takeForm(request, emptySchema, async () => {
      await locals.app.lists.start(listActor(locals.actor), params.id)
      redirect(303, `/staff/lists/${params.id}`)
    }),

  stop: async ({ locals, params, request }) =>
    takeForm(request, emptySchema, async () => {
      await locals.app.lists.stop(listActor(locals.actor), params.id)
      redirect(303, `/staff/lists/${params.id}`)
    }),

  discard: async ({ locals, params, request }) =>
    takeForm(request, emptySchema, async () => {
      await locals.app.lists.discard(listActor(locals.actor), params.id)
      redirect(303, '/staff/lists?discarded')
    }),

  decide: async ({ locals, params, request }) =>
    takeForm(request, decideRowSchema, async (input) => {
      await locals.app.lists.decide(listActor(locals.actor), params.id, input)
      redirect(303, `/staff/lists/${params.id}#asked`)
    }),
}
