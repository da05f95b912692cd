import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import type { MarkedWord } from '../readers/comparison.ts'
import { markedWords } from '../readers/comparison.ts'
import { findLike } from '../readers/duplicates.queries.ts'
import type { ReaderFacts } from '../readers/facts.queries.ts'
import { readerFacts } from '../readers/facts.queries.ts'
import type { Likeness } from '../readers/likeness.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised } from '../staff/actors.ts'

/** A reader on record beside a questionnaire. */
export interface ShownLike extends Likeness {
  reader: ReaderFacts
  /** Both names, each with its words marked by whether the other has them. */
  here: MarkedWord[]
  there: MarkedWord[]
}

export interface ShownApplication extends Likeness {
  id: string
  fullName: string
  libraryName: string
  sentAt: Date
}

export interface ShownLikes {
  readers: ShownLike[]
  applications: ShownApplication[]
  more: number
  /** Somebody is on record under this name and birth date: registering waits for a decision. */
  stops: boolean
}

export function createLikeQueries(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
  return {
    /**
     * Who may be the person of a waiting questionnaire: readers of any library, and questionnaires that wait.
     * The look is audited with the readers shown. @throws notFound
     */
    likes(actor: Authorised<'applications.decide'>, id: string): Promise<ShownLikes> {
      return inTransaction(db, async (tx) => {
        const application = await tx
          .selectFrom('applications')
          .select([
            'full_name as fullName',
            'birth_date as birthDate',
            'email',
            'phone',
            'library_id',
            'state',
          ])
          .where('id', '=', id)
          .executeTakeFirstOrThrow(() => notFound())
        if (application.state !== 'sent') return { readers: [], applications: [], more: 0, stops: false }
        const likes = await findLike(tx, application, { applicationId: id })
        const facts = await readerFacts(
          tx,
          likes.readers.map(({ readerId }) => readerId),
        )
        const readers = likes.readers.flatMap(({ readerId, ...likeness }) => {
          const reader = facts.find((each) => each.readerId === readerId)
          if (!reader) return []
          const here = markedWords(application.fullName, reader.fullName)
          return [{ ...likeness, reader, here, there: markedWords(reader.fullName, application.fullName) }]
        })
        const waiting = await tx
          .selectFrom('applications as a')
          .innerJoin('libraries as l', 'l.id', 'a.library_id')
          .select(['a.id', 'a.full_name as fullName', 'l.short_name as libraryName', 'a.sent_at as sentAt'])
          .where('a.id', 'in', likes.applications.map(({ applicationId }) => applicationId).concat(id))
          .execute()
        const applications = likes.applications.flatMap(({ applicationId, ...likeness }) =>
          waiting.filter((row) => row.id === applicationId).map((row) => ({ ...likeness, ...row })),
        )
        if (readers.length + applications.length > 0) {
          await audit.append(tx, {
            at: clock(),
            actor: byStaff(actor.staffId),
            action: 'applications.likes',
            subject: { kind: 'application', id },
            libraryId: application.library_id,
            details: {
              ids: readers.map(({ reader }) => reader.readerId),
              applications: applications.map((row) => row.id),
            },
          })
        }
        return { readers, applications, more: likes.more, stops: readers.some(({ certain }) => certain) }
      })
    },
  }
}
