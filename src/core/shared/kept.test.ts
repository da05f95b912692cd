import { describe, expect, it } from 'vitest'
import { kept } from './kept.ts'

describe('what is kept under a key', () => {
  it('is made once, also when many ask at the same moment', async () => {
    const ask = kept<number>(2)
    let made = 0
    const make = async () => (made += 1)
    expect(await Promise.all([ask('a', make), ask('a', make)])).toEqual([1, 1])
    expect(await ask('a', make)).toBe(1)
  })

  it('goes when others were asked for later', async () => {
    const ask = kept<number>(2)
    let made = 0
    const make = async () => (made += 1)
    for (const key of ['a', 'b', 'a', 'c']) await ask(key, make)
    expect([await ask('a', make), await ask('b', make)]).toEqual([1, 4])
  })

  it('isn’t a failure', async () => {
    const ask = kept<number>(2)
    await expect(ask('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await ask('a', async () => 7)).toBe(7)
  })
})
