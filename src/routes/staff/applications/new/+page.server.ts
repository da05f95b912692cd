import { randomUUID } from 'node:crypto'
import { redirect } from '@sveltejs/kit'
import type { RequestEvent } from '@sveltejs/kit'
import { z } from 'zod'
import { sendSchema } from '#core/applications/applications.schemas.ts'
import { saveDraftSchema } from '#core/applications/drafts.ts'
import { codeSchema } from '#core/applications/home.ts'
import { begunElsewhere } from '#core/applications/applications.ts'
import type { Actor } from '#core/staff/actors.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

const ofLibrary = { libraryId: z.uuid() }
const newSchema = sendSchema.extend(ofLibrary)
const draftSchema = saveDraftSchema.extend(ofLibrary)
const calledSchema = codeSchema.extend(ofLibrary)

const idIn = (url: URL, name: string) => z.uuid().safeParse(url.searchParams.get(name)).data

export const load: PageServerLoad = async ({ locals, url }) => {
  const { app } = locals
  const actor = authorise(locals.actor, 'applications.write')
  const [draftId, familyId] = [idIn(url, 'draft'), idIn(url, 'family')]
  const opened = draftId ? await app.drafts.open(actor, draftId) : undefined
  if (opened && 'sentAs' in opened) redirect(303, `/staff/applications/${opened.sentAs}`)
  return {
    formKey: randomUUID(),
    draft: opened?.draft,
    family: familyId && !opened ? await app.drafts.family(actor, familyId) : undefined,
    libraries: await app.network.within(actor.libraries),
    consent: await app.consents.current(),
    stockCards: await app.cards.free(authorise(locals.actor, 'cards.read')),
    today: await app.today(),
  }
}

export const actions: Actions = {
  // One form whose buttons differ by address: whatever is refused comes back to this page as it was typed.
  default: (event) => {
    const { searchParams } = event.url
    if (searchParams.has('keep')) return keep(event)
    return searchParams.has('code') ? callUp(event) : send(event)
  },
}

/** Somebody else may have signed in since the form was opened. @throws begunElsewhere */
function writerAt(actor: Actor, libraryId: string) {
  const { libraries } = authorise(actor, 'applications.write')
  if (libraries !== 'all' && !libraries.includes(libraryId)) throw begunElsewhere()
  return authorise(actor, 'applications.write', libraryId)
}

const send = ({ locals, request }: RequestEvent) =>
  takeForm(request, newSchema, async ({ libraryId, ...input }) => {
    const actor = writerAt(locals.actor, libraryId)
    const { id } = await locals.app.applications.send(actor, libraryId, input)
    redirect(303, `/staff/applications/${id}?sent`)
  })

const keep = ({ locals, request }: RequestEvent) =>
  takeForm(request, draftSchema, async ({ libraryId, ...input }) => {
    const actor = writerAt(locals.actor, libraryId)
    await locals.app.drafts.save(actor, libraryId, input)
    redirect(303, '/staff/applications/drafts?saved')
  })

/** A code from home. */
const callUp = ({ locals, request, getClientAddress }: RequestEvent) =>
  takeForm(request, calledSchema, async ({ libraryId, code }) => {
    const actor = writerAt(locals.actor, libraryId)
    const { draftId } = await locals.app.homeForms.callUp(actor, libraryId, code, getClientAddress())
    redirect(303, `/staff/applications/new?draft=${draftId}`)
  })
