import type { AuditLog } from '../audit/audit.ts'
import { lockStanding } from '../readers/credentials.ts'
import { wrongPassword } from '../sessions/sessions.commands.ts'
import { tokenHash } from '../shared/token-hash.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { hashPassword } from '../shared/passwords.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { replacePassword } from './own-password.ts'
import { tellChanged } from './telling.ts'

export function createChanging(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * The reader, who has just typed the present password, chooses another. All his other devices are signed
     * out, and he is told by mail.
     * @param token the session that goes on
     * @throws readerGone, readerLeaving, wrongPassword, knownToOthers
     */
    async change({ readerId }: ReaderActor, newPassword: string, token: string): Promise<void> {
      const hash = await hashPassword(newPassword.normalize('NFC'))
      const now = clock()
      await inTransaction(db, async (tx) => {
        const reader = await lockStanding(tx, readerId)
        // Since it was typed the password may have been replaced by a librarian, which ends every session.
        if (!(await isSignedIn(tx, readerId, token))) throw wrongPassword()
        await replacePassword(tx, reader, { plain: newPassword, hash }, token)
        await tellChanged(tx, now, reader)
        await audit.append(tx, {
          at: now,
          actor: { kind: 'reader', id: readerId },
          action: 'credentials.change',
          subject: { kind: 'reader', id: readerId },
        })
      })
    },
  }
}

async function isSignedIn(tx: Transaction, readerId: string, token: string): Promise<boolean> {
  const session = await tx
    .selectFrom('sessions')
    .select('reader_id')
    .where('token_hash', '=', tokenHash(token))
    .where('reader_id', '=', readerId)
    .executeTakeFirst()
  return session !== undefined
}
