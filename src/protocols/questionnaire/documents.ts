import type { ReadDocument } from './document.ts'
import type { Place, ReadField, ReadParts, ReadQuestionnaire } from './questionnaire.ts'
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
  doubtMonthsFirst(filled)
  const read = filled.map((each) => asQuestionnaire(each, part, today))
  const questionnaires = document.unsure ? read.map(withoutTrust) : read
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

/** Whatever is written in it may be other letters. */
function withoutTrust(read: ReadQuestionnaire): ReadQuestionnaire {
  const doubted = (field: ReadField): ReadField =>
    field.raw === '' ? field : { ...field, doubts: [...field.doubts, 'charset'] }
  return {
    ...read,
    fullName: doubted(read.fullName),
    email: doubted(read.email),
    birthDate: doubted(read.birthDate),
    phone: doubted(read.phone),
    ...(read.cardNumber && { cardNumber: doubted(read.cardNumber) }),
  }
}

/** A letter that has questionnaires of its own only answers to those that it quotes. */
const withoutQuotes = (found: readonly Found[]): readonly Found[] => {
  const own = found.filter(({ quoted }) => !quoted)
  return own.length > 0 ? own : found
}

/** Where one date of a document can only have its month first, all that are written like it may. */
function doubtMonthsFirst(found: readonly Found[]): void {
  const dates = found.flatMap(({ entries }) => entries.filter(({ label }) => label === 'birthDate'))
  if (!dates.some(({ raw }) => /^(0?[1-9]|1[0-2])\/(1[3-9]|2\d|3[01])\/\d{4}$/u.test(raw.trim()))) return
  for (const date of dates) if (date.raw.includes('/')) date.doubts.push('ambiguous')
}
