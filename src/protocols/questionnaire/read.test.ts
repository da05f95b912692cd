import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LetterToRead, ReadParts, ReadQuestionnaire } from './questionnaire.ts'
import { isSure } from './questionnaire.ts'
import { readQuestionnaires } from './read.ts'
import { zipBytes } from '../zip/write-zip.ts'
import {
  csvOf,
  docxOf,
  docxParagraph,
  docxTable,
  encodedAs,
  htmlOf,
  odtOf,
  pdfOf,
  rtfOf,
  xlsxOf,
  type Rows,
} from './samples.fixtures.ts'

const today = '2026-11-24'

/** Values that are sure; what isn't shows its doubts. */
const plain = ({ fullName, email, birthDate, phone }: ReadQuestionnaire) =>
  [fullName, email, birthDate, phone].map((field) => (isSure(field) ? field.value : field.doubts))

const read = async (letter: Partial<LetterToRead>): Promise<ReadParts> =>
  readQuestionnaires({ text: '', parts: [], ...letter }, today)
const ofFile = (content: Uint8Array, name = 'анкета') =>
  read({ parts: [{ name, contentType: 'application/octet-stream', content }] })
const ofText = async (text: string, more: Partial<LetterToRead> = {}) =>
  (await read({ text, ...more })).questionnaires.map(plain)

const letterForm: Rows = [
  ['ФИО', 'Кузнецова Ольга Петровна'],
  ['Электронная почта', 'Kuz.olga@rambler.ru'],
  ['Дата рождения', '5 марта 2009 г.'],
  ['Контактный телефон', '8 (910) 123-45-67'],
  ['Номер читательского билета', ''],
  ['Пароль', ''],
]
const olga = ['Кузнецова Ольга Петровна', 'kuz.olga@rambler.ru', '2009-03-05', '+79101234567']

const list: Rows = [
  ['№ п/п', 'Ф.И.О. читателя', 'Дата рожд.', 'тел.', 'e-mail'],
  ['1', 'Сидоров Пётр Ильич', '01.02.1988', '+7 920 111-22-33', 'sid@yandex.ru'],
  ['2', 'Козлова Мария', '12/10/2011', '89203334455', 'нет'],
  ['3', '', '', '', ''],
]
const readers = [
  ['Сидоров Пётр Ильич', 'sid@yandex.ru', '1988-02-01', '+79201112233'],
  ['Козлова Мария', ['missing'], '2011-10-12', '+79203334455'],
]

const formats: [string, (rows: Rows) => Uint8Array | Promise<Uint8Array>, string?][] = [
  ['DOCX', (rows) => docxOf(docxTable(rows))],
  ['ODT', odtOf],
  ['RTF', rtfOf],
  ['XLSX', xlsxOf],
  ['PDF', pdfOf],
  ['HTML', (rows) => Buffer.from(htmlOf(rows))],
  ['CSV in UTF-8', (rows) => Buffer.from(csvOf(rows)), 'a.csv'],
  ['CSV in windows-1251', (rows) => encodedAs(csvOf(rows, ','), 'windows-1251'), 'a.csv'],
  ['CSV in UTF-16', (rows) => Buffer.from(`\ufeff${csvOf(rows, '\t')}`, 'utf16le'), 'a.csv'],
]

describe.each(formats)('%s', (_, write, name) => {
  it('with the six rows of the letter is one questionnaire', async () => {
    const { questionnaires, faults } = await ofFile(await write(letterForm), name)
    expect([questionnaires.map(plain), faults]).toEqual([[olga], []])
  })

  it('with a reader in each row below a header is as many questionnaires as rows are filled in', async () => {
    const { questionnaires, faults } = await ofFile(await write(list), name)
    expect([questionnaires.map(plain), faults]).toEqual([readers, []])
  })

  it('that nobody has filled in is a blank form', async () => {
    const blank = letterForm.map(([label = '']) => [label, ''])
    expect((await ofFile(await write(blank), name)).faults.map(({ code }) => code)).toEqual(['blank_form'])
  })
})

