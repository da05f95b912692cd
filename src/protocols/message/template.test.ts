import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderTemplate, templateFault } from './template.ts'

const names = ['имя', 'билет', 'телефон библиотеки', 'поставщик', 'пароль']
const carries = { allowed: names, required: ['билет', 'пароль'] }

const words = fc.string({ unit: fc.constantFrom(...'абв 12.,\n'), maxLength: 12 })
const placeholder = fc.constantFrom(...names).map((name) => `{${name}}`)
const flat = fc.array(fc.oneof(words, placeholder), { maxLength: 6 }).map((parts) => parts.join(''))
const template = fc
  .array(
    fc.oneof(
      words,
      placeholder,
      flat.map((inner) => `[${inner}]`),
      flat.map((a) => `[а[${a}]б]`),
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''))
const valuesOf = (value: fc.Arbitrary<string>) =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])))

describe('a template', () => {
  it('becomes its text with the values in it', () => {
    expect(renderTemplate('Билет {билет}, пароль { пароль }', { билет: '12', пароль: 'ab' })).toBe(
      'Билет 12, пароль ab',
    )
  })

  it('leaves no bracket and no name behind, whatever is empty', () => {
    const value = fc.string({ unit: fc.constantFrom(...'xyz'), maxLength: 3 })
    fc.assert(
      fc.property(template, valuesOf(value), (text, values) => {
        expect(renderTemplate(text, values)).not.toMatch(/[{}[\]]|билет|поставщик/)
      }),
    )
  })

  it('takes values as they are, with brackets, names and blank lines of their own', () => {
    const value = fc.string({ unit: fc.constantFrom(...'{}[]\n$& имябилет'), minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(value, value, words, (a, b, between) => {
        expect(renderTemplate(`{имя}${between}x{билет}`, { имя: a, билет: b })).toBe(`${a}${between}x${b}`)
      }),
    )
  })

  it('keeps what stands in square brackets when every value is there', () => {
    fc.assert(
      fc.property(template, valuesOf(fc.constant('v')), (text, values) => {
        const bare = text.replaceAll(/\{[^}]*\}/g, 'v').replaceAll(/[[\]]/g, '')
        // An end of blank lines may have come out of brackets, too.
        expect(renderTemplate(text, values).trimEnd()).toBe(bare.trimEnd())
      }),
    )
  })

  it.each([
    ['а[, {имя}]б', 'аб'],
    ['а\n[{имя}]\nб', 'а\nб'],
    ['а\n\n[{имя}]\n\nб', 'а\n\nб'],
    ['[{имя}]\n\nб', 'б'],
    ['а\n\n[{имя}]\n', 'а'],
    ['а\n[{имя}]\n[{имя}]\nб', 'а\nб'],
    ['а\n[{билет}]\n[{имя}]\nб', 'а\n1\nб'],
    // The brackets around stay when only those within are empty.
    ['[{билет}[ ({имя})]: да]', '1: да'],
    ['[{имя}[ ({билет})]]', ''],
    ['а {имя}\nб', 'а \nб'],
  ])('%j without a name reads %j', (text, read) => {
    expect(renderTemplate(text, { имя: '', билет: '1' })).toBe(read)
  })
})

describe('what is wrong with a template', () => {
  it.each([
    ['  \n', { code: 'empty' }],
    ['{билет} {пароль', { code: 'unpaired', sign: '{' }],
    ['билет} {пароль}', { code: 'unpaired', sign: '}' }],
    ['{билет} [{пароль}', { code: 'unpaired', sign: '[' }],
    ['{билет}] {пароль}', { code: 'unpaired', sign: ']' }],
    ['{би{лет}}', { code: 'unpaired', sign: '{' }],
    ['{Билет} {пароль}', { code: 'misspelt', name: 'Билет', meant: 'билет' }],
    ['{билет} {параль}', { code: 'misspelt', name: 'параль', meant: 'пароль' }],
    ['{телефон  библиотекы}', { code: 'misspelt', name: 'телефон  библиотекы', meant: 'телефон библиотеки' }],
    ['{билет} {ничего такого}', { code: 'unknown', name: 'ничего такого' }],
    ['{}', { code: 'unknown', name: '' }],
    ['Билет {билет}', { code: 'missing', name: 'пароль' }],
    ['{билет} [{имя} {пароль}]', { code: 'optional', name: 'пароль' }],
    ['{билет} {пароль}', undefined],
    ['[{имя}]{билет}{пароль}', undefined],
  ])('%j', (text, fault) => {
    expect(templateFault(text, carries)).toEqual(fault)
  })

  it('is found in any text, and what has none can be written', () => {
    const any = fc.string({ unit: fc.constantFrom(...'{}[]абимябилетпароль\n '), maxLength: 40 })
    fc.assert(
      fc.property(any, (text) => {
        const found = templateFault(text, { allowed: names, required: [] })
        if (!found) expect(typeof renderTemplate(text, {})).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})
