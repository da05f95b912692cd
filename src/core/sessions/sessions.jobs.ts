import type { Clock } from '../shared/clock.ts'
import { after, hours } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'

/**
 * Forgets what has run out: sessions, drained limits, sealed passwords after their 14 days, and what decisions
 * had changed that can't be taken back any more.
 */
export function createSweep({ db, clock }: { db: Database; clock: Clock }) {
  return async () => {
    const now = clock()
    await db.deleteFrom('sessions').where('expires_at', '<', now).execute()
    await db.deleteFrom('sealed_passwords').where('expires_at', '<', now).execute()
    await db.deleteFrom('recovery_codes').where('expires_at', '<', now).execute()
    await db.deleteFrom('passkey_challenges').where('expires_at', '<', now).execute()
    // An invitation stays: that it has run out is what its list shows.
    await db.deleteFrom('staff_links').where('purpose', '=', 'reset').where('expires_at', '<', now).execute()
    await db
      .updateTable('applications')
      .set({ undo: null, undo_until: null })
      .where('undo', 'is not', null)
      .where('decided_at', '<', after(now, -hours(1)))
      .execute()
    // A bucket untouched for a day is empty at any of the rates in use.
    await db
      .deleteFrom('sign_in_failures')
      .where('updated_at', '<', after(now, -hours(24)))
      .execute()
  }
}
