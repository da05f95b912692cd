import type { Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { Likeness, Person } from './likeness.ts'
import { compareNames, likeness } from './likeness.ts'
import { standing } from './merged.ts'
import { nameKey } from './names.ts'

/** So many of those who are alike are shown at most, the most alike first. */
export const mostLikes = 5
/** One date or one phone may have many people; with so many a hint tells nothing any more. */
const mostCandidates = 500

/** A reader on record who may be the person. */
export interface LikeReader extends Likeness {
  readerId: string
}

/** A questionnaire that waits, or waits for mending, and may be about the same person. */
export interface LikeApplication extends Likeness {
  applicationId: string
}

export interface Likes {
  readers: LikeReader[]
  applications: LikeApplication[]
  /** How many more there are than are named. */
  more: number
}

/** Whom or what a person is not to be compared with: with himself. */
export interface Except {
  readerId?: string
  applicationId?: string
}

/**
 * Whoever may be the same person: the one check of every path on which a person comes in. A merged record
 * stands for the record that was kept. Two who were decided to be two people are not brought up again: when
 * one of them is certainly the person, the other is no hint.
 */
export async function findLike(tx: Transaction, person: Person, except: Except = {}): Promise<Likes> {
  const [readers, applications] = [
    await likeReaders(tx, person, except),
    await likeApplications(tx, person, except),
  ]
  const shownReaders = readers.slice(0, mostLikes)
  const shownApplications = applications.slice(0, mostLikes - shownReaders.length)
  return {
    readers: shownReaders,
    applications: shownApplications,
    more: readers.length + applications.length - shownReaders.length - shownApplications.length,
  }
}

export interface SamePeople {
  /** Ids of the records that stand for them, oldest namesake first. */
  readerIds: string[]
  /** The namesake number that nobody of them has. */
  nextNamesake: number
}

/**
 * Whoever is on record under the same name and birth date, whatever the namesake numbers. One statement
 * answers both questions: who registers under that number later than it was given learns of it from the
 * unique index.
 */
export async function findSame(
  tx: Transaction,
  person: Pick<Person, 'fullName' | 'birthDate'>,
): Promise<SamePeople> {
  const rows = await tx
    .selectFrom('readers')
    .select(['id', 'namesake'])
    .where('name_key', '=', nameKey(person.fullName))
    .where('birth_date', '=', person.birthDate)
    .orderBy('namesake')
    .execute()
  const ids = rows.map(({ id }) => id)
  const kept = await standing(tx, ids)
  return {
    readerIds: [...new Set(ids.map((id) => kept.get(id) ?? id))],
    nextNamesake: (rows.at(-1)?.namesake ?? -1) + 1,
  }
}

/** Of many people those under whose name and birth date somebody is on record, as `findSame` would find. */
export async function onRecord<Someone extends Pick<Person, 'fullName' | 'birthDate'>>(
  tx: Transaction,
  people: readonly Someone[],
): Promise<Someone[]> {
  if (people.length === 0) return []
  const keys = people.map(({ fullName }) => nameKey(fullName))
  const dates = people.map(({ birthDate }) => birthDate)
  const { rows } = await sql<{ place: number }>`
    select place from unnest(${keys}::text[], ${dates}::date[]) with ordinality as p (key, date, place)
    where exists (select from readers where name_key = key and birth_date = date)`.execute(tx)
  return rows.flatMap(({ place }) => people[place - 1] ?? [])
}

/**
 * Of many people at once: who on record may be each of them by birth date and name. Shared contacts, and names
 * with another date, are hints too weak to stop a list for.
 * @returns ids of the records that stand for them, in the order of the people
 */
export async function alikeByDate(
  tx: Transaction,
  people: readonly Pick<Person, 'fullName' | 'birthDate'>[],
): Promise<string[][]> {
  const dates = [...new Set(people.map(({ birthDate }) => birthDate))]
  const { rows } = await sql<{ id: string; fullName: string; birthDate: string }>`
    select id, full_name as "fullName", birth_date as "birthDate" from readers
    where birth_date = any(${dates}::date[]) order by created_at, id`.execute(tx)
  const born = Map.groupBy(rows, ({ birthDate }) => birthDate)
  const found = people.map((person) =>
    (born.get(person.birthDate) ?? [])
      .filter((other) => compareNames(person.fullName, other.fullName))
      .map(({ id }) => id),
  )
  const kept = await standing(tx, found.flat())
  return found.map((ids) => [...new Set(ids.map((id) => kept.get(id) ?? id))])
}

async function likeReaders(tx: Transaction, person: Person, except: Except): Promise<LikeReader[]> {
  const key = nameKey(person.fullName)
  const { birthDate, phone, email } = person
  const { rows } = await sql<Person & { id: string }>`
    select id, full_name as "fullName", birth_date as "birthDate", email, phone from readers where id in (
      select id from readers where name_key = ${key} and birth_date = ${birthDate}
      union (select id from readers where name_key = ${key} limit ${mostCandidates})
      union (select id from readers where birth_date = ${birthDate} limit ${mostCandidates})
      union (select id from readers where phone = ${phone} limit ${mostCandidates})
      union (select id from readers where email = ${email} limit ${mostCandidates})
    ) order by created_at, id`.execute(tx)
  const alike = rows.flatMap(({ id, ...other }) => {
    const found = likeness(person, other)
    return found ? [{ ...found, readerId: id }] : []
  })
  const kept = await standing(
    tx,
    alike.map(({ readerId }) => readerId),
  )
  const strongest = new Map<string, LikeReader>()
  for (const like of strongestFirst(alike)) {
    const readerId = kept.get(like.readerId) ?? like.readerId
    if (readerId !== except.readerId && !strongest.has(readerId))
      strongest.set(readerId, { ...like, readerId })
  }
  return withoutDecided(tx, [...strongest.values()], except.readerId)
}

/** Leaves out hints at readers who were decided to be others than the one whom this certainly is. */
async function withoutDecided(
  tx: Transaction,
  likes: LikeReader[],
  readerId: string | undefined,
): Promise<LikeReader[]> {
  const known = readerId ? [readerId] : likes.filter(({ certain }) => certain).map((like) => like.readerId)
  if (known.length === 0 || likes.length === 0) return likes
  const pairs = await tx
    .selectFrom('distinct_readers')
    .select(['first_id', 'second_id'])
    .where((eb) => eb.or([eb('first_id', 'in', known), eb('second_id', 'in', known)]))
    .execute()
  const others = new Set(pairs.flatMap((pair) => [pair.first_id, pair.second_id]))
  // Beside a reader's own record even a namesake is settled; beside a questionnaire each of them may be meant.
  return likes.filter((like) => !others.has(like.readerId) || (like.certain && !readerId))
}

async function likeApplications(tx: Transaction, person: Person, except: Except): Promise<LikeApplication[]> {
  const rows = await tx
    .selectFrom('applications')
    .select(['id', 'full_name', 'birth_date', 'email', 'phone'])
    .where('state', 'in', ['sent', 'returned'])
    .where('birth_date', '=', person.birthDate)
    .orderBy('sent_at')
    .orderBy('id')
    .limit(mostCandidates)
    .execute()
  const alike = rows
    // Relatives wait side by side; of questionnaires only names that are alike say anything.
    .filter(({ id, full_name }) => id !== except.applicationId && compareNames(person.fullName, full_name))
    .flatMap((row) => {
      const other = { fullName: row.full_name, birthDate: row.birth_date, email: row.email, phone: row.phone }
      const found = likeness(person, other)
      return found ? [{ ...found, applicationId: row.id }] : []
    })
  return strongestFirst(alike)
}

/** Stable: of equally strong ones the older comes first. */
const strongestFirst = <Like extends Likeness>(likes: Like[]): Like[] =>
  likes.toSorted((a, b) => b.weight - a.weight)
