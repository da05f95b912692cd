import { fail, redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { acceptSchema, confirmSchema, dismissSchema } from '#core/letters/letters.schemas.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { errorText } from '../../../../web/errors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const { app, actor } = locals
  const letter = await app.letters.open(authorise(actor, 'letters.read'), params.id)
  const decides = may(actor, 'letters.decide')
  const { libraries } = authorise(actor, 'letters.confirm')
  return {
    letter,
    /** Of whose library the letter is, says that the consents are signed. */
    confirms: letter.libraryId !== null && libraries !== 'all' && libraries.includes(letter.libraryId),
    decides,
    consent: await app.consents.current(),
    libraries: decides && letter.state === 'waiting' ? await app.network.within('all') : [],
    done: (['sent', 'removed', 'accepted', 'dismissed'] as const).find((each) => url.searchParams.has(each)),
    count: Number(url.searchParams.get('sent')) || 0,
  }
}

export const actions: Actions = {
  confirm: ({ locals, params, request }) =>
    takeForm(request, confirmSchema, async (input) => {
      const actor = authorise(locals.actor, 'letters.confirm')
      const { sent, left } = await locals.app.letters.confirm(actor, params.id, input)
      if (left.length === 0) redirect(303, `/staff/letters/${params.id}?sent=${sent}`)
      const values: Record<string, string> = {}
      for (const row of input.rows) {
        values[`take-${row.draftId}`] = String(row.revision)
        values[`guardianName-${row.draftId}`] = row.guardianName
        values[`guardianRelation-${row.draftId}`] = row.guardianRelation
      }
      const faults = Object.fromEntries(
        left.map(({ draftId, error }) => [`take-${draftId}`, errorText(error)]),
      )
      return fail(409, { values: { ...values, consentGiven: 'on' }, faults, sent })
    }),

  remove: ({ locals, params, request }) =>
    takeForm(request, z.object({ remove: z.uuid() }), async ({ remove }) => {
      await locals.app.drafts.discard(authorise(locals.actor, 'applications.write'), remove)
      redirect(303, `/staff/letters/${params.id}?removed`)
    }),

  accept: ({ locals, params, request }) =>
    takeForm(request, acceptSchema, async (input) => {
      await locals.app.letters.accept(authorise(locals.actor, 'letters.decide'), params.id, input)
      redirect(303, `/staff/letters/${params.id}?accepted`)
    }),

  dismiss: ({ locals, params, request }) =>
    takeForm(request, dismissSchema, async (input) => {
      await locals.app.letters.dismiss(authorise(locals.actor, 'letters.decide'), params.id, input)
      redirect(303, `/staff/letters/${params.id}?dismissed`)
    }),
}
