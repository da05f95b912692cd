import { redirect } from '@sveltejs/kit'
import type { RequestEvent } from '@sveltejs/kit'
import type { OpenedRecord } from '#core/readers/record.queries.ts'
import { unmergeSchema } from '#core/readers/unmerging.commands.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'

/** What an operator sees of a record's likes and merges; undefined for others. */
export async function loadSamePerson({ locals }: RequestEvent, record: OpenedRecord) {
  const { actor, app } = locals
  if (!may(actor, 'readers.merge')) return { samePerson: undefined }
  const likes = await app.readers.likes(authorise(actor, 'readers.merge'), record)
  return { samePerson: { likes, merges: await app.readers.merges(record), now: app.clock() } }
}

export const samePersonActions = {
  unmerge: async ({ locals, request }: RequestEvent<{ id: string }>) =>
    takeForm(request, unmergeSchema, async ({ mergeId }) => {
      const { droppedId } = await locals.app.readers.unmerge(
        authorise(locals.actor, 'readers.merge'),
        mergeId,
      )
      redirect(303, `/staff/readers/${droppedId}?done=unmerged`)
    }),
}