describe.each(['form.doc', 'readers.xls', 'form.docx', 'form.odt', 'form.rtf', 'form.pdf'])(
  '%s as LibreOffice writes it',
  (file) => {
    it('gives its questionnaires', async () => {
      const content = readFileSync(new URL(`../../../tests/fixtures/questionnaires/${file}`, import.meta.url))
      const { questionnaires, faults } = await ofFile(content, file)
      const one = [
        'Константинопольская-Петрова Александра Константиновна',
        'ivanova.anna@mail.ru',
        '2009-03-05',
        '+79101234567',
      ]
      // On paper it reaches to its column's border: one that was cut off there would look the same.
      const email = file === 'form.pdf' ? ['incomplete'] : 'sid.petr@yandex.ru'
      const two = [
        ['Сидоров Пётр Ильич', email, '1988-02-01', '+79201112233'],
        ['Козлова Мария', 'm_k@bk.ru', '2011-10-12', '+79203334455'],
      ]
      expect([questionnaires.map(plain), faults]).toEqual([file.startsWith('form') ? [one, ...two] : two, []])
    })
  },
)

it('a DOC with rows of many columns, whose properties lie apart, has all of its rows', async () => {
  const content = readFileSync(
    new URL('../../../tests/fixtures/questionnaires/names-in-parts.doc', import.meta.url),
  )
  expect((await ofFile(content)).questionnaires.map(plain)).toEqual([
    ['Иванова Анна Петровна', 'anna.iv@mail.ru', '2009-03-05', '+79101234567'],
    ['Ким Ольга', 'kim@mail.ru', '1999-03-05', '+79101234568'],
  ])
})

describe('a table', () => {
  const inDocx = async (body: string) => (await ofFile(await docxOf(body))).questionnaires.map(plain)

  it('may have its rows in another order, labels in other words, the name in three cells', async () => {
    const rows = [
      ['тел. (моб.)', '8-910-123-45-67'],
      ['Фамилия', 'Кузнецова'],
      ['Имя', 'Ольга'],
      ['Отчество', 'Петровна'],
      ['Число, месяц, год рождения', '«05» марта 2009 г.р.'],
      ['Адрес электронной почты', 'kuz.olga@rambler.ru'],
    ]
    expect(await inDocx(docxTable(rows))).toEqual([olga])
  })

  it('may come once for each reader, or hold one reader after the other', async () => {
    const again = letterForm.map((row, index) => (index === 0 ? ['ФИО', 'Кузнецова Анна Петровна'] : row))
    const two = [olga, ['Кузнецова Анна Петровна', ...olga.slice(1)]]
    expect(await inDocx(docxTable(letterForm) + docxTable(again))).toEqual(two)
    expect(await inDocx(docxTable([...letterForm, ...again]))).toEqual(two)
  })

  it('may have a reader in each column', async () => {
    const rows = [
      ['ФИО', 'Кузнецова Ольга Петровна', 'Козлова Мария Ильинична'],
      ['Дата рождения', '05.03.2009', '12.10.2011'],
      ['Электронная почта', 'kuz.olga@rambler.ru', ''],
      ['Телефон', '89101234567', '89203334455'],
    ]
    expect(await inDocx(docxTable(rows))).toEqual([
      olga,
      ['Козлова Мария Ильинична', ['missing'], '2011-10-12', '+79203334455'],
    ])
  })

  it('may have two forms side by side', async () => {
    const rows = [
      ['ФИО', 'Кузнецова Ольга Петровна', 'ФИО', 'Козлова Мария'],
      ['Дата рождения', '05.03.2009', 'Дата рождения', '12.10.2011'],
      ['Электронная почта', 'kuz.olga@rambler.ru', 'Электронная почта', ''],
      ['Телефон', '89101234567', 'Телефон', '89203334455'],
    ]
    expect(await inDocx(docxTable(rows))).toEqual([
      olga,
      ['Козлова Мария', ['missing'], '2011-10-12', '+79203334455'],
    ])
  })

  it('may lie inside another one', async () => {
    const nested = `<w:tbl><w:tr><w:tc>${docxParagraph('Анкета')}${docxTable(letterForm)}</w:tc></w:tr></w:tbl>`
    expect(await inDocx(nested)).toEqual([olga])
  })

  it('may have its header in two rows', async () => {
    const html = `<table><tr><td rowspan=2>ФИО</td><td rowspan=2>Дата рождения</td><td colspan=2>Контакты</td></tr>
      <tr><td>телефон</td><td>e-mail</td></tr>
      <tr><td>Козлова Мария</td><td>12.10.2011</td><td>89203334455</td><td>m@bk.ru</td></tr></table>`
    const { questionnaires } = await ofFile(Buffer.from(html))
    expect(questionnaires.map(plain)).toEqual([['Козлова Мария', 'm@bk.ru', '2011-10-12', '+79203334455']])
  })

  it('whose row goes on in the next one has a doubtful name, and no reader more', async () => {
    const rows = [
      ['ФИО', 'Дата рождения', 'Телефон'],
      ['Кузнецова Ольга', '05.03.2009', '89101234567'],
      ['Петровна', '', ''],
    ]
    expect(await inDocx(docxTable(rows))).toEqual([
      [['ambiguous'], ['missing'], '2009-03-05', '+79101234567'],
    ])
  })

  it('with one date that has its month first has no sure date written like it', async () => {
    const rows = [
      ['ФИО', 'Дата рождения'],
      ['Кузнецова Ольга', '03/05/2009'],
      ['Козлова Мария', '03/25/2009'],
    ]
    expect((await inDocx(docxTable(rows))).map((found) => found[2])).toEqual([
      ['ambiguous'],
      ['malformed', 'ambiguous'],
    ])
  })

  it('of people with an office is no list of readers', async () => {
    const staff = [
      ['ФИО', 'Должность', 'Телефон', 'E-mail'],
      ['Петрова Анна Ивановна', 'заведующая', '8 (49435) 4-43-21', 'bib@mail.ru'],
    ]
    expect(await inDocx(docxTable(staff))).toEqual([])
  })

  it('doesn’t take a representative’s rows for the reader’s', async () => {
    const rows = [
      ...letterForm,
      ['Законный представитель', ''],
      ['ФИО', 'Кузнецов Пётр'],
      ['Телефон', '89990001122'],
    ]
    expect(await inDocx(docxTable(rows))).toEqual([olga])
    const named = [...letterForm, ['ФИО родителя', 'Кузнецов Пётр'], ['Телефон мамы', '89990001122']]
    expect(await inDocx(docxTable(named))).toEqual([olga])
  })

  it('with two different values under one label gives neither', async () => {
    const rows = [...letterForm.slice(0, 4), ['Телефон', '89990001122']]
    expect((await inDocx(docxTable(rows)))[0]?.[3]).toEqual(['ambiguous'])
  })

  it('with struck-out words beside a value makes it doubtful', async () => {
    const struck =
      '<w:tbl><w:tr><w:tc><w:p><w:r><w:t>ФИО</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>Иванова </w:t></w:r><w:r><w:t>Петрова Анна</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>Дата рождения</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>05.03.2009</w:t></w:r></w:p></w:tc></w:tr></w:tbl>'
    expect((await inDocx(struck))[0]?.[0]).toContain('malformed')
  })

  it('without labels is known by its looks only, and not sure', async () => {
    const rows = [['Кузнецова Ольга Петровна', '05.03.2009', 'kuz.olga@rambler.ru', '89101234567']]
    const [found] = await inDocx(docxTable(rows))
    expect(found).toEqual(Array.from({ length: 4 }, () => ['unlabelled']))
  })

  it('keeps nothing of the row «Пароль»', async () => {
    const rows = letterForm.map(([label = '', value = '']) => [label, label === 'Пароль' ? 'тайна-1' : value])
    for (const write of [docxOf(docxTable(rows)), pdfOf(rows)])
      expect(JSON.stringify(await ofFile(await write))).not.toContain('тайна')
  })
})

