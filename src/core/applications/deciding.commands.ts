import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { releaseCards } from '../cards/reserving.ts'
import { checkProviderHandover } from '../consents/handover.ts'
import { recordDistinct } from '../readers/distinct.ts'
import { registerReader } from '../readers/readers.commands.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { possibleDuplicate } from './applications.ts'
import type { RefuseInput, RegisterInput, ReturnInput } from './applications.schemas.ts'
import { checkHold, decided, decisionOf, locked, nextRevision, noteMove, tellLibrary } from './moves.ts'
import { concludeRegistering, registering } from './registering.ts'

/** What the central library decides about questionnaires. */
export function createDeciding(deps: { db: Database; clock: Clock; audit: AuditLog; sealer: Sealer }) {
  const { db, clock, audit, sealer } = deps

  return {
    /**
     * Registers the reader: reader, card, sealed password, provider account, messages, audit in one
     * transaction. A possible duplicate registers nothing; it is noted on the questionnaire. The messages wait
     * until the decision can't be taken back any more.
     * @throws changedMeanwhile, heldByOther, possibleDuplicate; handoverMissing when a provider account is typed in without
     * the consent to handing data over
     */
    async register(
      actor: Authorised<'applications.decide'>,
      id: string,
      input: RegisterInput,
    ): Promise<{ readerId: string }> {
      const settings = await readSettings(db)
      const of = { db, clock, actor, id, seen: input.revision, overHold: input.overHold }
      const outcome = await registering(of, async (tx, begun) => {
        const { found, library, password, decision } = begun
        const now = decision.at
        if (input.providerNumber) await checkProviderHandover(tx, id)
        const registered = await registerReader(tx, sealer, now, {
          library,
          applicationId: id,
          fullName: found.full_name,
          birthDate: found.birth_date,
          email: found.email,
          phone: found.phone,
          password,
          provider: input.providerNumber
            ? {
                name: settings['provider.name'],
                number: input.providerNumber,
                password: input.providerPassword,
              }
            : undefined,
          anotherPerson: input.anotherPerson,
          distinctFrom: input.distinctFrom,
        })
        if ('duplicateOf' in registered) {
          await tx
            .updateTable('applications')
            .set({ duplicate_of: registered.duplicateOf })
            .where('id', '=', id)
            .execute()
          // Whoever filled it in by mail doesn't look at the queue.
          if (found.letter_id && !found.duplicate_of)
            await tellLibrary(tx, found, 'library.possible-duplicate', decision)
          return registered
        }
        const { readerId } = registered
        await tx
          .updateTable('applications')
          .set({ ...decided(found, 'registered', decision), outcome: 'new', reader_id: readerId })
          .where('id', '=', id)
          .execute()
        const distinct = input.anotherPerson ? [...registered.namesakes, ...(input.distinctFrom ?? [])] : []
        await recordDistinct(tx, { readerId, others: distinct, staffId: actor.staffId, at: now })
        reached('register:inserted')
        const { email, phone } = found
        await concludeRegistering(tx, begun, { id: readerId, email, phone, outcome: 'new' })
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'applications.register',
          subject: { kind: 'reader', id: readerId },
          libraryId: found.library_id,
          details: { application: id, anotherPerson: input.anotherPerson, distinct: [...new Set(distinct)] },
        })
        return registered
      })
      reached('register:committed')
      if ('duplicateOf' in outcome) throw possibleDuplicate()
      return { readerId: outcome.readerId }
    },

    /** Sends a questionnaire back to its library with what is to be mended. @throws changedMeanwhile, heldByOther */
    return: (actor: Authorised<'applications.decide'>, id: string, input: ReturnInput): Promise<void> =>
      decline(actor, id, 'returned', input),

    /** Ends a questionnaire without a reader; its library is told. @throws changedMeanwhile, heldByOther */
    refuse: (actor: Authorised<'applications.decide'>, id: string, input: RefuseInput): Promise<void> =>
      decline(actor, id, 'refused', input),
  }

  async function decline(
    actor: Authorised<'applications.decide'>,
    id: string,
    to: 'returned' | 'refused',
    input: ReturnInput,
  ): Promise<void> {
    const decision = await decisionOf(db, actor.staffId, clock())
    await inTransaction(db, async (tx) => {
      const found = await locked(tx, actor, id)
      const revision = nextRevision(found, input.revision, to)
      await checkHold(tx, found, decision, input.overHold)
      await tx
        .updateTable('applications')
        .set({
          ...decided(found, to, decision),
          return_reason: to === 'returned' ? input.reason : found.return_reason,
        })
        .where('id', '=', id)
        .execute()
      // A return keeps the card: the questionnaire comes back.
      if (to === 'refused') await releaseCards(tx, [id])
      const { reason } = input
      await noteMove(tx, { id, revision, state: to, staffId: actor.staffId, at: decision.at, reason })
      await tellLibrary(tx, found, `library.${to}`, decision)
      await audit.append(tx, {
        at: decision.at,
        actor: byStaff(actor.staffId),
        action: to === 'returned' ? 'applications.return' : 'applications.refuse',
        subject: { kind: 'application', id },
        libraryId: found.library_id,
      })
    })
  }
}
