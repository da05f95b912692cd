import type { RequestEvent } from '@sveltejs/kit'
import { expect, it } from 'vitest'
import { databaseAway, diskFull } from '#core/shared/outage.ts'
import { errorText } from './errors.ts'
import { outages } from './outages.ts'

/** What a page answers while nobody listens at the database's address. */
async function answered(outOfSpace: boolean): Promise<{ status: number; text: string }> {
  const app = { log: { warn: () => {} }, watching: { outOfSpace: async () => outOfSpace } }
  const request = new Request('http://library.test/shelf', { headers: { accept: 'text/html' } })
  const event = { request, locals: { app }, route: { id: '/shelf' } } as unknown as RequestEvent
  const resolve = async () => {
    throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  }
  const answer = await outages({ event, resolve } as never)
  return { status: answer.status, text: await answer.text() }
}

it.each([
  [false, databaseAway()],
  // The embedded server ends by itself then, and doesn't start before there is space.
  [true, diskFull()],
] as const)(
  'a database that is away, out of space: %s. The page says what is to be seen to',
  async (outOfSpace, error) => {
    const { status, text } = await answered(outOfSpace)
    expect(status).toBe(error.status)
    expect(text).toContain(errorText(error))
  },
)
