import { renewalOn } from '../readers/renewal.ts'
import type { Renewal } from '../readers/renewal.ts'
import type { Settings } from '../settings/settings.ts'
import type { CalendarDate } from '../shared/calendar.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Basis, ConsentDue } from './coming-of-age.ts'
import { consentDue, consentOverdue } from './coming-of-age.ts'

export const consentNeeded = expected('consents.needed', 409)
export const consentRevoked = expected('consents.revoked', 409)
export const renewalNeeded = expected('readers.renewal_needed', 409)

/** Where a reader stands today: what he is to be asked for, and what waits for it. */
export interface Standing {
  consent: ConsentDue | undefined
  renewal: Renewal
  /** His data are about to be destroyed. */
  revoked: boolean
}

/** @throws notFound */
export async function standingOf(
  db: Database | Transaction,
  readerId: string,
  today: CalendarDate,
  settings: Settings,
): Promise<Standing> {
  const zone = settings['region.timeZone']
  const row = await db
    .selectFrom('readers as r')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('consents')
          .select(['basis', 'text_version'])
          .whereRef('consents.reader_id', '=', 'r.id')
          .where('kind', '=', 'processing')
          .where('revoked_at', 'is', null)
          .orderBy('taken_at', 'desc')
          .limit(1)
          .as('c'),
      (join) => join.onTrue(),
    )
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('consent_texts')
          .select(['version', 'created_at'])
          .where('kind', '=', 'processing')
          .orderBy('version', 'desc')
          .limit(1)
          .as('t'),
      (join) => join.onTrue(),
    )
    .select((eb) => [
      'r.birth_date',
      'r.created_at',
      'r.renewed_at',
      'c.basis',
      'c.text_version',
      't.version',
      't.created_at as text_since',
      eb
        .exists(
          eb
            .selectFrom('destructions as d')
            .select('d.id')
            .whereRef('d.reader_id', '=', 'r.id')
            .where('d.done_at', 'is', null)
            .where('d.called_off_at', 'is', null),
        )
        .as('revoked'),
    ])
    .where('r.id', '=', readerId)
    .executeTakeFirstOrThrow(() => notFound())
  const consent = consentDue(
    {
      birthDate: row.birth_date,
      since: dateIn(zone, row.created_at),
      consent:
        row.basis && row.text_version ? { basis: row.basis as Basis, version: row.text_version } : undefined,
      text: { version: row.version ?? 0, since: dateIn(zone, row.text_since ?? row.created_at) },
    },
    today,
    { from14: settings['consents.from14'], graceDays: settings['consents.graceDays'] },
  )
  const renewal = renewalOn(dateIn(zone, row.renewed_at), today, settings['readers.renewDays'])
  return { consent, renewal, revoked: Boolean(row.revoked) }
}

/**
 * Whether a reader may borrow now. To be asked after the reader's row is locked.
 * @throws consentRevoked, consentNeeded, renewalNeeded
 */
export async function checkStanding(
  tx: Transaction,
  readerId: string,
  today: CalendarDate,
  settings: Settings,
): Promise<void> {
  const { consent, renewal, revoked } = await standingOf(tx, readerId, today, settings)
  if (revoked) throw consentRevoked()
  if (consentOverdue(consent, today)) throw consentNeeded()
  if (renewal.state === 'over') throw renewalNeeded()
}
