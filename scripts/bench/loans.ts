import type { App } from '../../src/app.ts'
import { isExpected } from '../../src/core/shared/errors.ts'
import type { ReaderActor } from '../../src/core/staff/actors.ts'
import { highestDuring, pace } from './load.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { figure } from './rows.ts'

const lanes = 8
const readers = 500
const copies = 50
const limit = 300

/**
 * Eight borrowers at once, each for one reader after the other. Three of four loans are of one publication
 * with fifty copies, so that they wait for each other at its licence; the rest of one that is open to all.
 */
export async function loanRows(region: Region): Promise<Row[]> {
  const app = await region.app()
  const [scarce, open] = await twoTitles(app)
  await setLicence(app, scarce, copies)
  await setLicence(app, open, null)
  const people = await Promise.all(Array.from({ length: readers }, (_, n) => region.reader(n)))
  const counts = { lent: 0, refused: 0 }
  const held: { reader: ReaderActor; loan: string }[] = []
  const giveOneBack = async () => {
    const first = held.shift()
    if (first) await app.circulation.giveBack(first.reader, first.loan)
  }
  const turn = async (n: number) => {
    const reader = people[n % readers]
    if (!reader) return
    try {
      const loan = await app.circulation.borrow(reader, n % 4 === 3 ? open : scarce)
      counts.lent += 1
      held.push({ reader, loan: loan.id })
      // As many are kept as there are copies, and some more: now and then the licence is exhausted.
      if (held.length > (copies * 4) / 3) await giveOneBack()
    } catch (error) {
      if (!isExpected(error)) throw error
      counts.refused += 1
      await giveOneBack()
    }
  }
  const work = async () => {
    await pace({ lanes, milliseconds: 2000 }, turn)
    Object.assign(counts, { lent: 0, refused: 0 })
    const began = performance.now()
    await pace({ lanes, milliseconds: 10_000 }, turn)
    const perSecond = counts.lent / ((performance.now() - began) / 1000)
    // At last everybody asks and nobody gives back.
    await Promise.allSettled(people.map((reader) => app.circulation.borrow(reader, scarce)))
    return perSecond
  }
  // Looked at from outside: each count sees what was committed at one moment.
  const { highest: most, result: perSecond } = await highestDuring(() => outOf(app, scarce), work)
  const last = await outOf(app, scarce)
  const never = most <= copies && last === copies
  return [
    {
      what: 'loans, most of them of one licence',
      measured: `${figure(perSecond)}/s; at most ${Math.max(most, last)} of ${copies} copies out`,
      limit: { text: `≥ ${limit}/s, no licence exceeded`, kept: perSecond >= limit && never },
      how: `the use case; ${lanes} at a time, ${readers} readers, about as many returns besides, ${counts.refused} refused; at last all ${readers} at once`,
    },
  ]
}

async function twoTitles(app: App): Promise<[string, string]> {
  const rows = await app.db
    .selectFrom('publications')
    .select('id')
    .where('age_mark', '=', 0)
    .orderBy('id', 'desc')
    .limit(2)
    .execute()
  const [first, second] = rows
  if (!first || !second) throw new Error('there are no two titles to lend')
  return [first.id, second.id]
}

/** In place of those that there are, and of their loans. */
async function setLicence(app: App, publicationId: string, copies: number | null): Promise<void> {
  await app.db.deleteFrom('loans').where('publication_id', '=', publicationId).execute()
  await app.db.deleteFrom('licences').where('publication_id', '=', publicationId).execute()
  const kind = copies === null ? 'open' : 'copies'
  await app.db
    .insertInto('licences')
    .values({ publication_id: publicationId, kind, copies, added_at: app.clock() })
    .execute()
}

async function outOf(app: App, publicationId: string): Promise<number> {
  const { out } = await app.db
    .selectFrom('loans')
    .select((eb) => eb.fn.countAll<number>().as('out'))
    .where('publication_id', '=', publicationId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(out)
}
