import { json } from '@sveltejs/kit'
import { staffOf } from '#core/staff/actors.ts'
import { sessionToken } from '../../../../web/session-cookie.ts'
import type { RequestHandler } from './$types'

/** What a browser's script needs for making a passkey. */
export const POST: RequestHandler = async ({ locals, cookies, url }) => {
  const { staffAccess } = locals.app
  const member = await staffAccess.confirmed(staffOf(locals.actor), sessionToken(cookies, url))
  return json(await staffAccess.factors.passkeyToSetUp(member))
}
