import { randomUUID } from 'node:crypto'
import { fail, redirect } from '@sveltejs/kit'
import { readerTags } from '#protocols/irbis/readers.ts'
import { fileMissing } from '#core/lists/lists.ts'
import { uploadSchema } from '#core/lists/lists.schemas.ts'
import { authorise, may } from '#core/staff/actors.ts'
import type { Actor } from '#core/staff/actors.ts'
import type { FormFault } from '../../../../web/forms.ts'
import { fieldFaults, takeUpload } from '../../../../web/forms.ts'
import { listActor } from '../../../../web/lists.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  const actor = listActor(locals.actor)
  return {
    formKey: randomUUID(),
    libraries: await locals.app.network.within(actor.libraries),
    readers: may(locals.actor, 'lists.readers'),
    tags: readerTags.join(', '),
  }
}

const actorFor = (actor: Actor, kind: string) =>
  kind === 'readers' ? authorise(actor, 'lists.readers') : authorise(actor, 'lists.questionnaires')

export const actions: Actions = {
  default: async ({ locals, request }) => {
    // Nobody else's file is received at all.
    listActor(locals.actor)
    return takeUpload(request, 'file', async ({ fields, files: [file] }) => {
      const input = uploadSchema.safeParse(fields)
      if (!input.success) return fail<FormFault>(422, { values: fields, faults: fieldFaults(input.error) })
      const actor = actorFor(locals.actor, input.data.kind)
      if (!file) throw fileMissing()
      const { listId } = await locals.app.lists.upload(actor, input.data, file)
      redirect(303, `/staff/lists/${listId}`)
    })
  },
}
