import { json } from '@sveltejs/kit'
import { origin } from '../../../../../web/origin.ts'
import { stepOfPasskey } from '../../../../../web/staff-sign-in.ts'
import type { RequestHandler } from './$types'

/** What a browser's script needs for using a passkey. */
export const POST: RequestHandler = async (event) =>
  json(await event.locals.app.staffAccess.passkeyOptions(stepOfPasskey(event), origin(event)))
