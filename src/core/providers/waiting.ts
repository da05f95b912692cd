import { usesProvider } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import type { Database, Transaction } from '../shared/db.ts'

/**
 * Registrations that may go to the provider: of readers whose record stands, who haven't revoked, and whose
 * consent to handing over holds now, whatever held when they were put there.
 */
export function mayGoOut(db: Database | Transaction, settings: Settings, now: Date) {
  const query = db
    .selectFrom('provider_registrations as p')
    .innerJoin('readers as r', 'r.id', 'p.reader_id')
    .where('p.state', '=', 'to_register')
    .where('r.merged_into', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('destructions as d')
            .whereRef('d.reader_id', '=', 'r.id')
            .where('d.done_at', 'is', null)
            .where('d.called_off_at', 'is', null),
        ),
      ),
    )
    // What may be taken back isn't told to anybody.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('applications as a')
            .whereRef('a.reader_id', '=', 'r.id')
            .where('a.undo_until', '>', now),
        ),
      ),
    )
  if (!usesProvider(settings)) return query.where('p.id', 'is', null)
  if (settings['consents.handoverFor'] === 'none') return query
  return query.where((eb) =>
    eb.exists(
      eb
        .selectFrom('consents as c')
        .whereRef('c.reader_id', '=', 'r.id')
        .where('c.kind', '=', 'handover')
        .where('c.revoked_at', 'is', null),
    ),
  )
}
