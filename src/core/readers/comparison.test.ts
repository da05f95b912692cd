import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { markedWords } from './comparison.ts'

const marks = (name: string, other: string) =>
  markedWords(name, other).map(({ text, mark }) => `${text}: ${mark}`)

describe('a name beside another', () => {
  it('has each word marked: same, spelled otherwise, not there', () => {
    expect(marks('Громова Алена Игоревна', 'Громова Алёна')).toEqual([
      'Громова: same',
      'Алена: spelling',
      'Игоревна: other',
    ])
    expect(marks('Громова Алёна', 'Громова Алена Игоревна')).toEqual(['Громова: same', 'Алёна: spelling'])
  })

  it('may have its words in another order and its halves apart', () => {
    expect(marks('Анна Белова-Орлова', 'Белова Орлова Анна')).toEqual([
      'Анна: same',
      'Белова-Орлова: spelling',
    ])
  })

  it('has a repeated word as often as the other has it', () => {
    expect(marks('Иван Иван', 'Иван')).toEqual(['Иван: same', 'Иван: other'])
  })

  it('beside itself has no difference', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[А-яё-]{1,9}$/), { minLength: 1, maxLength: 6 }), (words) => {
        const name = words.join(' ')
        expect(markedWords(name, name).every(({ mark }) => mark === 'same')).toBe(true)
      }),
    )
  })
})
