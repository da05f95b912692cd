import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeWindows1251 } from '../sheet/text-encoding.ts'
import { decodeAs, decodeText, lineReadings, mendText } from './decode-text.ts'

const encodings = ['windows-1251', 'koi8-r', 'ibm866', 'x-mac-cyrillic', 'iso-8859-5'] as const
type Encoding = (typeof encodings)[number]

const tables = new Map(
  encodings.map((encoding) => [
    encoding,
    new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
  ]),
)
const encode = (text: string, encoding: Encoding): Uint8Array =>
  Uint8Array.from(text, (sign) => {
    const byte = tables.get(encoding)?.indexOf(sign) ?? -1
    if (byte < 0) throw new Error(`${encoding} has no ${sign}`)
    return byte
  })

const names = fc.constantFrom(
  'Иванова Анна Петровна',
  'Щербаков Юрий Яковлевич',
  'Ёлкина Яна Эдуардовна',
  'Цой Лю',
  'Эм Ян',
)
const cased = fc
  .tuple(names, fc.constantFrom('as it is', 'capitals', 'small'))
  .map(([name, how]) =>
    how === 'capitals' ? name.toUpperCase() : how === 'small' ? name.toLowerCase() : name,
  )
const form = (name: string) =>
  `Анкета для регистрации\nФИО: ${name}\nТелефон: 8 910 123-45-67\nДата рождения: 5.03.2009`

describe('text in an encoding that nobody names', () => {
  it.each(encodings)('(%s) with the form’s words in it is told for sure', (encoding) => {
    fc.assert(
      fc.property(cased, (name) => {
        expect(decodeText(encode(form(name), encoding))).toMatchObject({ text: form(name), sure: true })
      }),
    )
  })

  it('is never sure and wrong, whatever its words and case', () => {
    const label = fc.constantFrom('', 'full name: ', 'e-mail: a@b.ru\nname: ', 'ФИО;', 'телефон ')
    fc.assert(
      fc.property(cased, label, fc.constantFrom(...encodings), (name, before, encoding) => {
        const text = before + name
        const read = decodeText(encode(text, encoding))
        if (read.sure) expect(read.text).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  it('is not sure where it may be read in two ways: capitals of koi8-r are small letters of windows-1251', () => {
    expect(decodeText(encode('full name: ЖДАНОВА ШУРА', 'koi8-r')).sure).toBe(false)
  })

  it('that is UTF-8 is that, and not sure when a letter of it is lost', () => {
    expect(decodeText(Buffer.from(form('Эм Ян')))).toEqual({ text: form('Эм Ян'), sure: true })
    const [before, after] = [Buffer.from('ФИО: Иванова Анна Пет'), Buffer.from('овна')]
    const read = decodeText(Buffer.concat([before, Buffer.of(0xd1), after]))
    expect(read).toEqual({ text: 'ФИО: Иванова Анна Пет\ufffdовна', sure: false })
  })

  const style = `<style>${'p { color: red }\n'.repeat(2000)}</style>`

  it('is judged by its letters, however much ASCII stands before and between them', () => {
    const parts = [style, '©', style, 'ФИО: Иванова Анна Пет']
    const broken = Buffer.concat([Buffer.from(parts.join('')), Buffer.of(0xd1), Buffer.from('овна')])
    expect(decodeText(broken)).toEqual({ text: `${parts.join('')}\ufffdовна`, sure: false })
    for (const encoding of encodings) {
      const text = style + form('Иванова Анна Петровна')
      expect(decodeText(encode(text, encoding))).toEqual({ text, sure: true })
    }
  })

  it('is not sure where two encodings read its beginning alike, and not its end', () => {
    const capitals = 'ФИО: ИВАНОВА АННА\n'
    const long = `${capitals.repeat(2000)}Пётр`
    expect(decodeText(encode(long, 'x-mac-cyrillic')).sure).toBe(false)
    expect(decodeText(encode(capitals, 'ibm866'))).toEqual({ text: capitals, sure: true })
  })
})

describe('text whose encoding a person has named', () => {
  it('is read in it where it is in doubt, and as it is where it tells by itself', () => {
    const doubtful = encodeWindows1251('КТО;КОГДА')
    expect(decodeAs(doubtful).sure).toBe(false)
    expect(decodeAs(doubtful, 'windows-1251')).toEqual({ text: 'КТО;КОГДА', sure: true })
    for (const mark of ['', '\ufeff']) {
      const own = Buffer.from(`${mark}ФИО: Иванова Анна`)
      expect(decodeAs(own, 'windows-1251').text).toContain('ФИО: Иванова Анна')
    }
  })

  it('is shown by a line with letters in it, however far into the line they begin', () => {
    const leader = '00191nam  2200133   4500'.repeat(9)
    const shown = lineReadings(encodeWindows1251(`${leader}КТО;КОГДА`))
    expect(shown['windows-1251']).toContain('КТО;КОГДА')
    expect(shown['koi8-r']).toContain('йрн;йнцдю')
  })
})

describe('text that was decoded by a wrong name', () => {
  it('is mended for sure when the form’s words come to light, else it isn’t sure', () => {
    fc.assert(
      fc.property(
        cased,
        fc.constantFrom(...encodings),
        fc.constantFrom(...encodings),
        fc.boolean(),
        (name, right, wrong, labelled) => {
          const text = labelled ? form(name) : `full name: ${name}`
          const read = mendText(new TextDecoder(wrong).decode(encode(text, right)))
          if (labelled) expect(read.text).toBe(text)
          if (read.sure) expect(read.text).toBe(text)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('is left as it is, and sure, when it reads as it should', () => {
    fc.assert(
      fc.property(cased, (name) => {
        expect(mendText(form(name))).toEqual({ text: form(name), sure: true })
      }),
    )
    for (const text of ['', 'only ASCII', 'Тел. 8 910 …, почта — a@b.ru ☎'])
      expect(mendText(text)).toEqual({ text, sure: true })
  })
})
