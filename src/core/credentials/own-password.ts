import { tokenHash } from '../shared/token-hash.ts'
import type { Transaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'

/** What stands on the reader's card or in his record: whoever finds the one or knows him tries it first. */
export const knownToOthers = expected('credentials.known_to_others', 422)

interface Holder {
  id: string
  /** Calendar date. */
  birth_date: string | null
  phone: string | null
  email: string | null
}

/**
 * Sets a password that the reader has chosen: exact from now on, with no readable copy, and every session ends
 * but the one that is named. The caller has locked the record.
 * @throws knownToOthers
 */
export async function replacePassword(
  tx: Transaction,
  reader: Holder,
  password: { plain: string; /** argon2id */ hash: string },
  keepSession?: string,
): Promise<void> {
  const readerId = reader.id
  const cards = await tx.selectFrom('cards').select('number').where('reader_id', '=', readerId).execute()
  const numbers = cards.map(({ number }) => number)
  if (ownDetails(reader, numbers).has(bare(password.plain))) throw knownToOthers()
  await tx
    .updateTable('readers')
    .set({ password_hash: password.hash, password_generated: false })
    .where('id', '=', readerId)
    .execute()
  await tx
    .deleteFrom('sealed_passwords')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .execute()
  await tx.deleteFrom('recovery_codes').where('reader_id', '=', readerId).execute()
  let others = tx.deleteFrom('sessions').where('reader_id', '=', readerId)
  if (keepSession !== undefined) others = others.where('token_hash', '<>', tokenHash(keepSession))
  await others.execute()
}

/** Letters and digits alone, however they are grouped. */
const bare = (text: string) =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** The details as people write them: a birth date either way round, a phone with 8, 7 or neither. */
function ownDetails({ birth_date, phone, email }: Holder, cardNumbers: readonly string[]): Set<string> {
  const [year = '', month = '', day = ''] = birth_date?.split('-') ?? []
  const dates = [day + month + year, year + month + day]
  const subscriber = phone?.slice(2) ?? ''
  const phones = [subscriber, `7${subscriber}`, `8${subscriber}`]
  const mails = [email ?? '', email?.split('@')[0] ?? '']
  return new Set([...cardNumbers, ...dates, ...phones, ...mails].map(bare))
}
