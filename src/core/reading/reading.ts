import { openLoan } from '../circulation/circulation.queries.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Archives } from '../shared/archives.ts'
import type { Storage } from '../shared/storage.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { describePackage } from './package.ts'
import type { BookPackage } from './package.ts'
import { openResource } from './resources.ts'
import type { BookResource } from './resources.ts'
import type { Position } from './positions.ts'
import { positionOf, savePosition } from './positions.ts'

export interface OpenBook {
  loan: string
  publicationId: string
  title: string
  /** Milliseconds until the loan ends: a device's own clock may be wrong. */
  openFor: number
  /** Where the reader stopped; undefined at the first opening. */
  position: Position | undefined
  package: BookPackage
}

export type Reading = ReturnType<typeof createReading>

/** Reading of lent books. Each call asks for the running loan anew: a book closes at its due moment. */
export function createReading(deps: { db: Database; clock: Clock; storage: Storage; archives: Archives }) {
  const { db, clock, storage, archives } = deps

  return {
    /** What the reader's page needs to show the first text. @throws notLent */
    async open(actor: ReaderActor, loanId: string): Promise<OpenBook> {
      const loan = await openLoan(db, clock, actor, loanId)
      const position = await positionOf(db, actor.readerId, loan.publicationId)
      const bookPackage = await archives.use(await readingFile(loan.publicationId), (zip) =>
        describePackage(zip, position?.locator),
      )
      const { publicationId, title, dueAt } = loan
      const openFor = dueAt.getTime() - clock().getTime()
      return { loan: loan.id, publicationId, title, openFor, position, package: bookPackage }
    },

    /**
     * One file out of the book, ready to be sent.
     * @param gzip whether the receiver takes gzip
     * @throws notLent; notFound when the book has no such file
     */
    async resource(actor: ReaderActor, loanId: string, name: string, gzip: boolean): Promise<BookResource> {
      const loan = await openLoan(db, clock, actor, loanId)
      const path = await readingFile(loan.publicationId)
      return archives.use(path, (zip) => openResource(zip, path, name, gzip))
    },

    /** Where this reader stopped in the lent book. @throws notLent */
    async position(actor: ReaderActor, loanId: string): Promise<Position | undefined> {
      const loan = await openLoan(db, clock, actor, loanId)
      return positionOf(db, actor.readerId, loan.publicationId)
    },

    /** @returns the new revision @throws notLent, positionBehind */
    async savePosition(actor: ReaderActor, loanId: string, position: Position): Promise<number> {
      return inTransaction(db, async (tx) => {
        // A merge takes the loan along: on the record that it leaves behind nobody would see the place.
        await holdReader(tx, actor.readerId)
        const { publicationId } = await openLoan(tx, clock, actor, loanId)
        return savePosition(tx, clock, { readerId: actor.readerId, publicationId }, position)
      })
    },
  }

  async function readingFile(publicationId: string): Promise<string> {
    const { storage_key: key } = await db
      .selectFrom('publication_files')
      .select('storage_key')
      .where('publication_id', '=', publicationId)
      .where('purpose', 'in', ['reading', 'both'])
      .executeTakeFirstOrThrow(() => notFound())
    return storage.localPath(key)
  }
}

/** Waits for a merge that is being made, and makes the next one wait. */
const holdReader = (tx: Transaction, readerId: string) =>
  tx.selectFrom('readers').select('id').where('id', '=', readerId).forKeyShare().execute()
