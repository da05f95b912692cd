import type { Channel } from '../messages/messages.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'

/** What still stands between a new region and its first questionnaire, in the order in which one does it. */
export const missingParts = [
  'districts',
  'librarian',
  'operator',
  'address',
  'channel',
  'channel_test',
  'origin',
] as const
export type MissingPart = (typeof missingParts)[number]

export function createMissingQueries(deps: {
  db: Database
  /** Which ways out there are. */
  channels: readonly Channel[]
  /** Links in messages lead to where people reach the system. */
  originKnown: boolean
}) {
  const { db, channels, originKnown } = deps
  return {
    /** @returns what is missing; nothing when all is there */
    async missing(_actor: Authorised<'settings.change'>): Promise<MissingPart[]> {
      const here = await db
        .selectNoFrom((eb) => [
          eb.exists(eb.selectFrom('libraries').select('id').where('kind', '=', 'district')).as('districts'),
          eb
            .exists(
              eb
                .selectFrom('libraries')
                .select('id')
                .where('kind', '=', 'central')
                .where('address', '<>', ''),
            )
            .as('address'),
          eb.exists(eb.selectFrom('channel_tests').select('channel').where('fault', 'is', null)).as('tested'),
          eb
            .exists(eb.selectFrom('messages').select('id').where('state', 'in', ['sent', 'delivered']))
            .as('sent'),
        ])
        .executeTakeFirstOrThrow()
      const held = await db
        .selectFrom('staff_roles as r')
        .innerJoin('staff as s', 's.id', 'r.staff_id')
        .select('r.role')
        .distinct()
        .where('s.disabled_at', 'is', null)
        .execute()
      const has = (role: string) => held.some((each) => each.role === role)
      const missing: Record<MissingPart, boolean> = {
        districts: !here.districts,
        librarian: !has('librarian'),
        operator: !has('operator'),
        address: !here.address,
        channel: channels.length === 0,
        channel_test: channels.length > 0 && !here.tested && !here.sent,
        origin: !originKnown,
      }
      return missingParts.filter((part) => missing[part])
    },
  }
}
