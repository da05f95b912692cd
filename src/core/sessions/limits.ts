import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { Sealer } from '../shared/sealing.ts'

export const tooManyAttempts = expected('sessions.too_many_attempts', 429)

/** A leaky bucket of failures: holds `capacity`, loses `perMinute` of them each minute. */
export interface Bucket {
  key: string
  capacity: number
  perMinute: number
}

/**
 * The buckets that one sign-in attempt runs against. One address tries one name 5 times, then twice a
 * minute; one name from everywhere 30 times; one address 100 times, so that a class of thirty with three
 * typos each gets in. All drain by themselves: nobody is locked out for good.
 */
export const attemptBuckets = (name: string, address: string): Bucket[] => [
  { key: `name+address ${name} ${address}`, capacity: 5, perMinute: 2 },
  { key: `name ${name}`, capacity: 30, perMinute: 5 },
  { key: `address ${address}`, capacity: 100, perMinute: 20 },
]

export interface AttemptLimits {
  /**
   * Books one attempt as a failure before it is checked, so that parallel guesses can't slip past.
   * @throws tooManyAttempts with `seconds` to wait; then nothing is booked
   */
  book(buckets: Bucket[]): Promise<void>
  /** Takes the booking back: only failures count. */
  refund(buckets: Bucket[]): Promise<void>
}

export function createAttemptLimits(db: Database, sealer: Sealer): AttemptLimits {
  const blind = (bucket: Bucket) => sealer.blind(bucket.key)
  return {
    async book(buckets) {
      await db.transaction().execute(async (tx) => {
        for (const bucket of inLockOrder(buckets)) {
          const { rows } = await sql<{ level: number }>`
            insert into sign_in_failures as f (bucket, level, updated_at) values (${blind(bucket)}, 1, now())
            on conflict (bucket) do update set updated_at = now(), level = 1 + greatest(0,
              f.level - extract(epoch from now() - f.updated_at) / 60 * ${bucket.perMinute}::float8)
            returning level`.execute(tx)
          const over = (rows[0]?.level ?? 0) - bucket.capacity
          // Throwing rolls back every booking of this attempt: a refused try doesn't prolong the wait.
          if (over > 0) throw tooManyAttempts({ seconds: Math.ceil((over / bucket.perMinute) * 60) })
        }
      })
    },
    async refund(buckets) {
      for (const bucket of buckets) {
        await db
          .updateTable('sign_in_failures')
          .set({ level: sql<number>`greatest(0, level - 1)` })
          .where('bucket', '=', blind(bucket))
          .execute()
      }
    },
  }
}

/**
 * Runs a check between booking the attempt and giving it back; a failed check stays booked.
 * @returns what the check found
 * @throws tooManyAttempts
 */
export async function checkLimited<Found>(
  limits: AttemptLimits,
  buckets: Bucket[],
  check: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  await limits.book(buckets)
  const found = await check()
  if (found !== undefined) await limits.refund(buckets)
  return found
}

/** Every attempt locks its rows in one order, so that two can't wait for each other. */
const inLockOrder = (buckets: Bucket[]) => buckets.toSorted((a, b) => (a.key < b.key ? -1 : 1))
