import { domainToASCII } from 'node:url'
import { senderProven } from '#protocols/mail/sender-proof.ts'
import type { IncomingMail } from '../intake/mail.ts'
import type { Database, Transaction } from '../shared/db.ts'
import type { LetterDoubt } from './letters.ts'

/** Whose letter it is, or why nobody can say so but a person. */
export type Sender = { libraryId: string; doubt: undefined } | { libraryId: null; doubt: LetterDoubt }

/**
 * A letter is its library's when its From is the library's registered address, or a staff member's of that
 * library alone, and the mailbox's server has found that it comes from there.
 */
export async function senderOf(
  tx: Database | Transaction,
  mail: IncomingMail,
  authservIds: readonly string[],
  libraryCode?: string,
): Promise<Sender> {
  const libraries = await librariesOf(tx, mail.from)
  const [libraryId, another] = libraries
  if (!libraryId) return { libraryId: null, doubt: 'unknown_sender' }
  if (!senderProven(mail.headers, authservIds, mail.from))
    return { libraryId: null, doubt: 'not_authenticated' }
  if (!another) return { libraryId, doubt: undefined }
  const meant = libraryCode ? await withCode(tx, libraries, libraryCode) : undefined
  return meant ? { libraryId: meant, doubt: undefined } : { libraryId: null, doubt: 'several_libraries' }
}

async function withCode(
  tx: Database | Transaction,
  ids: string[],
  code: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('libraries')
    .select('id')
    .where('id', 'in', ids)
    .where('code', '=', code)
    .executeTakeFirst()
  return row?.id
}

/** Ids of the libraries that write under an address: registered ones first; staff count where none is. */
export async function librariesOf(tx: Database | Transaction, address: string): Promise<string[]> {
  const wanted = comparable(address)
  const libraries = await tx
    .selectFrom('libraries')
    .select(['id', 'email'])
    .where('email', '!=', '')
    .where('closed_at', 'is', null)
    .execute()
  const registered = libraries.filter(({ email }) => comparable(email) === wanted)
  if (registered.length > 0) return registered.map(({ id }) => id)
  const staff = await tx
    .selectFrom('staff as s')
    .innerJoin('staff_roles as r', 'r.staff_id', 's.id')
    .innerJoin('libraries as l', 'l.id', 'r.library_id')
    .select(['s.email', 'r.library_id'])
    .distinct()
    .where('l.closed_at', 'is', null)
    .where('s.disabled_at', 'is', null)
    .execute()
  return [
    ...new Set(staff.filter(({ email }) => comparable(email) === wanted).map((each) => each.library_id)),
  ]
}

/** No case, and the domain as it goes over the wire. */
function comparable(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1))}`.toLowerCase()
}
