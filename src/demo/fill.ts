import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { App } from '../app.ts'
import { ensureConsentText } from '#core/consents/consent-text.ts'
import { currentConsentText, needsGuardian } from '#core/consents/consents.ts'
import { addLibrary } from '#core/network/network.ts'
import { writeSetting } from '#core/settings/settings.ts'
import type { Database } from '#core/shared/db.ts'
import { inTransaction, sql } from '#core/shared/db.ts'
import { isExpected } from '#core/shared/errors.ts'
import type { Authorised, ReaderActor, StaffActor } from '#core/staff/actors.ts'
import { authorise, consoleActor } from '#core/staff/actors.ts'
import { savePosition } from '#core/reading/positions.ts'
import { inviteLibrarianSchema } from '#core/staffing/staffing.schemas.ts'
import { demoLibraries } from './libraries.ts'
import type { DemoPerson } from './people.ts'
import { demoApplications, demoInvited, demoPassword, demoReaders, demoStaff } from './people.ts'

/** Kept among the settings from the first step to the last; not a setting that anybody changes. */
const unfinished = 'demo.unfinished'

/**
 * Fills an empty database with the demonstration region, through the same use cases that people use. Of
 * several processes that start at once one fills, the others wait for it. A filling that was cut off goes on
 * where it stopped; any other database that has a library already is left as it is.
 */
export async function fillDemoRegion(app: App): Promise<void> {
  await app.db.connection().execute(async (connection) => {
    const key = sql`hashtextextended('demo:fill', 0)`
    await sql`select pg_advisory_lock(${key})`.execute(connection)
    try {
      if (await isEmpty(connection)) await addLibraries(app)
      if (await isUnfinished(connection)) await fillLibraries(app)
    } finally {
      await sql`select pg_advisory_unlock(${key})`.execute(connection)
    }
  })
}

const isEmpty = async (db: Database) =>
  (await db.selectFrom('libraries').select('id').limit(1).execute()).length === 0

const isUnfinished = async (db: Database) =>
  (await db.selectFrom('settings').select('key').where('key', '=', unfinished).execute()).length > 0

const addLibraries = (app: App) =>
  inTransaction(app.db, async (tx) => {
    await tx.insertInto('settings').values({ key: unfinished, value: 'true' }).execute()
    await writeSetting(tx, 'region.name', 'Костромская область (демонстрация)')
    await writeSetting(tx, 'department.name', 'Методический отдел')
    await writeSetting(tx, 'department.phone', '+7 494 000-00-01')
    await writeSetting(tx, 'department.email', 'metod@demo.test')
    await writeSetting(tx, 'provider.mode', 'both')
    await writeSetting(tx, 'provider.name', 'Внешняя библиотека (пример)')
    await writeSetting(tx, 'provider.address', 'https://biblio.example')
    // Nobody is there yet to take these registrations back.
    await writeSetting(tx, 'queue.undoSeconds', 0)
    await ensureConsentText(tx)
    for (const library of demoLibraries) await addLibrary(tx, library)
  })

/**
 * Each step finds what it has made before, so that all of them can be gone through again. What writes books and
 * reads letters is loaded here: later starts have no need of it.
 */
async function fillLibraries(app: App): Promise<void> {
  const { receiveLetters } = await import('./letters.ts')
  const actors = await addStaff(app)
  const publicationIds = await addBooks(app)
  const readers = await registerReaders(app, actors)
  await lendSome(app, readers, publicationIds)
  await bringIn(app, actors, readers[3])
  await printCards(app, actors)
  await receiveLetters(app)
  await app.db.deleteFrom('settings').where('key', 'in', [unfinished, 'queue.undoSeconds']).execute()
}

async function addStaff(app: App): Promise<ReadonlyMap<string, StaffActor>> {
  const libraries = await app.network.within('all')
  const actors = new Map<string, StaffActor>()
  for (const member of demoStaff) {
    const libraryId = libraries.find(({ name }) => name === member.libraryName)?.id
    if (!libraryId) throw new Error(`no demonstration library ${member.libraryName}`)
    const roles = [{ role: member.role, libraryId, libraryName: member.libraryName }]
    const known = await app.db
      .selectFrom('staff')
      .select('id')
      .where('email', '=', member.email)
      .executeTakeFirst()
    const staffId =
      known?.id ?? (await app.staff.add(consoleActor(), { ...member, password: demoPassword, roles }))
    actors.set(member.email, { kind: 'staff', staffId, fullName: member.fullName, roles })
  }
  return actors
}