describe('a sheet', () => {
  const header = ['ФИО', 'Дата рождения', 'Телефон', 'E-mail']
  const dateOf = async (number: number, style: 0 | 1) => {
    const row = ['Козлова Мария', { number, style }, { number: 89203334455 }, 'm@bk.ru']
    const { questionnaires } = await ofFile(await xlsxOf([header, row]))
    return questionnaires.map(plain)[0]
  }

  it('has days and phones as numbers', async () => {
    expect(await dateOf(39_877, 1)).toEqual(['Козлова Мария', 'm@bk.ru', '2009-03-05', '+79203334455'])
    expect((await dateOf(39_877, 0))?.[2]).toBe('2009-03-05')
  })

  it('has no day in a number that may be one typed without dots', async () => {
    expect((await dateOf(31_209, 0))?.[2]).toEqual(['malformed'])
    expect((await dateOf(5_032_009, 0))?.[2]).toEqual(['malformed'])
  })
})

describe('a letter', () => {
  const own = `Добрый день! Направляем анкету.

ФИО: Кузнецова Ольга Петровна
Дата рождения — 5 марта 2009 года
моб. тел. 8 910 123-45-67
E-mail: kuz.olga@rambler.ru
`
  const signature = `
--
С уважением, Буйская библиотека
тел. 8 (49435) 4-43-21
e-mail: buylib@mail.ru
Настоящее сообщение конфиденциально. Телефон: 8 999 000-00-00`

  it('has its fields in lines; the signature’s aren’t among them', async () => {
    expect(await ofText(own + signature)).toEqual([olga])
    expect(await ofText(own + signature.replace('--\n', ''))).toEqual([olga])
  })

  it('without a phone doesn’t get the library’s', async () => {
    const [found] = await ofText(own.replace(/моб.*\n/u, '') + signature)
    expect(found).toEqual([olga[0], olga[1], olga[2], ['missing']])
    const unmarked = '\nБуйская районная библиотека\nтел. 8 (49435) 4-43-21'
    expect((await ofText(own.replace(/моб.*\n/u, '') + unmarked))[0]?.[3]).toEqual(['ambiguous'])
  })

  it('doesn’t take the letterhead’s contacts for the reader’s', async () => {
    for (const head of [
      'МБУК Буйская районная библиотека, тел.: 8 (49435) 4-43-21, e-mail: bib@mail.ru\n',
      'Буйская районная библиотека\nтел.: 8 (49435) 4-43-21\ne-mail: bib@mail.ru\n\n',
    ]) {
      expect(await ofText(head + own)).toEqual([olga])
      expect((await ofText(head + own.replace(/моб.*\n/u, '')))[0]?.[3]).not.toBe('+74943544321')
    }
  })

  it('may have values below their labels, as mail flattens a table', async () => {
    const flat = letterForm.map(([label = '', value = '']) => `\t${label}\n\n\t${value}\n`).join('\n')
    expect(await ofText(`${flat}\n\nС уважением,\nБуйская библиотека`)).toEqual([olga])
  })

  it('may have all fields in one line', async () => {
    expect(
      await ofText(
        'Здравствуйте! ФИО: Кузнецова Ольга Петровна; дата рождения: 05.03.2009; эл. почта: kuz.olga@rambler.ru; тел.: 89101234567',
      ),
    ).toEqual([olga])
  })

  it('that was passed on counts; one that is answered doesn’t', async () => {
    const head = 'От: Ольга <a@mail.ru>\nТема: анкета\nДата: 1 ноября\n\n'
    const forwarded = `-------- Пересылаемое сообщение --------\n${head}${own}\n-------- Конец --------`
    expect(await ofText(forwarded)).toEqual([olga])
    const marked = own.replace(/^/gmu, '> ')
    expect(await ofText(`---------- Forwarded message ---------\n${marked}`)).toEqual([olga])
    const [answered] = await ofText(`Да.\n\n20.11.2026 12:03, Центральная библиотека пишет:\n${marked}`)
    expect(answered).toEqual(Array.from({ length: 4 }, () => ['quoted']))
    const original = `Ответ ниже\n-----Исходное сообщение-----\n${head}${own}`
    expect(await ofText(original, { subject: 'Fwd: анкета' })).toEqual([olga])
    expect((await ofText(original, { subject: 'Re: анкета' }))[0]?.[0]).toEqual(['quoted'])
  })

  it('that answers an older questionnaire with a new one gives the new one', async () => {
    const older = own.replaceAll('Ольга', 'Анна').replace(/^/gmu, '> ')
    expect(await ofText(`${own}\n1 ноября Библиотека написала:\n${older}`)).toEqual([olga])
  })

  it.each([
    ['koi8-r', 'windows-1251'],
    ['windows-1251', 'koi8-r'],
    ['windows-1251', 'windows-1252'],
    ['utf-8', 'windows-1251'],
    ['utf-8', 'koi8-r'],
  ])('in %s whose header says %s is read all the same', async (right, wrong) => {
    const bytes = right === 'utf-8' ? Buffer.from(own) : encodedAs(own.replace('—', '-'), right)
    expect(await ofText(new TextDecoder(wrong).decode(bytes))).toEqual([olga])
  })

  it('has in its HTML the table that its text has lost', async () => {
    const text = letterForm.flat().join(' ')
    expect(await ofText(text, { html: htmlOf(letterForm) })).toEqual([olga])
  })

  it('with the same reader in its text and in its file has him once', async () => {
    const parts = [{ name: 'a.docx', contentType: '', content: await docxOf(docxTable(letterForm)) }]
    const { questionnaires } = await read({ text: own, parts })
    expect(questionnaires).toHaveLength(1)
  })

  it('makes doubtful what blank lines put otherwise than labels do', async () => {
    const text = `ФИО: Кузнецова Ольга Петровна
Дата рождения: 05.03.2009

E-mail: anna@mail.ru
ФИО: Сидорова Анна Ильинична
Дата рождения: 01.02.2010
`
    expect((await ofText(text))[0]?.[1]).toEqual(['ambiguous'])
  })

  it('may begin with the library’s name, and speak of parents and of other offices', async () => {
    const before =
      'Буйская районная библиотека\nСогласие родителей получено, анкета читателя библиотеки ниже.\n'
    expect(await ofText(before + own)).toEqual([olga])
    const table = docxTable([['Буйская районная библиотека', ''], ...letterForm])
    expect((await ofFile(await docxOf(table))).questionnaires.map(plain)).toEqual([olga])
  })

  it('doesn’t take a parent’s lines for a reader’s, and goes on with the next reader', async () => {
    const parent = '\nЗаконный представитель:\nФИО: Кузнецов Пётр Ильич\nТелефон: 89990001122\n\n'
    const [first, second, ...more] = await ofText(own + parent + own.replace('Ольга', 'Анна'))
    expect([first, second?.[0], more]).toEqual([olga, 'Кузнецова Анна Петровна', []])
  })

  it('may have rows of its own between ours; what belongs to a parent isn’t taken', async () => {
    const rows = `ФИО ребёнка: Кузнецова Ольга Петровна
ФИО родителя: Кузнецов Пётр Ильич
Дата рождения ребёнка: 05.03.2009
Телефон родителя: 8 999 000 11 22
Школа, класс: 4, 3 Б
Телефон: 89101234567
Электронная почта: kuz.olga@rambler.ru`
    expect(await ofText(rows)).toEqual([olga])
    const table = docxTable([['ФИО родителя', ''], ...letterForm])
    expect((await ofFile(await docxOf(table))).questionnaires.map(plain)).toEqual([olga])
  })

  it('whose rows were left empty has no sure contact from the signature below them', async () => {
    const text = `ФИО: Кузнецова Ольга Петровна
Дата рождения: 05.03.2009
Телефон:
Электронная почта:

Буйская районная библиотека
тел. 8 (49435) 4-43-21
e-mail: bib@mail.ru
`
    const [first] = await ofText(text)
    expect(first?.slice(0, 2)).toEqual([olga[0], ['malformed', 'ambiguous']])
    expect(first?.[3]).toEqual(['ambiguous'])
  })

  it('that only mentions phones and people has no questionnaire', async () => {
    expect(
      await ofText(
        'Прошу прислать пароль. Телефон отдела: 8 (4942) 31-22-33, почта: otdel@mail.ru\nИванова Анна',
      ),
    ).toEqual([])
  })
})

