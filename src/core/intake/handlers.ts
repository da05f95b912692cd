import type { Transaction } from '../shared/db.ts'
import type { IncomingMail } from './mail.ts'

/** One kind of mail that the system understands, such as a letter that came back. */
export interface MailHandler {
  /** Stable: what it was asked about is remembered under it. */
  readonly name: string
  /**
   * Looks at a mail within the transaction that remembers the answer: what it changes, it changes once.
   * `taken`: the mail is done with and leaves the inbox. `not mine`: nothing was changed, others are asked.
   */
  handle(tx: Transaction, mail: IncomingMail): Promise<'taken' | 'not mine'>
}
