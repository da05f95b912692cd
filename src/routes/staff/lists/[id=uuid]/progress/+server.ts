import { json } from '@sveltejs/kit'
import { listActor } from '../../../../../web/lists.ts'
import type { RequestHandler } from './$types'

/** Where the list stands: numbers only. */
export const GET: RequestHandler = async ({ locals, params }) =>
  json(await locals.app.lists.progress(listActor(locals.actor), params.id), {
    headers: { 'cache-control': 'no-store' },
  })
