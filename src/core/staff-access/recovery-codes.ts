import { randomInt } from 'node:crypto'
import { foldGenerated, passwordAlphabet } from '../readers/passwords.ts'
import type { Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'

const codeCount = 10
/** Of 19 signs: 51 bits, hashed with a key that is not in the database. */
const codeLength = 12

const newCode = () =>
  Array.from({ length: codeLength }, () => passwordAlphabet[randomInt(passwordAlphabet.length)]).join('')

const hashOf = (sealer: Sealer, staffId: string, code: string) =>
  sealer.blind(`staff recovery ${staffId} ${code}`)

/** Ten new codes in place of those before. They are readable here and nowhere else. */
export async function replaceCodes(tx: Transaction, sealer: Sealer, staffId: string): Promise<string[]> {
  const codes = Array.from({ length: codeCount }, newCode)
  await tx.deleteFrom('staff_recovery_codes').where('staff_id', '=', staffId).execute()
  await tx
    .insertInto('staff_recovery_codes')
    .values(codes.map((code) => ({ staff_id: staffId, hash: hashOf(sealer, staffId, code) })))
    .execute()
  return codes.map((code) => code.match(/.{4}/g)?.join('-') ?? code)
}

/** Whether this is one of the member's codes; then it is used up. Of two who type it at once one gets in. */
export async function spendRecoveryCode(
  tx: Transaction,
  sealer: Sealer,
  staffId: string,
  typed: string,
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('staff_recovery_codes')
    .where('staff_id', '=', staffId)
    .where('hash', '=', hashOf(sealer, staffId, foldGenerated(typed)))
    .executeTakeFirstOrThrow()
  return numDeletedRows === 1n
}
