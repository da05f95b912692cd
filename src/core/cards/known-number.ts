import { readingsOf, typedCardNumber } from '#protocols/card/reading.ts'
import { isCardNumber } from '#protocols/card/scheme.ts'
import type { Database, Transaction } from '../shared/db.ts'

/**
 * The number that was meant by what was typed or scanned. Russian letters may stand for Latin ones by their look or
 * by their keys: of two readings the one is meant that is on record. Where both are, or none, what was typed comes
 * back, which no card has: nobody gets the wrong card.
 */
export async function knownNumber(db: Database | Transaction, typed: string): Promise<string> {
  const number = typedCardNumber(typed)
  const readings = readingsOf(typed).filter(isCardNumber)
  if (readings.includes(number) || readings.length === 0) return number
  const [known, another] = await db
    .selectFrom('cards')
    .select('number')
    .where('number', 'in', readings)
    .execute()
  return known && !another ? known.number : number
}
