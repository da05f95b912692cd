import type { Transaction } from '../shared/db.ts'
import type { Origin, SignedIn } from './sessions.commands.ts'
import type { SessionKind } from './sessions.ts'
import { tokenHash } from '../shared/token-hash.ts'
import { endOf, lastEndOf, newToken } from './sessions.ts'

/**
 * Opens a session; the caller has made sure who it is.
 * @param options.factorMissing it is good for setting up a second factor only
 */
export async function openSession(
  tx: Transaction,
  now: Date,
  who: { kind: SessionKind; id: string },
  origin: Origin,
  { factorMissing = false }: { factorMissing?: boolean } = {},
): Promise<SignedIn> {
  const token = newToken()
  await tx
    .insertInto('sessions')
    .values({
      token_hash: tokenHash(token),
      reader_id: who.kind === 'reader' ? who.id : null,
      staff_id: who.kind === 'staff' ? who.id : null,
      user_agent: origin.userAgent.slice(0, 300),
      created_at: now,
      seen_at: now,
      confirmed_at: now,
      factor_missing: factorMissing,
      expires_at: endOf(who.kind, now, now),
    })
    .execute()
  return { token, expiresAt: lastEndOf(who.kind, now) }
}
