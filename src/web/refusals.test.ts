import type { RequestEvent } from '@sveltejs/kit'
import pino from 'pino'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { wrongCredentials } from '#core/sessions/sessions.commands.ts'
import { wrongStaffCredentials } from '#core/staff-access/staff-sign-in.commands.ts'
import { tooManyAttempts } from '#core/sessions/limits.ts'
import { notFound } from '#core/shared/errors.ts'
import { notAllowed, notSignedIn } from '#core/staff/actors.ts'
import { wrongSecondCode } from '#core/staff-access/second-factors.ts'
import { tellingLine } from '../../tests/support/spoken.ts'
import { takeForm } from './forms.ts'
import { whoAsks } from './refusals.ts'

const staffId = '0198f2a4-1111-7222-8333-444455556666'
const typed = { email: 'anna@reader.test', password: 'не тот пароль' }

/** What the log has once a form's work has thrown this. */
async function logged(error: Error): Promise<unknown[]> {
  const lines: string[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) })
  const actor = { kind: 'staff', staffId, fullName: 'Смирнова Анна', roles: [] }
  const event = { locals: { app: { log }, actor }, route: { id: '/staff/cards' } } as unknown as RequestEvent
  const request = new Request('http://library.test', { method: 'POST', body: new URLSearchParams(typed) })
  const resolve = async () => {
    const answer = await takeForm(request, z.object({}), async () => {
      throw error
    })
    return Response.json(answer)
  }
  await whoAsks({ event, resolve } as never)
  expect(tellingLine(lines.join(''), ['Смирнова Анна', typed.password])).toBeUndefined()
  return lines.map((line) => JSON.parse(line) as unknown)
}

it.each([
  ['what somebody may not', notAllowed(), 'staff.not_allowed'],
  ['a wrong password', wrongCredentials(), 'sessions.wrong_credentials'],
  ['one of staff', wrongStaffCredentials(), 'staff_access.wrong_credentials'],
  ['a wrong second code', wrongSecondCode(), 'staff_access.wrong_code'],
  ['too many attempts', tooManyAttempts({ seconds: 30 }), 'sessions.too_many_attempts'],
])('the log has, by ids alone, what a form gets back: %s', async (_what, error, code) => {
  expect(await logged(error)).toEqual([
    { level: 40, code, route: '/staff/cards', staff: staffId, msg: 'refused' },
  ])
})

it.each([
  ['a page that isn’t there', notFound()],
  ['a visitor who hasn’t signed in yet', notSignedIn()],
])('the log leaves out what is no attempt: %s', async (_what, error) => {
  expect(await logged(error)).toEqual([])
})