describe('a value is doubtful', () => {
  const field = async (label: string, value: string) => {
    const { questionnaires } = await ofFile(
      await docxOf(
        docxTable(
          [
            ['ФИО', 'Кузнецова Ольга'],
            ['Дата рождения', '05.03.2009'],
            [label, value],
          ].filter(([each], at, all) => all.findLastIndex(([other]) => other === each) === at) as string[][],
        ),
      ),
    )
    const [found] = questionnaires
    return {
      ФИО: found?.fullName,
      'Дата рождения': found?.birthDate,
      Почта: found?.email,
      Телефон: found?.phone,
    }[label]
  }

  it.each([
    ['ФИО', 'Кузнецова Ольга 2009', 'malformed'],
    ['ФИО', 'Кузнецова', 'incomplete'],
    ['ФИО', 'Кузнецова О. П.', 'incomplete'],
    ['ФИО', 'Кузнецова Ольга, Кузнецов Пётр', 'malformed'],
    ['ФИО', 'Кузнецова Ольга Иванов Пётр', 'ambiguous'],
    ['ФИО', 'Кузнецова Ольга мама', 'malformed'],
    ['ФИО', 'Буйская районная библиотека', 'malformed'],
    ['ФИО', 'Ольга Петровна', 'incomplete'],
    ['ФИО', 'Ольга Кузнецова', 'ambiguous'],
    ['ФИО', 'Пётр Кузнецов', 'ambiguous'],
    ['ФИО', 'КузнецоваОльга Петровна', 'misspelt'],
    ['Дата рождения', '05/03/09', 'ambiguous'],
    ['Дата рождения', '3/5/2009', 'ambiguous'],
    ['Дата рождения', '30.02.2009', 'malformed'],
    ['Дата рождения', '05.03.2036', 'unlikely'],
    ['Дата рождения', '05.03.1890', 'unlikely'],
    ['Дата рождения', '05.03.2025', 'unlikely'],
    ['Дата рождения', '2009', 'malformed'],
    ['Почта', 'olga@gmail.con', 'misspelt'],
    ['Почта', 'olga@mai.ru', 'misspelt'],
    ['Почта', 'olga@yadnex.ru', 'misspelt'],
    ['Почта', 'olga@mail.ru, petr@mail.ru', 'ambiguous'],
    ['Почта', 'olga kuz@mail.ru', 'ambiguous'],
    ['Почта', 'olga.mail.ru', 'malformed'],
    ['Телефон', '8 910 123-45-6', 'incomplete'],
    ['Телефон', '4-43-21', 'incomplete'],
    ['Телефон', '89101234567, 89101234568', 'ambiguous'],
    ['Телефон', '89101234567 (мама)', 'ambiguous'],
    ['Телефон', '4-96-12 4-96-15', 'ambiguous'],
    ['Телефон', '49612 49615', 'ambiguous'],
    ['Телефон', '8 999 999-99-99', 'unlikely'],
    ['Телефон', '8 910 123-45-67 доб. 12', 'ambiguous'],
  ])('%s: %s is %s', async (label, value, doubt) => {
    expect((await field(label, value))?.doubts).toContain(doubt)
  })

  it.each([
    ['ФИО', 'КУЗНЕЦОВА ОЛЬГА ПЕТРОВНА', 'Кузнецова Ольга Петровна'],
    ['ФИО', 'Мамедов Али Гасан оглы', 'Мамедов Али Гасан оглы'],
    ['ФИО', 'Римский-Корсаков Н’Диай', "Римский-Корсаков Н'Диай"],
    ['ФИО', 'Нестерова Ульяна', 'Нестерова Ульяна'],
    ['ФИО', 'Ульянов Пётр', 'Ульянов Пётр'],
    ['ФИО', 'Мамаева Неля', 'Мамаева Неля'],
    ['ФИО', 'Телегин Иван', 'Телегин Иван'],
    ['ФИО', 'Городецкий Иван', 'Городецкий Иван'],
    ['Телефон', '8 (49435) 4-43-21', '+74943544321'],
    ['Почта', 'olga@mail.ru <mailto:olga@mail.ru>', 'olga@mail.ru'],
    ['Дата рождения', '25/3/2009', '2009-03-25'],
    ['Дата рождения', '3/3/2009', '2009-03-03'],
    ['Дата рождения', '05/03/2009', '2009-03-05'],
    ['Телефон', '+7(910)123 45 67', '+79101234567'],
    ['Телефон', 'моб. 9101234567', '+79101234567'],
  ])('but not %s: %s', async (label, value, sure) => {
    const found = await field(label, value)
    expect([found?.value, found?.doubts]).toEqual([sure, []])
  })
})

