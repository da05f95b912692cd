import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { providerAllowed } from '../consents/handover.ts'
import type { ProviderState } from '../readers/provider-states.ts'
import type { OpenedRecord } from '../readers/record.queries.ts'
import { usesProvider } from '../settings/provider.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction, sql } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { ListKind } from './work-lists.ts'
import { mayGoOut } from './waiting.ts'

/** A reader on his way to an account. */
export interface WaitingRegistration {
  id: string
  readerId: string
  readerName: string
  libraryName: string
  state: ProviderState
  list: number | null
  reason: string | null
  askedAt: Date
}

export interface WorkList {
  number: number
  kind: ListKind
  size: number
  /** Rows that nothing has come back for. */
  open: number
  madeAt: Date
  madeBy: string
}

export interface ProviderOverview {
  counts: {
    to_register: number
    sent: number
    failed: number
    registered: number
    to_close: number
    /** Of those to be closed, in no list yet. */
    unlistedClosings: number
    /** Readers who haven't consented to handing over: they aren't. */
    withoutConsent: number
  }
  lists: WorkList[]
  rows: WaitingRegistration[]
  /** There are more rows than are shown. */
  more: boolean
}

/** How a reader stands at the provider, at his record or his questionnaire. */
export interface StandingThere {
  provider: string
  /** Undefined: never handed over. */
  state: ProviderState | undefined
  id: string | undefined
  list: number | null
  reason: string | null
  number: string | null
  /** He may be handed over now. */
  allowed: boolean
}

const mostRows = 100
const mostLists = 20

export function createProviderQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /** All that an operator needs for the provider; the look is audited. */
    overview(actor: Authorised<'providers.register'>): Promise<ProviderOverview> {
      return inTransaction(db, async (tx) => {
        const now = clock()
        const settings = await readSettings(tx)
        const { n: toRegister } = await mayGoOut(tx, settings, now)
          .select((eb) => eb.fn.countAll<number>().as('n'))
          .executeTakeFirstOrThrow()
        const { rows: counted } = await sql<Omit<ProviderOverview['counts'], 'to_register'>>`select
          (select count(*) from provider_registrations where state = 'sent') as sent,
          (select count(*) from provider_registrations where state = 'failed') as failed,
          (select count(*) from provider_accounts) as registered,
          (select count(*) from provider_closings where closed_at is null) as to_close,
          (select count(*) from provider_closings where closed_at is null and list is null) as "unlistedClosings",
          (select count(*) from readers r where merged_into is null
            and not exists (select from provider_accounts where reader_id = r.id)
            and not exists (select from provider_registrations where reader_id = r.id)
            and not exists (select from consents where reader_id = r.id and kind = 'handover'
              and revoked_at is null)) as "withoutConsent"`.execute(tx)
        const [counts] = counted
        if (!counts) throw new Error('counting gave no row')
        const rows = await tx
          .selectFrom('provider_registrations as p')
          .innerJoin('readers as r', 'r.id', 'p.reader_id')
          .innerJoin('libraries as l', 'l.id', 'r.library_id')
          .select(['p.id', 'p.state', 'p.list', 'p.reason', 'p.asked_at as askedAt'])
          .select(['r.id as readerId', 'r.full_name as readerName', 'l.short_name as libraryName'])
          .where('p.state', '<>', 'registered')
          .where('r.merged_into', 'is', null)
          // What somebody has to do something about comes first.
          .orderBy((eb) => eb('p.state', '=', 'failed'), 'desc')
          .orderBy((eb) => eb('p.state', '=', 'sent'), 'desc')
          .orderBy('p.asked_at')
          .orderBy('p.id')
          .limit(mostRows + 1)
          .execute()
        const shown = rows.slice(0, mostRows)
        if (shown.length > 0)
          await audit.append(tx, {
            at: now,
            actor: byStaff(actor.staffId),
            action: 'providers.list',
            subject: { kind: 'reader', id: null },
            details: { ids: shown.map(({ readerId }) => readerId) },
          })
        const { rows: lists } = await sql<WorkList>`select number, kind, size, made_at as "madeAt",
          s.full_name as "madeBy", case kind
            when 'register' then (select count(*) from provider_registrations
              where list = l.number and state = 'sent')
            else (select count(*) from provider_closings where list = l.number and closed_at is null) end as open
          from provider_lists l join staff s on s.id = l.made_by
          order by number desc limit ${mostLists}`.execute(tx)
        return {
          counts: {
            ...counts,
            to_register: Number(toRegister),
            withoutConsent: settings['consents.handoverFor'] === 'none' ? 0 : counts.withoutConsent,
          },
          lists,
          rows: shown.map((row) => ({ ...row, state: row.state as ProviderState })),
          more: rows.length > mostRows,
        }
      })
    },

    /** How many wait for somebody to do something; no personal data, so no audit. */
    async waiting(_actor: Authorised<'providers.register'>): Promise<number> {
      const settings = await readSettings(db)
      if (!usesProvider(settings)) return 0
      const { n } = await mayGoOut(db, settings, clock())
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return Number(n)
    },

    /** Of a record or a questionnaire that a staff member has opened; undefined where no provider is used. */
    async standingOf({ readerId }: Pick<OpenedRecord, 'readerId'>): Promise<StandingThere | undefined> {
      return inTransaction(db, async (tx) => {
        const settings = await readSettings(tx)
        if (!usesProvider(settings)) return undefined
        const account = await tx
          .selectFrom('provider_accounts')
          .select(['provider', 'number'])
          .where('reader_id', '=', readerId)
          .executeTakeFirst()
        const registration = await tx
          .selectFrom('provider_registrations')
          .select(['id', 'state', 'list', 'reason'])
          .where('reader_id', '=', readerId)
          .executeTakeFirst()
        return {
          provider: account?.provider || settings['provider.name'],
          state: account ? 'registered' : (registration?.state as ProviderState | undefined),
          id: registration?.id,
          list: registration?.list ?? null,
          reason: registration?.reason ?? null,
          number: account?.number ?? null,
          allowed: await providerAllowed(tx, settings, readerId),
        }
      })
    },
  }
}
