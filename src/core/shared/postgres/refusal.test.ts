import { describe, expect, inject, it } from 'vitest'
import { onServer } from '../../../../tests/support/server-commands.ts'
import { databaseRefusal } from './refusal.ts'

const refusal = (change: (url: URL) => void): Promise<string | undefined> => {
  const url = new URL(inject('postgresUrl'))
  change(url)
  return onServer(url.href, 'select 1').then(() => 'let in', databaseRefusal)
}

describe('a database that can’t be worked with is told in a sentence that names DATABASE_URL', () => {
  it.each([
    ['nobody listens', (url: URL) => (url.port = '1'), 'не отвечает'],
    ['it isn’t on that server', (url: URL) => (url.pathname = '/nowhere'), 'Такой базы данных'],
    ['the password is wrong', (url: URL) => (url.password = 'wrong'), 'не принимает имя или пароль'],
    ['nobody is called so', (url: URL) => (url.username = 'nobody'), 'не принимает имя или пароль'],
  ])('%s', async (_why, change, words) => {
    const told = await refusal(change)
    expect(told).toContain(words)
    expect(told).toContain('DATABASE_URL')
  })

  it('also where a name has two addresses, whose error has no words of its own', () => {
    const both = ['::1', '127.0.0.1'].map((address) =>
      Object.assign(new Error(`connect ECONNREFUSED ${address}:1`), { code: 'ECONNREFUSED' }),
    )
    expect(databaseRefusal(new AggregateError(both, ''))).toContain('не отвечает')
  })
})

it('an error of another kind keeps its own words', () => {
  expect(databaseRefusal(new Error('Порт 3000 занят'))).toBeUndefined()
  expect(databaseRefusal(Object.assign(new Error('disk'), { code: 'ENOSPC' }))).toBeUndefined()
})
