import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { agreeSchema } from '#core/consents/consents.schemas.ts'
import { readerOf } from '#core/staff/actors.ts'
import { takeForm } from '../../../web/forms.ts'
import { onward, waitForLater } from '../../../web/session-cookie.ts'
import type { Actions, PageServerLoad } from './$types'

const nextOf = (url: URL) => onward(url.searchParams.get('next'), '/shelf')

export const load: PageServerLoad = async ({ locals, url }) => {
  if (!locals.actor) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`)
  const kind = url.searchParams.get('kind') === 'handover' ? 'handover' : 'processing'
  return {
    kind,
    next: nextOf(url),
    question: await locals.app.consents.question(readerOf(locals.actor), kind),
  }
}

export const actions: Actions = {
  agree: async ({ locals, request, url }) =>
    takeForm(request, agreeSchema, async (input) => {
      const actor = readerOf(locals.actor)
      await locals.app.consents.agree(actor, input)
      const next = nextOf(url)
      // A consent of another kind is asked for on a page of its own, after this one.
      const handover =
        input.kind === 'processing' && (await locals.app.consents.question(actor, 'handover'))
          ? `/consent?kind=handover&next=${encodeURIComponent(next)}`
          : undefined
      redirect(303, handover ?? (next === '/shelf' ? '/shelf?agreed' : next))
    }),

  /** The question waits, on this device, for a day or until the next sign-in. */
  later: async ({ cookies, locals, request, url }) =>
    takeForm(request, z.object({}), async () => {
      readerOf(locals.actor)
      waitForLater(cookies, url)
      redirect(303, nextOf(url))
    }),
}
