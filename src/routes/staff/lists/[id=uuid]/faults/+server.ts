import * as texts from '#texts'
import { z } from 'zod'
import { headerName } from '#ui/lists/words.ts'
import { faultSentence, listActor, sheetResponse } from '../../../../../web/lists.ts'
import type { RequestHandler } from './$types'

const formatField = z.enum(['xlsx', 'csv', 'csv1251']).catch('xlsx')

/** The rows with faults as they came, with what is to be put right beside each. */
export const GET: RequestHandler = async ({ locals, params, url }) => {
  const { fileName, format, header, rows } = await locals.app.lists.faultyRows(
    listActor(locals.actor),
    params.id,
  )
  const irbis = format !== 'xlsx' && format !== 'csv'
  async function* table() {
    yield [...header.map((text, place) => headerName(text, place, irbis)), texts.list_fault_column()]
    for (const { cells, faults } of rows)
      yield [...header.map((_, place) => cells[place] ?? ''), faults.map(faultSentence).join(' ')]
  }
  const name = `${fileName.replace(/\.[^.]*$/, '')} — ${texts.list_fault_file()}`
  return sheetResponse(name, formatField.parse(url.searchParams.get('format')), table())
}
