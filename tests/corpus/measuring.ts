import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseMail } from '../../src/core/intake/mail.ts'
import type { ReadField, ReadQuestionnaire } from '../../src/protocols/questionnaire/questionnaire.ts'
import { isSure } from '../../src/protocols/questionnaire/questionnaire.ts'
import { readQuestionnaires } from '../../src/protocols/questionnaire/read.ts'
import { automatic } from '../../src/protocols/mail/automatic.ts'

const fieldNames = ['fullName', 'email', 'birthDate', 'phone'] as const
type FieldName = (typeof fieldNames)[number]

interface ExpectedField {
  value: string | null
  /** `must`: a careful person takes it unasked; `may`: taking and asking are both right; `never`: he asks. */
  sure: 'must' | 'may' | 'never'
}
type ExpectedQuestionnaire = Record<FieldName, ExpectedField>

interface ExpectedMail {
  file: string
  questionnaires: ExpectedQuestionnaire[]
  faults: string[]
}

export interface Measured {
  mails: number
  questionnaires: number
  /** Of all questionnaires, but those that a careful person would ask back about. */
  fields: number
  /** Taken as sure, and right; or rightly found to be empty. */
  right: number
  /** Taken as sure, and wrong or not to be taken: `file field value`. */
  wrong: string[]
  /** Questionnaires with a sure name that nobody wrote. */
  invented: string[]
  /** Letters with parts that had to be refused, of which nothing is said. */
  unnamed: string[]
}

/** Reads every mail of a corpus and compares with what its makers put in. The day is that of the corpus. */
export async function measureCorpus(folder: string): Promise<Measured> {
  const expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as ExpectedMail[]
  const measured: Measured = {
    mails: expected.length,
    questionnaires: 0,
    fields: 0,
    right: 0,
    wrong: [],
    invented: [],
    unnamed: [],
  }
  for (const mail of expected) {
    const letter = await parseMail({ bytes: await readFile(join(folder, mail.file)), headOnly: false })
    // A machine's answer is nobody's letter: the mailbox doesn't read it.
    if (automatic(letter.headers, letter.from) === 'answer') continue
    const read = await readQuestionnaires(letter, '2026-11-29')
    if (mustBeRefused(mail) && read.faults.length === 0) measured.unnamed.push(mail.file)
    const left = [...read.questionnaires]
    for (const questionnaire of mail.questionnaires) {
      measured.questionnaires += 1
      compare(measured, mail.file, questionnaire, takeLikest(left, questionnaire))
    }
    for (const { fullName } of left)
      if (isSure(fullName)) measured.invented.push(`${mail.file} ${fullName.value}`)
  }
  return measured
}

/** Nothing is to be read, because of what a file is; a mere link to a file elsewhere is no file. */
const mustBeRefused = ({ questionnaires, faults }: ExpectedMail): boolean =>
  questionnaires.length === 0 && faults.some((fault) => fault !== 'external-link')

/** Takes the questionnaire that shares most values with the expected one out of those that are left. */
function takeLikest(
  left: ReadQuestionnaire[],
  expected: ExpectedQuestionnaire,
): ReadQuestionnaire | undefined {
  const shared = (read: ReadQuestionnaire) =>
    fieldNames.filter((name) => read[name].value !== undefined && read[name].value === expected[name].value)
      .length
  const [likest] = left.toSorted((a, b) => shared(b) - shared(a))
  if (!likest || shared(likest) === 0) return undefined
  left.splice(left.indexOf(likest), 1)
  return likest
}

function compare(
  measured: Measured,
  file: string,
  expected: ExpectedQuestionnaire,
  read: ReadQuestionnaire | undefined,
): void {
  for (const name of fieldNames) {
    const { value, sure } = expected[name]
    const field: ReadField | undefined = read?.[name]
    const taken = field && isSure(field) ? field.value : undefined
    if (taken !== undefined && (sure === 'never' || taken !== value))
      measured.wrong.push(`${file} ${name} ${taken}`)
    if (sure === 'never') continue
    measured.fields += 1
    if (read && (taken ?? null) === value) measured.right += 1
  }
}
