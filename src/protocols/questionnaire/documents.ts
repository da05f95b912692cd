import type { ReadDocument } from './document.ts'
import type { Place, ReadParts } from './questionnaire.ts'
import { asQuestionnaire, doubtGaps, isFilledIn, isQuestionnaire, Recorder, type Found } from './records.ts'
import { readTable } from './tables.ts'
import { TextLines } from './text-lines.ts'

/** The questionnaires of a document: its tables and lines in their order, each run of lines and each table apart. */
export function questionnairesIn(document: ReadDocument, part: string, today: string): ReadParts {
  let found: Found[] = []
  let code = document.libraryCode
  const onLibraryCode = (written: string) => {
    code ??= written.trim()
  }
  let table = 0
  const place = (line: number, page: number | undefined): Place => ({ line, ...(page ? { page } : {}) })
  let records = new Recorder()
  let text = new TextLines(records, place)
  const endText = () => {
    text.end()
    doubtGaps(records.found)
    if (text.libraryCode) onLibraryCode(text.libraryCode)
    found = found.concat(records.found)
    records = new Recorder()
  }
  for (const block of document.blocks) {
    if (block.kind === 'line') {
      text.read(block)
      continue
    }
    endText()
    table += 1
    const { sheet, page } = block
    const where: Place = { ...(sheet ? { sheet } : { table }), ...(page ? { page } : {}) }
    readTable(block, { records, place: where, onLibraryCode })
    found = found.concat(records.found)
    records = new Recorder()
    text = text.next(records)
  }
  endText()
  const filled = withoutQuotes(found.filter(isFilledIn))
  const questionnaires = filled.map((each) => asQuestionnaire(each, part, today))
  const formOnly = found.some(({ entries }) => isQuestionnaire(entries) && entries.length > 1)
  return {
    questionnaires,
    faults: [
      ...(questionnaires.length > 0
        ? []
        : [{ part, code: formOnly ? ('blank_form' as const) : ('no_questionnaire' as const) }]),
      ...(document.cut ? [{ part, code: 'too_large' as const }] : []),
    ],
    ...(code && /^\d{1,6}$/u.test(code) ? { libraryCode: code } : {}),
  }
}

/** A letter that has questionnaires of its own only answers to those that it quotes. */
const withoutQuotes = (found: readonly Found[]): readonly Found[] => {
  const own = found.filter(({ quoted }) => !quoted)
  return own.length > 0 ? own : found
}
