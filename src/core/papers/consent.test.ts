import { describe, expect, it } from 'vitest'
import { linesOf, pageCount, textOf } from '../../../tests/support/pdf.ts'
import { defaultConsentText, fillConsentText } from '../consents/consent-text.ts'
import type { ConsentPaper } from './consent.ts'
import { renderConsent } from './consent.ts'

const library = (id: string, name: string) => ({
  id,
  code: `00${id}`,
  kind: 'district',
  name,
  short_name: name,
  municipality: '',
  address: `улица ${id}`,
  phone: '',
  email: '',
})
const central = library('1', 'Областная библиотека')
const bui = library('2', 'Буйская районная библиотека')

const paper: ConsentPaper = {
  body: fillConsentText(defaultConsentText, central, bui),
  version: 3,
  fullName: 'Смирнова Анна Петровна',
  birthDate: '1990-03-05',
  guardian: 'no',
  aloneFrom: 14,
  printedOn: '2026-11-24',
}

describe('the consent document', () => {
  it('names both libraries, its version, and what is known of the person', async () => {
    const text = textOf(await renderConsent(paper))
    for (const part of [central.name, bui.name, 'Версия текста 3', paper.fullName, '05.03.1990'])
      expect(text).toContain(part)
  })

  it('leaves address and identity document to the pen, always', async () => {
    const text = textOf(await renderConsent(paper))
    expect(text).toContain('адрес')
    expect(text).toContain('документ: вид, серия, номер')
  })

  it('has the representative’s lines for a reader under 14 and when the age is not known yet', async () => {
    const child = {
      ...paper,
      birthDate: '2018-01-01',
      guardianName: 'Смирнова Ольга',
      guardianRelation: 'мама',
    }
    const text = textOf(await renderConsent({ ...child, guardian: 'yes' }))
    expect(text).toContain('Законный представитель')
    expect(text).toContain('Смирнова Ольга')
    expect(textOf(await renderConsent({ ...paper, guardian: 'unknown' }))).toContain('Законный представитель')
    expect(textOf(await renderConsent(paper))).not.toContain('Законный представитель')
  })

  it('numbers its pages when the region’s text is long', async () => {
    const pdf = await renderConsent({ ...paper, body: `${paper.body}\n\nЕщё условие. `.repeat(6) })
    expect(pageCount(pdf)).toBeGreaterThan(1)
    expect(textOf(pdf)).toContain(`1 из ${pageCount(pdf)}`)
  })

  it('loses no line of its text, whatever stands under a heading', async () => {
    const text = textOf(
      await renderConsent({
        ...paper,
        body: '# Заголовок\nУсловие первое.\r\n\r\nУсловие второе.\r\n- пункт',
      }),
    )
    for (const part of ['Заголовок', 'Условие первое.', 'Условие второе.', '– пункт'])
      expect(text).toContain(part)
  })

  it('keeps the lines of a list item to the right of its dash', async () => {
    const lines = linesOf(await renderConsent({ ...paper, body: `- ${'длинный пункт '.repeat(20)}` }))
    const dash = lines.find(({ text }) => text.startsWith('–'))?.box.x
    const wrapped = lines.filter(({ text }) => /^(пункт|длинный)/.test(text))
    expect(wrapped.length).toBeGreaterThan(1)
    for (const { box } of wrapped) expect(box.x).toBeGreaterThan(dash ?? Infinity)
  })

  it('never has the signature on a page without the lines of who signs', async () => {
    const row = 'Ещё одно условие.\n'
    for (const guardian of ['yes', 'no', 'unknown'] as const) {
      for (let rows = 0; rows < 80; rows += 4) {
        const pdf = await renderConsent({ ...paper, guardian, body: row.repeat(rows) })
        const last = linesOf(pdf, pageCount(pdf) - 1).map(({ text }) => text)
        const giver = guardian === 'no' ? 'Кто даёт согласие' : 'Законный представитель'
        expect(last.some((text) => text.startsWith('подпись'))).toBe(true)
        expect(last.some((text) => text.startsWith(giver))).toBe(true)
      }
    }
  })

  it('names the central library once when it is the reader’s own', () => {
    const text = fillConsentText(defaultConsentText, central, central)
    expect(text.split(central.name)).toHaveLength(2)
  })
})