async function addBooks(app: App): Promise<string[]> {
  const { buildDemoBooks } = await import('./books/build.ts')
  const folder = await mkdtemp(join(tmpdir(), 'smart-demo-'))
  try {
    const ids: string[] = []
    for (const book of await buildDemoBooks(folder)) {
      const outcome = await app.fund.importFile(consoleActor(), book.path, basename(book.path), book)
      if (outcome.kind === 'fault') throw new Error(`demonstration book: ${outcome.code}`)
      ids.push(outcome.id)
    }
    return ids
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function registerReaders(app: App, actors: ReadonlyMap<string, StaffActor>): Promise<ReaderActor[]> {
  const operator = authorise(actors.get('operator@demo.test'), 'applications.decide')
  const readers: ReaderActor[] = []
  for (const [index, person] of demoReaders.entries()) {
    const id = await sendFor(app, actors, person, formKeyOf(index))
    const readerId = (await registeredAs(app, id)) ?? (await register(app, operator, id))
    readers.push({ kind: 'reader', readerId, fullName: person.fullName, birthDate: person.birthDate })
  }
  for (const [index, person] of demoApplications.entries())
    await sendFor(app, actors, person, formKeyOf(demoReaders.length + index))
  return readers
}

/** The same key each time: a questionnaire that was sent before a crash isn't sent again. */
const formKeyOf = (index: number) => `de300000-0000-4000-8000-${String(index).padStart(12, '0')}`

async function registeredAs(app: App, applicationId: string): Promise<string | null> {
  const { reader_id: readerId } = await app.db
    .selectFrom('applications')
    .select('reader_id')
    .where('id', '=', applicationId)
    .executeTakeFirstOrThrow()
  return readerId
}

async function register(
  app: App,
  operator: Authorised<'applications.decide'>,
  applicationId: string,
): Promise<string> {
  const input = { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false }
  return (await app.applications.register(operator, applicationId, input)).readerId
}

async function sendFor(
  app: App,
  actors: ReadonlyMap<string, StaffActor>,
  person: DemoPerson,
  formKey: string,
): Promise<string> {
  const librarian = actors.get(person.librarianEmail)
  const libraryId = librarian?.roles[0]?.libraryId
  if (!librarian || !libraryId) throw new Error(`no demonstration librarian ${person.librarianEmail}`)
  const young = needsGuardian(person.birthDate, await app.today())
  const { id } = await app.applications.send(
    authorise(librarian, 'applications.write', libraryId),
    libraryId,
    {
      formKey,
      fullName: person.fullName,
      birthDate: person.birthDate,
      email: person.email,
      phone: person.phone,
      consentGiven: true,
      consentVersion: (await currentConsentText(app.db)).version,
      handoverGiven: person.handover,
      handoverVersion: (await currentConsentText(app.db, 'handover')).version,
      guardianName: young ? person.guardianName : '',
      guardianRelation: young ? person.guardianRelation : '',
    },
  )
  return id
}

/** A few loans, so that the region looks lived in; a reader who is too young, or late, gets none. */
async function lendSome(app: App, readers: ReaderActor[], publicationIds: string[]): Promise<void> {
  for (const [index, reader] of readers.entries()) {
    for (const place of [index, index * 5 + 2]) {
      const id = publicationIds[place % publicationIds.length]
      if (!id) continue
      await app.circulation.borrow(reader, id).catch((error: unknown) => {
        if (!isExpected(error)) throw error
      })
    }
  }
}

/** Libraries at different steps: one invited, one that has come in, and a reader of Буй who reads. */
async function bringIn(
  app: App,
  actors: ReadonlyMap<string, StaffActor>,
  reader: ReaderActor | undefined,
): Promise<void> {
  const known = await app.db
    .selectFrom('staff')
    .select('id')
    .where('email', '=', demoInvited.email)
    .executeTakeFirst()
  const library = (await app.network.within('all')).find(({ name }) => name === demoInvited.libraryName)
  if (!known && library)
    await app.staffing.inviteLibrarian(
      authorise(actors.get('methodologist@demo.test'), 'network.manage'),
      library.id,
      inviteLibrarianSchema.parse({ ...demoInvited, days: '14', onPaper: 'paper' }),
    )
  await app.db
    .updateTable('staff')
    .set({ first_signed_in_at: app.clock(), last_signed_in_at: app.clock() })
    .where('email', 'like', 'librarian%@demo.test')
    .where('first_signed_in_at', 'is', null)
    .execute()
  const loan = reader && (await app.circulation.shelf(reader))[0]
  if (!reader || !loan) return
  const at = { readerId: reader.readerId, publicationId: loan.publicationId }
  await inTransaction(app.db, (tx) =>
    savePosition(tx, app.clock, at, { locator: 'epubcfi(/6/2!/4/2)', fraction: 0.02, revision: 0 }),
  ).catch((error: unknown) => {
    if (!isExpected(error)) throw error
  })
}

/** Printed cards: Буй has some in its drawer, Галич’s are on their way. */
async function printCards(app: App, actors: ReadonlyMap<string, StaffActor>): Promise<void> {
  const manager = authorise(actors.get('operator@demo.test'), 'cards.manage')
  for (const [index, email] of ['librarian@demo.test', 'librarian2@demo.test'].entries()) {
    const librarian = actors.get(email)
    const libraryId = librarian?.roles[0]?.libraryId
    if (!librarian || !libraryId) throw new Error(`no demonstration librarian ${email}`)
    const form = { formKey: formKeyOf(900 + index), libraryId, count: 30 }
    const { batchId } = await app.cards.makeBatch(manager, form)
    await app.cards.send(manager, batchId)
    if (index > 0) continue
    const batch = (await app.cards.batches(authorise(librarian, 'cards.read'))).find(
      ({ id }) => id === batchId,
    )
    if (batch && batch.received < batch.count)
      await app.cards.receive(authorise(librarian, 'cards.stock'), { ...batch, libraryId })
  }
}
