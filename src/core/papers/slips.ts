import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { libraryById } from '../network/network.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'
import type { Authorised } from '../staff/actors.ts'
import { renderSlip } from './slip.ts'

/** A printable page. */
export interface Paper {
  pdf: Buffer
  /** For the name of a saved file; no personal data. */
  name: string
}

export function createSlips(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  origin: string
}) {
  const { db, clock, audit, sealer, origin } = deps
  return {
    /**
     * The slip of a registered questionnaire, with the password while its readable copy is kept. Each opening
     * is audited.
     * @throws notFound when the questionnaire isn't registered, or is another library's
     */
    async open(actor: Authorised<'slips.open'>, applicationId: string): Promise<Paper> {
      const now = clock()
      const settings = await readSettings(db)
      const facts = await inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('applications as a')
          .innerJoin('readers as r', 'r.id', 'a.reader_id')
          .innerJoin('cards as c', (join) =>
            join.onRef('c.reader_id', '=', 'r.id').on('c.state', '=', 'issued'),
          )
          .leftJoin('provider_accounts as p', 'p.reader_id', 'r.id')
          .select(['a.library_id', 'r.id', 'r.full_name', 'c.number', 'p.provider', 'p.number as account'])
          .where('a.id', '=', applicationId)
          // A registration that is being taken back at this moment is waited for: its reader is gone then.
          .forUpdate('a')
          .executeTakeFirstOrThrow(() => notFound())
        if (actor.libraries !== 'all' && !actor.libraries.includes(row.library_id)) throw notFound()
        await noteSeen(tx, applicationId)
        const passwords = await openPasswords(tx, sealer, now, row.id)
        await audit.append(tx, {
          at: now,
          actor: byStaff(actor.staffId),
          action: 'slips.open',
          subject: { kind: 'reader', id: row.id },
          libraryId: row.library_id,
          details: { application: applicationId, password: passwords.initial !== undefined },
        })
        return { ...row, passwords }
      })
      const { name, address, phone } = await libraryById(db, facts.library_id)
      const pdf = await renderSlip({
        origin,
        regionName: settings['region.name'],
        library: { name, address, phone },
        readerName: facts.full_name,
        cardNumber: facts.number,
        password: facts.passwords.initial,
        provider: facts.account
          ? {
              name: facts.provider ?? '',
              address: settings['provider.address'],
              number: facts.account,
              password: facts.passwords.provider,
            }
          : undefined,
        printedOn: dateIn(settings['region.timeZone'], now),
      })
      return { pdf, name: `pamyatka-${facts.number}.pdf` }
    },
  }
}

/** From the slip on the password is known: the decision can't be taken back any more. */
const noteSeen = (tx: Transaction, applicationId: string) =>
  tx
    .updateTable('applications')
    .set({ undo_until: null })
    .where('id', '=', applicationId)
    .where('undo_until', 'is not', null)
    .execute()
