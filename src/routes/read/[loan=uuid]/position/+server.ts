import { error } from '@sveltejs/kit'
import { positionSchema } from '#core/reading/positions.ts'
import { isExpected } from '#core/shared/errors.ts'
import { readerOf } from '#core/staff/actors.ts'
import type { RequestHandler } from './$types'

export const PUT: RequestHandler = async ({ locals, params, request }) => {
  const actor = readerOf(locals.actor)
  const input = positionSchema.safeParse(await request.json().catch(() => undefined))
  if (!input.success) error(422)
  try {
    return Response.json({ revision: await locals.app.reading.savePosition(actor, params.loan, input.data) })
  } catch (fault) {
    if (!isExpected(fault) || fault.code !== 'reading.position_behind') throw fault
    // The place that the other device saved, so that the reader can choose.
    const position = await locals.app.reading.position(actor, params.loan)
    return Response.json({ position }, { status: fault.status })
  }
}
