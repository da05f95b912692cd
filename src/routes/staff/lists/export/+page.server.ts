import { z } from 'zod'
import { applicationStates } from '#core/applications/applications.ts'
import { exportColumns } from '#core/lists/exports.ts'
import { listKinds } from '#core/lists/lists.ts'
import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

const kindField = z.enum(listKinds).catch('readers')

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'readers.read')
  const kind = kindField.parse(url.searchParams.get('kind'))
  const last = await locals.app.lists.lastChoice(actor, kind)
  return {
    kind,
    columns: exportColumns[kind],
    chosen: last.columns ?? [...exportColumns[kind]],
    format: last.format ?? 'xlsx',
    states: applicationStates,
    libraries: await locals.app.network.within(actor.libraries),
    empty: url.searchParams.has('empty'),
  }
}
