import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { checkbox } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import type { OpenedRecord } from './record.queries.ts'

/** Somebody was faster. */
export const accountClosed = expected('providers.closed_already', 409)
/** The reader has consented again meanwhile, or his data are destroyed. */
export const closingOver = expected('providers.closing_over', 409)

export const closeAccountSchema = z.object({
  closing: z.uuid(),
  closed: checkbox.refine((ticked) => ticked, 'account_not_closed'),
})

/** An account at an outside provider that is to be closed there, or was. */
export interface ProviderClosing {
  id: string
  provider: string
  number: string
  askedAt: Date
  closedAt: Date | null
  closedBy: string | null
}

export interface WaitingClosing extends ProviderClosing {
  readerId: string
  readerName: string
  libraryName: string
}

/** So long a closed account is listed: long enough to see what a colleague has done. */
const mostClosed = 20
const mostOpen = 100

/** What follows a revoked consent to handing over: somebody closes the account at the provider by hand. */
export function createProviderClosings(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const closings = (tx: Pick<Database, 'selectFrom'>) =>
    tx
      .selectFrom('provider_closings as c')
      .leftJoin('staff as s', 's.id', 'c.closed_by')
      .select(['c.id', 'c.provider', 'c.number', 'c.asked_at as askedAt', 'c.closed_at as closedAt'])
      .select('s.full_name as closedBy')

  return {
    /** Accounts to close, the longest waiting first, and those closed lately; the look is audited. */
    list(
      actor: Authorised<'providers.close'>,
    ): Promise<{ open: WaitingClosing[]; closed: WaitingClosing[] }> {
      return inTransaction(db, async (tx) => {
        const named = closings(tx)
          .innerJoin('readers as r', 'r.id', 'c.reader_id')
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .select(['r.id as readerId', 'r.full_name as readerName', 'l.short_name as libraryName'])
        const open = await named
          .where('c.closed_at', 'is', null)
          .orderBy('c.asked_at')
          .limit(mostOpen)
          .execute()
        const closed = await named
          .where('c.closed_at', 'is not', null)
          .orderBy('c.closed_at', 'desc')
          .limit(mostClosed)
          .execute()
        const ids = [...new Set([...open, ...closed].map(({ readerId }) => readerId))]
        if (ids.length > 0)
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'providers.list-closings',
            subject: { kind: 'reader', id: null },
            details: { ids },
          })
        return { open, closed }
      })
    },

    /** How many wait; no personal data, so no audit. */
    async waiting(_actor: Authorised<'providers.close'>): Promise<number> {
      const { n } = await db
        .selectFrom('provider_closings')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('closed_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(n)
    },

    /** The latest one of a record that a staff member has opened. */
    ofRecord: ({ readerId }: OpenedRecord): Promise<ProviderClosing | undefined> =>
      closings(db)
        .where('c.reader_id', '=', readerId)
        .orderBy('c.asked_at', 'desc')
        .limit(1)
        .executeTakeFirst(),

    /** An operator has closed it at the provider. @throws accountClosed, closingOver */
    async close(actor: Authorised<'providers.close'>, id: string): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const outcome = await closeAccount(tx, audit, id, { staffId: actor.staffId, at: now })
        if (!outcome) throw closingOver()
        if (outcome === 'already') throw accountClosed()
      })
    },
  }
}

/**
 * Notes an account as closed at the provider.
 * @returns undefined when there is nothing to close under this id any more
 */
export async function closeAccount(
  tx: Transaction,
  audit: AuditLog,
  id: string,
  { staffId, at }: { staffId: string; at: Date },
): Promise<'closed' | 'already' | undefined> {
  const found = await tx
    .selectFrom('provider_closings as c')
    .innerJoin('readers as r', 'r.id', 'c.reader_id')
    .select(['c.reader_id', 'c.closed_at', 'r.library_id'])
    .where('c.id', '=', id)
    .forUpdate('c')
    .executeTakeFirst()
  if (!found) return undefined
  if (found.closed_at) return 'already'
  await tx
    .updateTable('provider_closings')
    .set({ closed_by: staffId, closed_at: at })
    .where('id', '=', id)
    .execute()
  await audit.append(tx, {
    at,
    actor: byStaff(staffId),
    action: 'providers.close',
    subject: { kind: 'reader', id: found.reader_id },
    libraryId: found.library_id,
    details: { closing: id },
  })
  return 'closed'
}
