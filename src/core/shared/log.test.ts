import { describe, expect, it } from 'vitest'
import { errorFacts } from './log.ts'

describe('what the log knows of an error', () => {
  it('is never a row or a value that PostgreSQL quotes', () => {
    const error = Object.assign(new Error('duplicate key value: Иванова'), {
      code: '23505',
      constraint: 'readers_name_key',
      detail: 'Key (name_key)=(иванова анна) already exists.',
      where: 'Иванова',
    })
    const facts = errorFacts(error)
    expect(JSON.stringify(facts)).not.toMatch(/иванова/i)
    expect(facts).toMatchObject({ type: 'Error', code: '23505', constraint: 'readers_name_key' })
  })

  it('is message and place of any other error', () => {
    const facts = errorFacts(new TypeError('not a function'))
    expect(facts['message']).toBe('not a function')
    expect(facts['stack']).toContain('log.test.ts')
  })
})
