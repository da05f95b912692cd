import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { App } from '../app.ts'
import { ensureConsentText } from '#core/consents/consent-text.ts'
import { currentConsentText, needsGuardian } from '#core/consents/consents.ts'
import { addLibrary } from '#core/network/network.ts'
import { writeSetting } from '#core/settings/settings.ts'
import { inTransaction } from '#core/shared/db.ts'
import { isExpected } from '#core/shared/errors.ts'
import type { ReaderActor, StaffActor } from '#core/staff/actors.ts'
import { authorise, consoleActor } from '#core/staff/actors.ts'
import { buildDemoBooks } from './books/build.ts'
import { demoLibraries } from './libraries.ts'
import type { DemoPerson } from './people.ts'
import { demoApplications, demoPassword, demoReaders, demoStaff } from './people.ts'

/**
 * Fills an empty database with the demonstration region, through the same use cases that people use.
 * A database that has a library already is left as it is.
 */
export async function fillDemoRegion(app: App): Promise<void> {
  const { count } = await app.db
    .selectFrom('libraries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) > 0) return
  const libraryIds = await inTransaction(app.db, async (tx) => {
    await writeSetting(tx, 'region.name', 'Костромская область (демонстрация)')
    await writeSetting(tx, 'provider.name', 'Внешняя библиотека (пример)')
    await writeSetting(tx, 'provider.address', 'https://biblio.example')
    await ensureConsentText(tx)
    const ids = new Map<string, string>()
    for (const library of demoLibraries) ids.set(library.name, await addLibrary(tx, library))
    return ids
  })
  const actors = new Map<string, StaffActor>()
  for (const member of demoStaff) {
    const libraryId = libraryIds.get(member.libraryName)
    if (!libraryId) throw new Error(`no demonstration library ${member.libraryName}`)
    const roles = [{ role: member.role, libraryId, libraryName: member.libraryName }]
    const staffId = await app.staff.add(consoleActor(), { ...member, password: demoPassword, roles })
    actors.set(member.email, { kind: 'staff', staffId, fullName: member.fullName, roles })
  }
  const publicationIds = await addBooks(app)
  const readers = await registerReaders(app, actors)
  await lendSome(app, readers, publicationIds)
}

async function addBooks(app: App): Promise<string[]> {
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
  for (const person of demoReaders) {
    const id = await sendFor(app, actors, person)
    const { readerId } = await app.applications.register(operator, id, {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    })
    readers.push({ kind: 'reader', readerId, fullName: person.fullName, birthDate: person.birthDate })
  }
  for (const person of demoApplications) await sendFor(app, actors, person)
  return readers
}

async function sendFor(
  app: App,
  actors: ReadonlyMap<string, StaffActor>,
  person: DemoPerson,
): Promise<string> {
  const librarian = actors.get(person.librarianEmail)
  const libraryId = librarian?.roles[0]?.libraryId
  if (!librarian || !libraryId) throw new Error(`no demonstration librarian ${person.librarianEmail}`)
  const young = needsGuardian(person.birthDate, await app.today())
  const { id } = await app.applications.send(
    authorise(librarian, 'applications.write', libraryId),
    libraryId,
    {
      formKey: randomUUID(),
      fullName: person.fullName,
      birthDate: person.birthDate,
      email: person.email,
      phone: person.phone,
      consentGiven: true,
      consentVersion: (await currentConsentText(app.db)).version,
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
