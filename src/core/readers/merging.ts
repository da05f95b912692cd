import type { CardState } from '../cards/moves.ts'
import { days } from '../shared/clock.ts'
import { expected } from '../shared/errors.ts'
import type { MovedProvider } from './provider-accounts.ts'

/** So long a merge can be undone; then the dropped record is removed. */
export const mergeUndoFor = days(30)

/** Of two records only one has a valid card: that one is kept, as its card and password go on working. */
export const keepValidCard = expected('readers.keep_valid_card', 409)
/** Nothing but the operator's word makes one person of two with other names and other birth dates. */
export const mergeUnlike = expected('readers.unlike', 409)
export const mergeWithItself = expected('readers.merge_itself', 422)
/** The merge was undone, is final, or its time is over. */
export const mergeOver = expected('readers.merge_over', 409)
/** The record that was kept was merged further: that merge is to be undone first. */
export const mergedFurther = expected('readers.merged_further', 409)

/** Tables whose rows are a reader's and simply go over with him. Holds come here when there are some. */
export const movedTables = [
  'loans',
  'consents',
  'messages',
  'applications',
  'reader_changes',
  'correction_requests',
  'provider_closings',
] as const
export type MovedTable = (typeof movedTables)[number]

/** A place in a book that the merge has put over the kept record's own. */
export interface MovedPosition {
  publicationId: string
  /** The revision that the merge wrote: while it is there, nobody has read on. */
  revision: number
  before: { locator: string; fraction: number; revision: number; savedAt: string } | null
}

/** What a merge did, by id, so that it can be undone as far as nothing else has happened since. */
export interface Moved {
  /** A merge that is older than a table has no rows of it. */
  rows: Partial<Record<MovedTable, string[]>>
  /** Running loans that were ended because both records had the same book; the one due later goes on. */
  endedLoans: string[]
  positions: MovedPosition[]
  /** The dropped record's cards as they were. */
  cards: { number: string; state: CardState }[]
  provider: MovedProvider
  /** Contacts that the kept record lacked and took over. */
  contacts: ('email' | 'phone')[]
  /** Readers known to be others than the dropped one: now others than the kept one too. */
  distinct: string[]
  /** When the kept record was renewed, where the dropped one had been renewed later. */
  renewedAt: string | null
}