it('an archive gives what its files give, with their names', async () => {
  const content = await zipBytes([
    { name: 'анкеты/1.docx', bytes: await docxOf(docxTable(letterForm)) },
    { name: '2.txt', bytes: encodedAs('ФИО: Козлова Мария\nДата рождения: 12.10.2011', 'windows-1251') },
    { name: 'фото.png', bytes: Buffer.from('\x89PNG\r\n', 'latin1') },
  ])
  const { questionnaires, faults } = await ofFile(content, 'а.zip')
  expect(questionnaires.map(({ source, fullName }) => [source.part, fullName.value])).toEqual([
    ['а.zip/анкеты/1.docx', olga[0]],
    ['а.zip/2.txt', 'Козлова Мария'],
  ])
  expect(faults).toEqual([{ part: 'а.zip/фото.png', code: 'no_text' }])
})

it('a letter that was passed on as a file gives what it says and what its files give', async () => {
  const eml = `Subject: test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nФИО: Козлова Мария\r\nДата рождения: 12.10.2011\r\n--b\r\nContent-Type: application/octet-stream; name=a.docx\r\nContent-Disposition: attachment; filename=a.docx\r\nContent-Transfer-Encoding: base64\r\n\r\n${(await docxOf(docxTable(letterForm))).toString('base64')}\r\n--b--\r\n`
  const { questionnaires } = await ofFile(Buffer.from(eml), 'letter.eml')
  expect(questionnaires.map(({ source, fullName }) => [source.part, fullName.value])).toEqual([
    ['letter.eml', 'Козлова Мария'],
    ['letter.eml/a.docx', olga[0]],
  ])
})
