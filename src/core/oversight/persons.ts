import { z } from 'zod'
import type { PersonIds } from '../audit/trail.ts'
import { knownNumber } from '../cards/known-number.ts'
import { standing } from '../readers/merged.ts'
import { wordBeginnings } from '../readers/search.queries.ts'
import type { Transaction } from '../shared/db.ts'
import { planForValues, sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'

/** A reader as the pages of the log name him; of one whose data were destroyed the numbers are left. */
export interface LoggedPerson {
  id: string
  /** null: destroyed */
  fullName: string | null
  birthDate: string | null
  cardNumbers: string[]
  libraryName: string
}

/** How many are offered; whoever isn't among them is found by typing more. */
export const mostPersons = 20

/** Whom a card's number, a name or the id out of an entry means, one more than are offered. */
export async function personsNamed(tx: Transaction, typed: string): Promise<LoggedPerson[]> {
  if (z.uuid().safeParse(typed).success) return personsBy(tx, [typed])
  const number = await knownNumber(tx, typed)
  const { rows } = await sql<{ id: string }>`
    select reader_id as id from cards where number = ${number} and reader_id is not null
    union select reader_id from destructions where ${number} = any(card_numbers) and done_at is not null`.execute(
    tx,
  )
  if (rows.length > 0) {
    const ids = rows.map(({ id }) => id)
    const now = await standing(tx, ids)
    return personsBy(tx, [...new Set(ids.map((id) => now.get(id) ?? id))])
  }
  const words = wordBeginnings(typed)
  if (!words) return []
  const named = await sql<{ id: string }>`
    select id from readers
    where merged_into is null and to_tsvector('simple', name_key) @@ ${planForValues} to_tsquery('simple', ${words})
    order by full_name, id limit ${mostPersons + 1}`.execute(tx)
  return personsBy(
    tx,
    named.rows.map(({ id }) => id),
  )
}

/** @throws notFound */
export async function personBy(tx: Transaction, id: string): Promise<LoggedPerson> {
  const [person] = await personsBy(tx, [id])
  if (!person) throw notFound()
  return person
}

async function personsBy(tx: Transaction, ids: readonly string[]): Promise<LoggedPerson[]> {
  const { rows } = await sql<LoggedPerson>`
    select r.id, r.full_name as "fullName", r.birth_date as "birthDate", l.name as "libraryName",
      array(select number from cards c where c.reader_id = r.id order by c.state <> 'issued', number)::text[]
        as "cardNumbers"
    from readers r join libraries l on l.id = r.library_id where r.id = any(${[...ids]}::uuid[])
    union all
    select d.reader_id, null, null, l.name, d.card_numbers
    from destructions d join libraries l on l.id = d.library_id
    where d.done_at is not null and d.reader_id = any(${[...ids]}::uuid[])
    order by "fullName", "birthDate", id`.execute(tx)
  return rows
}

/** All ids under which the log knows this person: of records that were merged into his, of his questionnaires. */
export async function idsOfPerson(tx: Transaction, id: string): Promise<PersonIds> {
  const { rows: records } = await sql<{ id: string }>`
    with recursive record as (
      select ${id}::uuid as id
      union select r.id from readers r join record on r.merged_into = record.id
    )
    select id from record
    union select jsonb_array_elements_text(destroyed -> 'readers')::uuid from destructions
      where reader_id = ${id}::uuid and done_at is not null`.execute(tx)
  const readers = records.map((record) => record.id)
  const { rows: applications } = await sql<{ id: string }>`
    select id from applications where reader_id = any(${readers}::uuid[])
    union select jsonb_array_elements_text(destroyed -> 'applications')::uuid from destructions
      where reader_id = ${id}::uuid and done_at is not null`.execute(tx)
  return { readers, applications: applications.map((application) => application.id) }
}
