import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import { createApp } from '../../src/app.ts'
import type { SendInput } from '../../src/core/applications/applications.schemas.ts'
import type { ConsentKind } from '../../src/core/consents/consents.ts'
import { addLibrary } from '../../src/core/network/network.ts'
import { readEnvironment } from '../../src/core/shared/environment.ts'
import { createLog } from '../../src/core/shared/log.ts'
import type { Origin, SignedIn } from '../../src/core/sessions/sessions.commands.ts'
import type { Role, StaffActor } from '../../src/core/staff/actors.ts'
import { createTestDatabase } from './postgres.ts'

/** An app on a database of its own, with a clock that the test turns. */
export interface TestApp extends App {
  setTime(moment: Date | string): void
  /** A second app over the same database, as another process would be. */
  twin(): Promise<App>
  dispose(): Promise<void>
}

export const testStart = '2026-11-24T09:00:00Z'

export async function createTestApp(): Promise<TestApp> {
  const database = await createTestDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'smart-test-'))
  let now = new Date(testStart)
  const apps: App[] = []
  const start = async () => {
    const app = await createApp({
      environment: readEnvironment({
        SMART_DATA_DIR: dataDir,
        PORT: '0',
        ORIGIN: 'http://library.test',
        SMART_DEMO: '1',
      }),
      databaseUrl: database.url,
      log: createLog('silent'),
      clock: () => now,
    })
    apps.push(app)
    return app
  }
  const app = await start()
  return Object.assign(app, {
    setTime(moment: Date | string) {
      now = new Date(moment)
    },
    twin: start,
    async dispose() {
      for (const each of apps) await each.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    },
  })
}

export interface TestNetwork {
  central: string
  bui: string
  galich: string
  consentVersion: number
  handoverVersion: number
  librarian: StaffActor
  otherLibrarian: StaffActor
  operator: StaffActor
  curator: StaffActor
  methodologist: StaffActor
  admin: StaffActor
}

/** A central library, two district libraries, their people and a consent text. */
export async function createTestNetwork(app: App): Promise<TestNetwork> {
  const library = (code: string, kind: 'central' | 'district', name: string) =>
    addLibrary(app.db, {
      code,
      kind,
      name,
      short_name: name,
      municipality: '',
      address: '',
      phone: '',
      email: `library${code}@library.test`,
    })
  const central = await library('001', 'central', 'Областная библиотека')
  const bui = await library('002', 'district', 'Буйская районная библиотека')
  const galich = await library('003', 'district', 'Галичская районная библиотека')
  const text = async (kind: ConsentKind) => {
    const { version } = await app.db
      .insertInto('consent_texts')
      .values({ kind, body: 'Согласие', created_at: app.clock() })
      .returning('version')
      .executeTakeFirstOrThrow()
    return version
  }
  const staff = async (role: Role, libraryId: string): Promise<StaffActor> => {
    const fullName = `${role} of ${libraryId}`
    // No test signs in as one of these: a hash costs time that hundreds of tests would pay.
    const { id } = await app.db
      .insertInto('staff')
      .values({ email: `${role}-${randomUUID()}@library.test`, full_name: fullName, password_hash: '' })
      .returning('id')
      .executeTakeFirstOrThrow()
    await app.db.insertInto('staff_roles').values({ staff_id: id, library_id: libraryId, role }).execute()
    return { kind: 'staff', staffId: id, fullName, roles: [{ role, libraryId, libraryName: '' }] }
  }
  return {
    central,
    bui,
    galich,
    consentVersion: await text('processing'),
    handoverVersion: await text('handover'),
    librarian: await staff('librarian', bui),
    otherLibrarian: await staff('librarian', galich),
    operator: await staff('operator', central),
    curator: await staff('curator', central),
    methodologist: await staff('methodologist', central),
    admin: await staff('admin', central),
  }
}

/** A questionnaire that may be sent as it is. */
export const questionnaire = (network: TestNetwork, change: Partial<SendInput> = {}): SendInput => ({
  formKey: randomUUID(),
  fullName: 'Смирнова Анна Петровна',
  birthDate: '1990-03-05',
  email: 'anna@reader.test',
  phone: '+79101234567',
  consentGiven: true,
  consentVersion: network.consentVersion,
  guardianName: '',
  guardianRelation: '',
  ...change,
})

/** Signs a staff member in who has no second factor. */
export async function signInStaff(
  app: App,
  typed: { email: string; password: string },
  origin: Origin,
): Promise<SignedIn> {
  const entered = await app.staffAccess.withPassword(typed, origin)
  if ('step' in entered) throw new Error('a second factor is asked for')
  return entered
}
