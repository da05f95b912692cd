import { redirect } from '@sveltejs/kit'
import { z } from 'zod'
import { passkeySchema } from '#core/staff-access/passkeys.ts'
import { secondCodeSchema } from '#core/staff-access/setting-up.commands.ts'
import { stepOver } from '#core/staff-access/second-factors.ts'
import { isExpected } from '../../../../web/errors.ts'
import { takeForm } from '../../../../web/forms.ts'
import { origin } from '../../../../web/origin.ts'
import { carriesForm, firstStep, goOn, stepOfPasskey } from '../../../../web/staff-sign-in.ts'
import type { Actions, PageServerLoad } from './$types'

/** Beside these the forms hold whatever was typed on the page that they came from. */
const codeSchema = z
  .object({ staffCode: z.string().default('') })
  .transform(({ staffCode }) => ({ code: staffCode }))
  .pipe(secondCodeSchema)
const answerSchema = z
  .object({ staffPasskey: z.string().default('') })
  .transform(({ staffPasskey }) => ({ passkey: staffPasskey }))
  .pipe(passkeySchema)

const status = (url: URL) => (carriesForm(url) ? 307 : 303)

export const load: PageServerLoad = async ({ locals, cookies, url, request }) => {
  const next = `next=${encodeURIComponent(url.searchParams.get('next') ?? '/staff')}`
  const again = `/staff/sign-in?${next}`
  const ways = await waysOf(locals.app, firstStep({ cookies, url }))
  if (!ways && request.method !== 'POST') redirect(303, again)
  const carries = carriesForm(url)
  return { ways, again, query: carries ? `carry&${next}` : next, carries }
}

export const actions: Actions = {
  // A form on its way comes back as one that couldn't be taken yet: with all that was typed, but the password.
  carry: ({ request }) =>
    takeForm(request, z.object({}), async () => {
      throw stepOver()
    }),

  code: (event) =>
    takeForm(event.request, codeSchema, async ({ code }) => {
      const step = firstStep(event)
      if (step === undefined) throw stepOver()
      goOn(event, await event.locals.app.staffAccess.withCode(step, code, origin(event)), status(event.url))
    }),

  passkey: (event) =>
    takeForm(event.request, answerSchema, async ({ passkey }) => {
      const { withPasskey } = event.locals.app.staffAccess
      goOn(event, await withPasskey(stepOfPasskey(event), passkey, origin(event)), status(event.url))
    }),
}

/** What the second step may be done with; undefined once it is over. */
async function waysOf(app: App.Locals['app'], step: string | undefined) {
  if (step === undefined) return undefined
  try {
    return await app.staffAccess.secondStep(step)
  } catch (error) {
    if (isExpected(error)) return undefined
    throw error
  }
}
