import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { releaseCards } from '../cards/reserving.ts'
import { nameKey } from '../readers/names.ts'
import type { Transaction } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import type { Destroyed } from './destructions.ts'

/** The reader's record and all that were merged into it: one person. */
export async function recordsOf(tx: Transaction, readerId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive person as (
      select id from readers where id = ${readerId}
      union select r.id from readers r join person on r.merged_into = person.id)
    select id from person`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Merged records that are gone already; the audit log still knows them. */
async function formerRecordsOf(tx: Transaction, readers: string[]): Promise<string[]> {
  const rows = await tx
    .selectFrom('reader_merges')
    .select('dropped_id')
    .where('kept_id', 'in', readers)
    .where('undone_at', 'is', null)
    .execute()
  return rows.map((row) => row.dropped_id)
}

/**
 * Removes everything about a person from every table. What stays: the audit chain and this destruction's row,
 * which know ids only; the card numbers, so that none is given twice; his loans without him, for statistics.
 * A questionnaire that came after the revocation (`askedAt`) is another wish, with a consent of its own.
 * @param of.zone the region's time zone, in which days are counted
 */
export async function erase(
  tx: Transaction,
  of: { readerId: string; askedAt: Date; zone: string },
): Promise<Destroyed> {
  const { readerId, askedAt, zone } = of
  const readers = await recordsOf(tx, readerId)
  const people = await tx
    .selectFrom('readers')
    .select(['id', 'name_key', 'birth_date', 'email', 'phone'])
    .where('id', 'in', readers)
    .execute()
  const applications = await questionnairesOf(tx, readers, people, askedAt)
  const former = await formerRecordsOf(tx, readers)
  const drafts = await draftsOf(tx, people, askedAt)
  // The way to an account is no number of one.
  await remove(tx, 'provider_registrations', readers)
  const counts: Destroyed['counts'] = {
    emails: new Set(people.map(({ email }) => email).filter(Boolean)).size,
    phones: new Set(people.map(({ phone }) => phone).filter(Boolean)).size,
    providerAccounts:
      (await remove(tx, 'provider_accounts', readers)) + (await remove(tx, 'provider_closings', readers)),
    messages: await removeMessages(tx, readers, applications),
    consents: await removeConsents(tx, readers, applications),
    loans: await forgetBorrower(tx, readers, zone),
    positions: await remove(tx, 'reading_positions', readers),
    corrections: await remove(tx, 'correction_requests', readers),
    changes: await remove(tx, 'reader_changes', readers),
    drafts: drafts.length,
    applications: applications.length,
  }
  await forgetLetters(tx, drafts, applications)
  if (drafts.length > 0) await tx.deleteFrom('drafts').where('id', 'in', drafts).execute()
  if (applications.length > 0) {
    await releaseCards(tx, applications)
    await tx.deleteFrom('applications').where('id', 'in', applications).execute()
  }
  // A reason that somebody wrote when an earlier revocation was called off may name the person.
  await tx
    .updateTable('destructions')
    .set({ called_off_reason: '—' })
    .where('reader_id', 'in', readers)
    .where('called_off_at', 'is not', null)
    .execute()
  await tx.deleteFrom('readers').where('id', 'in', readers).execute()
  return { readers: [...new Set([...readers, ...former])], applications, counts }
}

interface Person {
  id: string
  name_key: string
  birth_date: string
  email: string | null
  phone: string | null
}

/**
 * His questionnaires: those that made or found his record, and those under his name and birth date that
 * became nothing, unless somebody else on record has the same.
 */
async function questionnairesOf(
  tx: Transaction,
  readers: string[],
  people: Person[],
  askedAt: Date,
): Promise<string[]> {
  const linked = await tx.selectFrom('applications').select('id').where('reader_id', 'in', readers).execute()
  const ids = linked.map(({ id }) => id)
  for (const person of people) {
    if (await hasNamesake(tx, readers, person)) continue
    const loose = await tx
      .selectFrom('applications')
      .select(['id', 'full_name'])
      .where('birth_date', '=', person.birth_date)
      .where('reader_id', 'is', null)
      .where('sent_at', '<=', askedAt)
      .execute()
    ids.push(...loose.filter((each) => nameKey(each.full_name) === person.name_key).map(({ id }) => id))
  }
  return [...new Set(ids)]
}

async function hasNamesake(tx: Transaction, readers: string[], person: Person): Promise<boolean> {
  const other = await tx
    .selectFrom('readers')
    .select('id')
    .where('name_key', '=', person.name_key)
    .where('birth_date', '=', person.birth_date)
    .where('id', 'not in', readers)
    .limit(1)
    .executeTakeFirst()
  return other !== undefined
}

/** Questionnaires not sent yet, as they were typed; they are few and gone after two weeks. */
async function draftsOf(tx: Transaction, people: Person[], askedAt: Date): Promise<string[]> {
  const rows = await tx
    .selectFrom('drafts')
    .select(['id', 'fields'])
    .where('created_at', '<=', askedAt)
    .execute()
  const typed = (fields: unknown, name: string) => {
    const value = (fields as Record<string, unknown> | null)?.[name]
    return typeof value === 'string' ? value : ''
  }
  const about = (fields: unknown, person: Person) => {
    const birthDate = readBirthDate(typed(fields, 'birthDate'))
    const mayBeHis = typeof birthDate !== 'string' || birthDate === person.birth_date
    return mayBeHis && nameKey(typed(fields, 'fullName')) === person.name_key
  }
  return rows.filter(({ fields }) => people.some((person) => about(fields, person))).map(({ id }) => id)
}

/** Letters by which his questionnaires came: what stands in them goes, that there was one stays. */
async function forgetLetters(tx: Transaction, drafts: string[], applications: string[]): Promise<void> {
  const from = async (table: 'drafts' | 'applications', ids: string[]) =>
    ids.length === 0 ? [] : await tx.selectFrom(table).select('letter_id').where('id', 'in', ids).execute()
  const rows = [...(await from('drafts', drafts)), ...(await from('applications', applications))]
  const letters = [...new Set(rows.flatMap(({ letter_id: id }) => id ?? []))]
  if (letters.length === 0) return
  await tx
    .updateTable('mailed_letters')
    .set({ original: null, subject: '', body: '', parts: '[]', faults: '[]' })
    .where('id', 'in', letters)
    .execute()
}

async function remove(
  tx: Transaction,
  table:
    | 'provider_accounts'
    | 'provider_closings'
    | 'provider_registrations'
    | 'reading_positions'
    | 'correction_requests'
    | 'reader_changes',
  readers: string[],
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom(table)
    .where('reader_id', 'in', readers)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

async function removeMessages(tx: Transaction, readers: string[], applications: string[]): Promise<number> {
  const removed = await tx
    .deleteFrom('messages')
    .where((eb) =>
      eb.or([
        eb('reader_id', 'in', readers),
        ...(applications.length > 0 ? [eb('application_id', 'in', applications)] : []),
      ]),
    )
    .returning('id')
    .execute()
  const ids = removed.map(({ id }) => id)
  if (ids.length > 0) await tx.deleteFrom('demo_outbox').where('message_id', 'in', ids).execute()
  return ids.length
}

async function removeConsents(tx: Transaction, readers: string[], applications: string[]): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('consents')
    .where((eb) =>
      eb.or([
        eb('reader_id', 'in', readers),
        ...(applications.length > 0 ? [eb('application_id', 'in', applications)] : []),
      ]),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/**
 * Loans stay for statistics with nothing that leads to the reader: no reader, another id (the old one stood
 * in his addresses and tells its moment), times of the day only.
 */
async function forgetBorrower(tx: Transaction, readers: string[], zone: string): Promise<number> {
  const { numAffectedRows } = await sql`
    update loans set id = gen_random_uuid(), reader_id = null,
      borrowed_at = date_trunc('day', borrowed_at, ${zone}),
      due_at = date_trunc('day', due_at, ${zone}),
      ended_at = date_trunc('day', coalesce(ended_at, due_at), ${zone}),
      end_reason = coalesce(end_reason, 'due')
    where reader_id = any(${readers}::uuid[])`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
