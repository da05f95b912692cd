import { afterAll, describe, expect, it } from 'vitest'
import { zipBytes } from '#protocols/zip/write-zip.ts'
import { createQuestionnaireReader } from './questionnaire-reader.ts'

const reader = createQuestionnaireReader()
afterAll(() => reader.close())

const today = '2026-11-24'
const form = (name: string) => ({
  name: `${name}.txt`,
  contentType: 'text/plain',
  content: Buffer.from(`ФИО: ${name} Ирина\nДата рождения: 05.03.2009\n`),
})

/** A document that is within every limit of size, and takes a thread hundreds of megabytes. */
const large = async () => ({
  name: 'large.docx',
  contentType: '',
  content: await zipBytes([
    { name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') },
    {
      name: 'word/document.xml',
      stored: true,
      bytes: Buffer.from(
        `<w:document><w:body>${'<w:p><w:r><w:t>a: b</w:t></w:r></w:p>'.repeat(130_000)}</w:body></w:document>`,
      ),
    },
  ]),
})

describe('the thread that reads questionnaires', () => {
  it('gives what the letter and each of its files give, in their order', async () => {
    const read = await reader.read(
      { text: 'ФИО: Орлова Анна\nТелефон: 89101234567', parts: [form('Сойкина'), form('Иволгина')] },
      today,
    )
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual([
      'Орлова Анна',
      'Сойкина Ирина',
      'Иволгина Ирина',
    ])
  })

  it('reads several letters that come at once, each for itself', async () => {
    const letters = ['Ласточкина', 'Синицына', 'Зимородкова'].map((name) =>
      reader.read({ text: '', parts: [form(name)] }, today),
    )
    const read = await Promise.all(letters)
    expect(read.map(({ questionnaires }) => questionnaires.map(({ fullName }) => fullName.value))).toEqual([
      ['Ласточкина Ирина'],
      ['Синицына Ирина'],
      ['Зимородкова Ирина'],
    ])
  })

  it('is ended by a file that takes too long; the files after it are read all the same', async () => {
    const program = new URL('./endless-worker.fixtures.ts', import.meta.url)
    const hasty = createQuestionnaireReader({ time: 1_500, program })
    const endless = { ...form('Иволгина'), name: 'endless' }
    const read = await hasty.read({ text: '', parts: [endless, form('Сойкина')] }, today)
    await hasty.close()
    expect(read.faults).toEqual([{ part: 'endless', code: 'too_slow' }])
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual(['Сойкина Ирина'])
  }, 60_000)

  it('is ended by a file that takes too much memory; the files after it are read all the same', async () => {
    const narrow = createQuestionnaireReader({ heap: 80 })
    const read = await narrow.read({ text: '', parts: [await large(), form('Сойкина')] }, today)
    await narrow.close()
    expect(read.faults).toEqual([{ part: 'large.docx', code: 'too_slow' }])
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual(['Сойкина Ирина'])
  })
})
