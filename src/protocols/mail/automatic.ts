import type { MailHeader } from './headers.ts'
import { valuesOf } from './headers.ts'

/** Mailboxes behind which nobody reads (RFC 2142 §5, RFC 3834 §2). */
const nobody = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|listserv|majordomo)([+-].*)?@/i

/**
 * What a mail says of whoever sent it. `answer`: a machine's answer or report, never somebody's letter.
 * `bulk`: sent to many, or asks not to be answered by machines; somebody may have written it all the same.
 * Neither is ever answered by a machine (RFC 3834 §2).
 * @param from the sender's address
 */
export function automatic(headers: readonly MailHeader[], from: string): 'answer' | 'bulk' | undefined {
  const said = (name: string) => valuesOf(headers, name).map((value) => value.trim().toLowerCase())
  // RFC 3834 §5: a keyword, perhaps with parameters or a comment.
  const submitted = said('auto-submitted').map((value) => value.split(/[\s;(]/)[0] ?? '')
  if (submitted.some((keyword) => keyword !== 'no')) return 'answer'
  if (said('return-path').some((path) => path.replaceAll(/\s/g, '') === '<>')) return 'answer'
  if (/^mailer-daemon@/i.test(from) || from === '') return 'answer'
  if (said('x-autoreply').length > 0 || said('x-autorespond').length > 0) return 'answer'
  if (said('precedence').some((value) => value === 'auto_reply')) return 'answer'
  const bulk =
    said('precedence').some((value) => ['bulk', 'list', 'junk'].includes(value)) ||
    said('x-auto-response-suppress').some((value) => value !== '' && value !== 'none') ||
    said('list-id').length > 0 ||
    nobody.test(from)
  return bulk ? 'bulk' : undefined
}

/** Begins as answering machines begin that say so nowhere else: such a mail isn't answered either. */
export const titledAutomatic = (subject: string): boolean =>
  /^\s*(автоответ|автоматический ответ|нет на месте|вне офиса|auto(matic)?[ -]?(reply|response)|out of (the )?office)(?!\p{L})/iu.test(
    subject,
  )
