import { describe, expect, it } from 'vitest'
import { ageMarks, highestMark, mayRead } from './age.ts'

const today = '2026-11-24'
const readerAged = (years: number) => ({ kind: 'reader', birthDate: `${2026 - years}-11-24` }) as const

describe('age marks fail closed', () => {
  it('a publication without a mark counts as 18+', () => {
    expect(mayRead(null, highestMark(readerAged(17), today))).toBe(false)
    expect(mayRead(null, highestMark(readerAged(18), today))).toBe(true)
  })

  it('a visitor never sees 18+ or unmarked publications', () => {
    const highest = highestMark({ kind: 'visitor' }, today)
    expect([...ageMarks, null].map((mark) => mayRead(mark, highest))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('a reader without a birth date sees 0+ only', () => {
    const highest = highestMark({ kind: 'reader', birthDate: null }, today)
    expect([...ageMarks, null].map((mark) => mayRead(mark, highest))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('a mark opens on the very birthday', () => {
    for (const mark of ageMarks.slice(1)) {
      expect(mayRead(mark, highestMark(readerAged(mark), today))).toBe(true)
      expect(mayRead(mark, highestMark({ kind: 'reader', birthDate: `${2026 - mark}-11-25` }, today))).toBe(
        false,
      )
    }
  })
})
