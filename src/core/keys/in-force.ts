import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import {
  existingMasterKey,
  keyPath,
  keyWith,
  masterKey,
  putInForce,
  shutKeysOff,
} from '../shared/key-files.ts'
import { fingerprintOf } from '../shared/sealing.ts'

/** The data folder hasn't the key under which the database lives; the sentence says what to do. */
export class KeyFault extends Error {}

const keyMissing = (dataDir: string) =>
  new KeyFault(
    `В ${keyPath(dataDir)} нет ключа, с которым работает эта база. Верните файл secret.key этой установки из его копии и повторите. Если ключ потерян совсем, замените его: npm run smart -- key rotate --lost.`,
  )

/**
 * The installation's key: the one under which this database lives. An empty installation makes its own; a change of
 * keys that broke off after its commit is brought to its end.
 * @param warn is told of a key that others could read
 * @throws KeyFault; when a key can't be shut off to others
 */
export async function keyInForce(
  db: Database,
  dataDir: string,
  warn: (sentence: string) => void = () => {},
): Promise<Buffer> {
  const wanted = await inTransaction(db, async (tx) => {
    // Waits for a change that is under way.
    const head = await tx.selectFrom('audit_head').selectAll().forUpdate().executeTakeFirstOrThrow()
    if (head.key !== null) return head.key
    // A log that has begun was begun under a key: another one is made for an empty installation only.
    const key = head.seq > 0 ? await existingMasterKey(dataDir) : await masterKey(dataDir)
    if (!key) throw keyMissing(dataDir)
    const own = fingerprintOf(key)
    await tx.updateTable('audit_head').set({ key: own }).execute()
    return own
  })
  const key = await keyWith(dataDir, wanted)
  if (!key) throw keyMissing(dataDir)
  await putInForce(dataDir, key)
  await shutKeysOff(dataDir, warn)
  return key
}
