import type { AuditEntry, AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { moveCards } from '../cards/moves.ts'
import { endLoans } from '../circulation/circulation.commands.ts'
import { needsGuardian } from '../consents/coming-of-age.ts'
import { startHandover } from '../consents/handover.ts'
import { representativeRevokes, revoke } from '../consents/reader-consents.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import { askToClose } from '../readers/provider-accounts.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { stopMessages } from '../readers/stop-messages.ts'
import { notFound } from '../shared/errors.ts'
import { reached } from '../shared/points.ts'
import type { Authorised, ReaderActor } from '../staff/actors.ts'
import { calledOffAlready, destroyedAlready } from './destructions.ts'
import { erase, recordsOf } from './erasing.ts'

/**
 * The way out: a revoked consent blocks the reader at once and destroys his data within the term. Until
 * that is carried out it can be called off.
 */
export function createDestructions(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  /** Blocks everything and sets the term; a second click finds the first. */
  async function begin(
    readerId: string,
    by: AuditEntry['actor'],
    reaches: (libraryId: string) => boolean,
  ): Promise<{ id: string; dueAt: Date }> {
    const settings = await readSettings(db)
    const term = days(settings['consents.destroyDays'])
    const now = clock()
    const today = dateIn(settings['region.timeZone'], now)
    return inTransaction(db, async (tx) => {
      // Waits for a loan that is being made, and makes the next one wait: none slips through.
      const reader = await tx
        .selectFrom('readers')
        .select(['library_id', 'birth_date'])
        .where('id', '=', readerId)
        .where('merged_into', 'is', null)
        .forUpdate()
        .executeTakeFirst()
      if (!reader || !reaches(reader.library_id)) throw notFound()
      if (by.kind === 'reader' && needsGuardian(reader.birth_date, today)) throw representativeRevokes()
      const open = await openOf(tx, readerId)
      if (open) return open
      const records = await recordsOf(tx, readerId)
      const cards = await blockCards(tx, records)
      await tx.deleteFrom('sessions').where('reader_id', 'in', records).execute()
      await tx.deleteFrom('sealed_passwords').where('reader_id', 'in', records).execute()
      await stopMessages(tx, now, records, 'no_consent')
      const loans = await endLoans(tx, records, now)
      for (const record of records) {
        await revoke(tx, record, 'all', now)
        await askToClose(tx, record, now)
      }
      const { id, due_at: dueAt } = await tx
        .insertInto('destructions')
        .values({
          reader_id: readerId,
          card_numbers: cards.all,
          blocked_card: cards.blocked ?? null,
          library_id: reader.library_id,
          reason: 'revoked',
          asked_by_staff: by.kind === 'staff' ? by.id : null,
          asked_at: now,
          due_at: after(now, term),
        })
        .returning(['id', 'due_at'])
        .executeTakeFirstOrThrow()
      await audit.append(tx, {
        at: now,
        actor: by,
        action: 'destructions.begin',
        subject: { kind: 'reader', id: readerId },
        libraryId: reader.library_id,
        details: { destruction: id, channel: by.kind === 'reader' ? 'app' : 'paper', loans },
      })
      return { id, dueAt }
    })
  }

  /** All or nothing, once: whoever comes second, or after a crash, finds the row as it was left. */
  async function carryOut(id: string, by: AuditEntry['actor'], onlyDue?: Date): Promise<boolean> {
    const now = clock()
    const zone = (await readSettings(db))['region.timeZone']
    const done = await inTransaction(db, async (tx) => {
      const found = await lockDestruction(tx, id)
      if (onlyDue && (found.done_at || found.called_off_at || found.due_at > onlyDue)) return false
      if (found.done_at) throw destroyedAlready()
      if (found.called_off_at) throw calledOffAlready()
      await tx.selectFrom('readers').select('id').where('id', '=', found.reader_id).forUpdate().execute()
      const destroyed = await erase(tx, { readerId: found.reader_id, askedAt: found.asked_at, zone })
      reached('destruction:erased')
      await tx
        .updateTable('destructions')
        .set({
          done_at: now,
          done_by: by.kind === 'staff' ? by.id : null,
          destroyed: JSON.stringify(destroyed),
        })
        .where('id', '=', id)
        .execute()
      await audit.append(tx, {
        at: now,
        actor: by,
        action: 'destructions.carry-out',
        subject: { kind: 'reader', id: found.reader_id },
        libraryId: found.library_id,
        details: { destruction: id, ...destroyed.counts },
      })
      return true
    })
    reached('destruction:committed')
    return done
  }

  return {
    /** Until when the data would be destroyed if the consent were revoked at this moment. */
    dueIfRevokedNow: async () => after(clock(), days((await readSettings(db))['consents.destroyDays'])),

    /** Before the password is asked for. @throws representativeRevokes for a child */
    async mayRevoke({ birthDate }: ReaderActor): Promise<void> {
      const zone = (await readSettings(db))['region.timeZone']
      if (needsGuardian(birthDate, dateIn(zone, clock()))) throw representativeRevokes()
    },

    /**
     * The reader's own revocation; his password was asked for before.
     * @throws representativeRevokes for a child: whoever gave the consent ends it, on paper
     */
    revokeOwn: ({ readerId }: ReaderActor) => begin(readerId, { kind: 'reader', id: readerId }, () => true),

    /** On a signed application. @throws notFound */
    revokeOnPaper: (actor: Authorised<'destructions.ask'>, readerId: string) =>
      begin(
        readerId,
        byStaff(actor.staffId),
        (libraryId) => actor.libraries === 'all' || actor.libraries.includes(libraryId),
      ),

    /**
     * Takes it back before it is carried out: the consents stand again, the card is valid again. What was on
     * loan stays returned.
     * @throws notFound, destroyedAlready, calledOffAlready
     */
    async callOff(
      actor: Authorised<'destructions.decide'>,
      input: { id: string; reason: string },
    ): Promise<void> {
      const now = clock()
      await inTransaction(db, async (tx) => {
        const found = await lockDestruction(tx, input.id)
        if (found.done_at) throw destroyedAlready()
        if (found.called_off_at) throw calledOffAlready()
        await tx
          .updateTable('destructions')
          .set({ called_off_at: now, called_off_by: actor.staffId, called_off_reason: input.reason })
          .where('id', '=', input.id)
          .execute()
        await tx
          .updateTable('consents')
          .set({ revoked_at: null })
          .where('reader_id', 'in', await recordsOf(tx, found.reader_id))
          .where('revoked_at', '=', found.asked_at)
          .execute()
        const settings = await readSettings(tx)
        await startHandover(tx, settings, found.reader_id, now)
        if (found.blocked_card)
          await moveCards(tx, 'blocked', 'issued').where('number', '=', found.blocked_card).execute()
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'destructions.call-off',
          subject: { kind: 'reader', id: found.reader_id },
          libraryId: found.library_id,
          details: { destruction: input.id },
        })
      })
    },

    /**
     * Destroys the person's data.
     * @throws notFound, destroyedAlready (a second click), calledOffAlready
     */
    async carryOut(actor: Authorised<'destructions.decide'>, id: string): Promise<void> {
      await carryOut(id, byStaff(actor.staffId))
    },

    /** The job of the term: carries out what is due. How many it were. */
    async carryOutDue(): Promise<number> {
      const now = clock()
      const due = await db
        .selectFrom('destructions')
        .select('id')
        .where('done_at', 'is', null)
        .where('called_off_at', 'is', null)
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .execute()
      let count = 0
      const faults: unknown[] = []
      // One that can't be carried out doesn't keep the others past their term.
      for (const { id } of due) {
        try {
          if (await carryOut(id, { kind: 'system' }, now)) count += 1
        } catch (error) {
          faults.push(error)
        }
      }
      if (faults.length > 0) throw new AggregateError(faults, `${faults.length} destructions failed`)
      return count
    },
  }
}

const openOf = async (tx: Transaction, readerId: string) => {
  const row = await tx
    .selectFrom('destructions')
    .select(['id', 'due_at'])
    .where('reader_id', '=', readerId)
    .where('done_at', 'is', null)
    .where('called_off_at', 'is', null)
    .executeTakeFirst()
  return row && { id: row.id, dueAt: row.due_at }
}

const lockDestruction = (tx: Transaction, id: string) =>
  tx
    .selectFrom('destructions')
    .select(['reader_id', 'library_id', 'blocked_card', 'asked_at', 'due_at', 'done_at', 'called_off_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(() => notFound())

/** Every number of the person's, and the one that was valid until now. */
async function blockCards(tx: Transaction, records: string[]) {
  const blocked = await moveCards(tx, 'issued', 'blocked')
    .where('reader_id', 'in', records)
    .returning('number')
    .execute()
  const all = await tx.selectFrom('cards').select('number').where('reader_id', 'in', records).execute()
  return { all: all.map(({ number }) => number), blocked: blocked[0]?.number }
}
