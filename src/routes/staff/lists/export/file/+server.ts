import { redirect } from '@sveltejs/kit'
import { dottedDate } from '#protocols/person/birth-dates.ts'
import type { ExportChoice, ExportedRow } from '#core/lists/exports.ts'
import { exportSchema } from '#core/lists/exports.ts'
import type { HistoryState } from '#core/applications/applications.ts'
import { authorise } from '#core/staff/actors.ts'
import { stateText } from '#ui/application-states.ts'
import { columnNames, kindNames } from '#ui/lists/words.ts'
import { formValues } from '../../../../../web/forms.ts'
import { sheetResponse } from '../../../../../web/lists.ts'
import type { RequestHandler } from './$types'

/** A file with the chosen columns, sent while it is read. */
export const POST: RequestHandler = async ({ locals, request }) => {
  const typed = await formValues(request)
  const actor =
    typed['kind'] === 'questionnaires'
      ? authorise(locals.actor, 'applications.read')
      : authorise(locals.actor, 'readers.read')
  const choice = exportSchema.safeParse(typed)
  if (!choice.success)
    redirect(303, `/staff/lists/export?empty&kind=${encodeURIComponent(typed['kind'] ?? '')}`)
  const rows = await locals.app.lists.begin(actor, choice.data)
  const today = await locals.app.today()
  return sheetResponse(
    `${kindNames[choice.data.kind]()} ${today}`,
    choice.data.format,
    table(choice.data, rows),
  )
}

async function* table({ columns }: ExportChoice, rows: AsyncIterable<ExportedRow>) {
  yield columns.map((column) => columnNames[column]())
  for await (const row of rows)
    yield columns.map((column) => {
      const text = row[column] ?? ''
      return column === 'state' ? stateText(text as HistoryState) : dottedDate(text)
    })
}
