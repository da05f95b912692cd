import { randomUUID } from 'node:crypto'
import { fail, redirect } from '@sveltejs/kit'
import { readerTags } from '#protocols/irbis/readers.ts'
import { fileMissing } from '#core/lists/lists.ts'
import { uploadSchema } from '#core/lists/lists.schemas.ts'
import { authorise, may } from '#core/staff/actors.ts'
import type { Actor } from '#core/staff/actors.ts'
import { errorText, expectedIn, fieldText } from '../../../../web/errors.ts'
import type { FormFault } from '../../../../web/forms.ts'
import { listActor } from '../../../../web/lists.ts'
import { receiveUpload } from '../../../../web/uploads.ts'
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
    const upload = await receiveUpload(request)
    try {
      const { fields: values } = upload
      const refuse = (status: number, faults: Record<string, string>) =>
        fail<FormFault>(status, { values, faults })
      const input = uploadSchema.safeParse(values)
      if (!input.success) {
        const faults: Record<string, string> = {}
        for (const issue of input.error.issues) faults[String(issue.path[0])] ??= fieldText(issue.message)
        return refuse(422, faults)
      }
      const actor = actorFor(locals.actor, input.data.kind)
      if (upload.fault) return refuse(upload.fault.status, { file: errorText(upload.fault) })
      const [file] = upload.files
      if (!file) return refuse(422, { file: errorText(fileMissing()) })
      let listId: string
      try {
        ;({ listId } = await locals.app.lists.upload(actor, input.data, file))
      } catch (error) {
        const known = expectedIn(error)
        if (!known || known.status === 403) throw error
        return refuse(known.status, { file: errorText(known) })
      }
      redirect(303, `/staff/lists/${listId}`)
    } finally {
      await upload.discard()
    }
  },
}
