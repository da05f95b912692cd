import { tokenHash } from '../shared/token-hash.ts'
import type { Transaction } from '../shared/db.ts'

/**
 * Sets a password that the reader has chosen: exact from now on, with no readable copy, and every session ends
 * but the one that is named. The caller has locked the record.
 * @param hash argon2id
 */
export async function replacePassword(
  tx: Transaction,
  readerId: string,
  hash: string,
  keepSession?: string,
): Promise<void> {
  await tx
    .updateTable('readers')
    .set({ password_hash: hash, password_generated: false })
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
