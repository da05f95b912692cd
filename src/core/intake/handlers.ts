import type { Transaction } from '../shared/db.ts'
import type { IncomingMail } from './mail.ts'

/**
 * What became of a mail. `taken`: it is done with and leaves the inbox. `noted`: something was done about it,
 * and it stays in the inbox for people. `no room`: it would be taken if there weren't too many already; it stays
 * in the inbox, and operators see that it does. `not mine`: nothing was changed, others are asked.
 */
export type Taking = 'taken' | 'noted' | 'no room' | 'not mine'

/** One kind of mail that the system understands, such as a letter that came back. */
export interface MailHandler<Prepared = unknown> {
  /** Stable: what it was asked about is remembered under it. */
  readonly name: string
  /** What takes long and changes nothing, such as reading files: it comes before the transaction. */
  prepare?(mail: IncomingMail): Promise<Prepared>
  /**
   * Looks at a mail within the transaction that remembers the answer: what it changes, it changes once.
   * @param prepared what `prepare` gave
   */
  handle(tx: Transaction, mail: IncomingMail, prepared: Prepared): Promise<Taking>
}
