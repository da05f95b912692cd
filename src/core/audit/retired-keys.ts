import { z } from 'zod'
import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { macUnder } from '../shared/sealing.ts'
import type { Linking } from './chain.ts'
import { storedHead } from './chain.ts'

const context = 'retired key'

const retiredSchema = z.object({
  /** The last entry whose link was made under this key. */
  through: z.int().min(0),
  /** Null: the key was lost, and nothing checks those links any more. */
  macKey: z.base64().nullable(),
})
type Retired = z.output<typeof retiredSchema>

/**
 * The log goes on under another key; what checks the entries up to here is kept, sealed under the new one. The
 * caller has locked the head.
 * @param from undefined when that key was lost, and with it those that it kept
 */
export async function retireChainKey(
  tx: Transaction,
  { from, to }: { from: Sealer | undefined; to: Sealer },
): Promise<void> {
  const { seq } = await storedHead(tx)
  const before = from ? await retiredKeys(tx, from) : []
  const retired = [...before, { through: seq, macKey: from?.macKey.toString('base64') ?? null }]
  await tx.deleteFrom('retired_keys').execute()
  await tx
    .insertInto('retired_keys')
    .values(retired.map((each) => ({ sealed: to.seal(JSON.stringify(each), context) })))
    .execute()
}

/** What links each entry: the key that was in force when it was written. Only a holder of today's key can say so. */
export async function linkingOf(tx: Database | Transaction, sealer: Sealer): Promise<Linking> {
  const retired = await retiredKeys(tx, sealer)
  return (seq) => {
    const before = retired.find(({ through }) => seq <= through)
    if (!before) return sealer
    const { macKey } = before
    if (macKey === null) return undefined
    const key = Buffer.from(macKey, 'base64')
    return { mac: (...parts) => macUnder(key, ...parts) }
  }
}

/** In the order in which they were in force. */
async function retiredKeys(tx: Database | Transaction, sealer: Sealer): Promise<Retired[]> {
  const rows = await tx.selectFrom('retired_keys').select('sealed').execute()
  return rows
    .map(({ sealed }) => retiredSchema.parse(JSON.parse(sealer.open(sealed, context))))
    .toSorted((a, b) => a.through - b.through)
}
