import type { AuditLog } from '../audit/audit.ts'
import { queueMessages } from '../messages/messages.ts'
import { centralLibrary } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import { after, hours } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'

/** Tells the central library by one letter about questionnaires that wait too long since the last time. */
export const createTellOverdue =
  ({ db, clock, audit }: { db: Database; clock: Clock; audit: AuditLog }) =>
  async (): Promise<number> => {
    const settings = await readSettings(db)
    const central = await centralLibrary(db)
    // Without an address there is nobody to tell yet.
    if (!central.email) return 0
    const now = clock()
    return inTransaction(db, async (tx) => {
      const found = await tx
        .updateTable('applications')
        .set({ overdue_told_at: now })
        .where('state', '=', 'sent')
        .where('sent_at', '<', after(now, -hours(settings['queue.hoursLimit'])))
        .where('overdue_told_at', 'is', null)
        .returning('id')
        .execute()
      if (found.length === 0) return 0
      await queueMessages(tx, now, [
        { channel: 'email', event: 'central.overdue', recipient: central.email, libraryId: central.id },
      ])
      await audit.append(tx, {
        at: now,
        actor: { kind: 'system' },
        action: 'applications.tell-overdue',
        subject: { kind: 'application', id: null },
        details: { ids: found.map(({ id }) => id) },
      })
      return found.length
    })
  }
