import { error } from '@sveltejs/kit'
import { getLocale } from '#texts/runtime.js'
import * as texts from '#texts'
import { actionTextIn } from '#core/audit/actions-en.ts'
import type { LogEntry } from '#core/oversight/log.queries.ts'
import { exportLogSchema } from '#core/oversight/log.schemas.ts'
import { dateIn, timeIn } from '#core/shared/calendar.ts'
import { authorise } from '#core/staff/actors.ts'
import { aboutText, allDetailTexts, whoText } from '#ui/audit/words.ts'
import { formValues } from '../../../../web/forms.ts'
import { sheetResponse } from '../../../../web/lists.ts'
import type { RequestHandler } from './$types'

/** All entries that a search has found, sent while they are read. */
export const POST: RequestHandler = async ({ locals, request }) => {
  const actor = authorise(locals.actor, 'audit.read')
  const asked = exportLogSchema.safeParse(await formValues(request))
  if (!asked.success) error(400)
  const { format, ...filter } = asked.data
  const entries = await locals.app.oversight.begin(actor, filter, format)
  const zone = (await locals.app.settings())['region.timeZone']
  return sheetResponse(`${texts.audit_title()} ${await locals.app.today()}`, format, table(entries, zone))
}

async function* table(entries: AsyncIterable<LogEntry>, zone: string) {
  const language = getLocale()
  yield [
    texts.audit_column_number(),
    texts.audit_column_at(),
    texts.audit_column_who(),
    texts.audit_column_what(),
    texts.audit_column_about(),
    texts.audit_column_id(),
    texts.audit_column_where(),
    texts.audit_column_details(),
  ]
  for await (const entry of entries)
    yield [
      String(entry.seq),
      `${dateIn(zone, entry.at)} ${timeIn(zone, entry.at)}`,
      whoText(entry),
      actionTextIn(language, entry.action),
      aboutText(entry),
      entry.subjectId ?? '',
      entry.libraryName ?? '',
      allDetailTexts(entry).join('; '),
    ]
}
