import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { remembered } from './remembered.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

describe('a remembered answer', () => {
  it('is asked for once by all who want it at the same moment, and anew when it is too old', async () => {
    let asked = 0
    const answer = remembered(async () => ++asked, 1000)
    expect(await Promise.all([answer(), answer(), answer()])).toEqual([1, 1, 1])
    vi.advanceTimersByTime(999)
    expect(await answer()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await answer()).toBe(2)
  })

  it('is asked for anew once it is to be forgotten', async () => {
    let asked = 0
    const answer = remembered(async () => ++asked, 1000)
    expect(await answer()).toBe(1)
    answer.forget()
    expect(await answer()).toBe(2)
  })

  it('is never a failure: who asks next tries again', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve('there')]
    const answer = remembered(() => answers.shift() ?? Promise.resolve('later'), 1000)
    await expect(answer()).rejects.toThrow('away')
    expect(await answer()).toBe('there')
  })
})
