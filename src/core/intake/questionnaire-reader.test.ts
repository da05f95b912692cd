import { afterAll, describe, expect, it, vi } from 'vitest'
import { zipBytes } from '#protocols/zip/write-zip.ts'
import { rawMail } from '../../../tests/support/letters.ts'
import { parseMail } from './mail.ts'
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

  it('parses a mail with its files, byte by byte', async () => {
    const content = Buffer.from([0, 1, 128, 255])
    const raw = rawMail({ from: 'a@b.test', text: 'Здравствуйте', files: [{ name: 'x.bin', content }] })
    const mail = { bytes: Buffer.from(raw), headOnly: false }
    const parsed = await reader.parse(mail)
    expect(parsed).toEqual(await parseMail(mail))
    expect(parsed.parts[0]?.content.equals(content)).toBe(true)
    expect(parsed.raw).toBe(mail.bytes)
  })

  it('is ended by a mail that takes too long to parse: that is its fault alone, the next is parsed', async () => {
    const program = new URL('./endless-worker.fixtures.ts', import.meta.url)
    const hasty = createQuestionnaireReader({ time: 1_500, program })
    const mail = (subject: string) => ({
      bytes: Buffer.from(`Subject: ${subject}\r\n\r\nФИО: x`),
      headOnly: false,
    })
    const endless = hasty.parse(mail('endless'))
    const next = hasty.parse(mail('short'))
    await expect(endless).rejects.toThrow('too much')
    expect((await next).subject).toBe('short')
    await hasty.close()
  }, 60_000)

  it('ends when it has had no work for a while; the next mail begins a new one', async () => {
    const program = new URL('./counting-worker.fixtures.ts', import.meta.url)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const resting = createQuestionnaireReader({ idle: 1_000, program })
    const askedOfThread = async () => {
      const { subject } = await resting.parse({ bytes: Buffer.from('Subject: x'), headOnly: false })
      // The rest begins behind the answer.
      await new Promise((resolve) => setImmediate(resolve))
      return subject
    }
    try {
      expect([await askedOfThread(), await askedOfThread()]).toEqual(['1', '2'])
      vi.advanceTimersByTime(999)
      expect(await askedOfThread()).toBe('3')
      // Not the time since the mail before: what is at work rests no sooner than after its last mail.
      vi.advanceTimersByTime(999)
      expect(await askedOfThread()).toBe('4')
      vi.advanceTimersByTime(1_000)
      expect(await askedOfThread()).toBe('1')
    } finally {
      vi.useRealTimers()
      await resting.close()
    }
  })

  it('leaves the files unread for which a hostile letter has no time left, and says so', async () => {
    const program = new URL('./endless-worker.fixtures.ts', import.meta.url)
    const hasty = createQuestionnaireReader({ timeOfAll: 3_000, program })
    const endless = { ...form('Иволгина'), name: 'endless' }
    const read = await hasty.read(
      { text: 'ФИО: Орлова Анна', parts: [endless, endless, form('Сойкина')] },
      today,
    )
    await hasty.close()
    expect(read.faults).toEqual([
      { part: 'endless', code: 'too_slow' },
      { part: 'endless', code: 'no_time' },
      { part: 'Сойкина.txt', code: 'no_time' },
    ])
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual(['Орлова Анна'])
  }, 60_000)

  const much = 400_000
  it.each([
    ['spaces within a line', 'a.txt', `ФИО: ${' '.repeat(much)}Орлова Анна`],
    ['bars', 'a.txt', `ФИО ${'| '.repeat(much / 2)}x`],
    ['spaces behind a mark of an answer', 'a.eml', `Subject: x\n\nпишет${' '.repeat(much)}x`],
    ['commas', 'a.txt', 'ФИО и, '.repeat(much / 14)],
    ['colons', 'a.txt', 'имя: '.repeat(much / 10)],
    ['quotation marks', 'a.csv', `ФИО;Телефон\nx${'"'.repeat(much)}`],
    [
      'blank lines of a cell',
      'a.html',
      `<table><tr><td>ФИО${'<br>'.repeat(much / 4)}x<td>x<br>${'\t<br>'.repeat(9)}y`,
    ],
    ['tabs of a cell', 'a.csv', `"ФИО${'\t'.repeat(much)}x";Телефон`],
    [
      'cells that reach over many',
      'a.html',
      `<table>${`<tr>${'<td rowspan=500 colspan=63>x'.repeat(50)}`.repeat(700)}`,
    ],
    [
      'cells of one row',
      'a.html',
      `<table><tr>${'<td rowspan=500 colspan=63>x'.repeat(30_000)}${'<tr><td>x'.repeat(20_000)}`,
    ],
  ])(
    'comes to an end with hundreds of thousands of %s',
    async (_, name, text) => {
      const part = { name, contentType: '', content: Buffer.from(text) }
      const { faults } = await reader.read({ text: '', parts: [part] }, today)
      expect(faults.map(({ code }) => code)).not.toContain('too_slow')
    },
    60_000,
  )

  it('is ended by a file that takes too much memory; the files after it are read all the same', async () => {
    const narrow = createQuestionnaireReader({ heap: 80 })
    const read = await narrow.read({ text: '', parts: [await large(), form('Сойкина')] }, today)
    await narrow.close()
    expect(read.faults).toEqual([{ part: 'large.docx', code: 'too_slow' }])
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual(['Сойкина Ирина'])
  })
})
