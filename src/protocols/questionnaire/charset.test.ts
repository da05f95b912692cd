import { describe, expect, it } from 'vitest'
import { encodeWindows1251 } from '../sheet/text-encoding.ts'
import type { ReadQuestionnaire } from './questionnaire.ts'
import { isSure } from './questionnaire.ts'
import { readQuestionnaires } from './read.ts'
import { encodedAs } from './samples.fixtures.ts'

const today = '2026-11-24'
/** Values that are sure; what isn't shows its doubts. */
const plain = ({ fullName, email, birthDate, phone }: ReadQuestionnaire) =>
  [fullName, email, birthDate, phone].map((field) => (isSure(field) ? field.value : field.doubts))
const file = (content: Uint8Array) => ({ name: 'x.csv', contentType: 'text/csv', content })

describe('a letter in another character set than it says', () => {
  const text = 'ФИО: Кузнецова Ольга Петровна\nТелефон: 8 910 123-45-67'
  const taken = (wrong: string) => new TextDecoder(wrong).decode(encodeWindows1251(text))

  it('is read, and shown as it can be read', async () => {
    const letter = await readQuestionnaires({ text: taken('koi8-r'), parts: [] }, today)
    expect(letter.questionnaires.map(plain)).toEqual([
      ['Кузнецова Ольга Петровна', ['missing'], ['missing'], '+79101234567'],
    ])
    expect(letter.shown).toBe(text)
    expect((await readQuestionnaires({ text, parts: [] }, today)).shown).toBeUndefined()
  })

  it('has nothing sure in it where nobody can tell which', async () => {
    const doubts = [['charset'], ['missing'], ['missing'], ['charset']]
    const unsure = await readQuestionnaires({ text, unsure: true, parts: [] }, today)
    expect(unsure.questionnaires.map(plain)).toEqual([doubts])
    const caps = encodedAs('full name;phone\nЖДАНОВА АННА ПЕТРОВНА;8 910 123-45-67', 'koi8-r')
    const { questionnaires } = await readQuestionnaires({ text: '', parts: [file(caps)] }, today)
    expect(questionnaires.map(plain)).toEqual([doubts])
  })
})
