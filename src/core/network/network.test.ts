import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import {
  createTestApp,
  createTestNetwork,
  signInStaff,
  questionnaire,
  testStart,
} from '../../../tests/support/app.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import { librariesOf } from '../letters/senders.ts'
import { savePosition } from '../reading/positions.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise, consoleActor } from '../staff/actors.ts'
import { departmentSchema, librarySchema } from './network.schemas.ts'
import { stuckAtOf } from './progress.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const manager = () => authorise(network.methodologist, 'network.manage')
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  )
let serial = 0
const typed = (change: object = {}) =>
  librarySchema.parse({ name: `Заводская ${(serial += 1)} библиотека`, email: '', ...change })
const add = (change?: object) => app.network.add(manager(), typed(change))
const ofLibrary = async (id: string) => (await app.network.library(manager(), id)).library
const lastAction = () =>
  app.db
    .selectFrom('audit_log')
    .select(['action', 'actor_id', 'library_id', 'details'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()

describe('a library', () => {
  it('is added under the next free code, or under one that nobody has; the log says who did it', async () => {
    const [first, second] = [await add(), await add()]
    expect(Number(second.code)).toBe(Number(first.code) + 1)
    expect((await add({ code: '777' })).code).toBe('777')
    expect(await codeOf(add({ code: '777' }))).toBe('network.code_taken')
    const library = await add({ name: 'Чухломская районная библиотека', email: ' Lib@Chukhloma.test ' })
    expect(library).toMatchObject({ kind: 'district', short_name: 'Чухломская районная' })
    expect(await lastAction()).toMatchObject({
      action: 'network.add',
      actor_id: network.methodologist.staffId,
      library_id: library.id,
    })
  })

  it('of two that get the same code at once one is told', async () => {
    const answers = await Promise.all([codeOf(add({ code: '555' })), codeOf(add({ code: '555' }))])
    expect(answers.toSorted()).toEqual(['done', 'network.code_taken'])
  })

  it('is changed; the log has the names of the fields, and the same once more is no change', async () => {
    const library = await add()
    const after = typed({ name: 'Другая библиотека', code: '444', phone: '8 49449 2-10-10' })
    await app.network.change(manager(), library.id, after)
    expect(await ofLibrary(library.id)).toMatchObject({ ...after, short_name: 'Другая' })
    const entry = await lastAction()
    expect(entry).toMatchObject({ action: 'network.change', details: { fields: ['name', 'code', 'phone'] } })
    await app.network.change(manager(), library.id, after)
    expect(await lastAction()).toEqual(entry)
  })

  it('keeps its code once cards or questionnaires carry it', async () => {
    const bui = await ofLibrary(network.bui)
    await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network),
    )
    const change = (code: string) =>
      codeOf(app.network.change(manager(), network.bui, librarySchema.parse({ ...bui, code })))
    expect(await change('333')).toBe('network.code_in_use')
    expect(await change('')).toBe('done')
    expect((await ofLibrary(network.bui)).code).toBe('002')
  })

  it('leaves every choice when it is closed, and comes back; the central one stays, so does one that waits', async () => {
    const library = await add({ email: 'closing@library.test' })
    const listed = async () => (await app.network.within('all')).some(({ id }) => id === library.id)
    const writesFor = () => inTransaction(app.db, (tx) => librariesOf(tx, 'closing@library.test'))
    expect(await writesFor()).toEqual([library.id])
    await app.network.close(manager(), library.id)
    expect(await listed()).toBe(false)
    // Its letters are nobody's any more.
    expect(await writesFor()).toEqual([])
    expect((await ofLibrary(library.id)).closedAt).toEqual(new Date(testStart))
    await app.network.reopen(manager(), library.id)
    expect(await listed()).toBe(true)
    expect(await codeOf(app.network.close(manager(), network.central))).toBe('network.central_stays')
    expect(await codeOf(app.network.close(manager(), network.bui))).toBe('network.questionnaires_wait')
  })

  it('is the methodologist’s and the administrator’s, and no librarian’s', () => {
    expect(authorise(network.admin, 'network.manage').libraries).toBe('all')
    for (const actor of [network.librarian, network.operator, network.curator])
      expect(() => authorise(actor, 'network.manage')).toThrow('staff.not_allowed')
  })
})

describe('what a library has done so far', () => {
  it('is four steps with their days: invited, signed in, first questionnaire, first reader who read', async () => {
    const { id } = await add()
    const at = async () => (await ofLibrary(id)).stuckAt
    expect(await at()).toBe('invited')
    app.setTime('2026-11-25T09:00:00Z')
    const { staffId } = await app.staffing.inviteLibrarian(manager(), id, {
      fullName: 'Первая Анна',
      email: 'steps@library.test',
      days: 7,
      onPaper: 'paper',
    })
    expect(await at()).toBe('signed_in')
    app.setTime('2026-11-26T09:00:00Z')
    const link = await app.staffing.showLink(authorise(network.admin, 'staff.manage'), staffId)
    const key = new URL(link).searchParams.get('key') ?? ''
    await app.staffing.useLink('invitation', key, 'Сирень у крыльца')
    const { token } = await signInStaff(
      app,
      { email: 'steps@library.test', password: 'Сирень у крыльца' },
      { address: '198.51.100.1', userAgent: '' },
    )
    expect(await at()).toBe('questionnaire')
    const librarian = authorise(await app.sessions.actor(token), 'applications.write')
    app.setTime('2026-11-27T09:00:00Z')
    const { id: applicationId } = await app.applications.send(
      librarian,
      id,
      questionnaire(network, { fullName: 'Читающая Мария Львовна' }),
    )
    expect(await at()).toBe('reading')
    const { readerId } = await app.applications.register(
      authorise(network.operator, 'applications.decide'),
      applicationId,
      { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false },
    )
    app.setTime('2026-11-28T09:00:00Z')
    const publicationId = await addBook(app, {})
    await app.circulation.borrow(
      { kind: 'reader', readerId, fullName: '', birthDate: '1990-03-05' },
      publicationId,
    )
    expect(await at()).toBe('reading')
    await inTransaction(app.db, (tx) =>
      savePosition(
        tx,
        app.clock,
        { readerId, publicationId },
        { locator: 'epubcfi(/6/2)', fraction: 0, revision: 0 },
      ),
    )
    expect(await ofLibrary(id)).toMatchObject({
      stuckAt: 'done',
      invitedAt: new Date('2026-11-25T09:00:00Z'),
      signedInAt: new Date('2026-11-26T09:00:00Z'),
      questionnaireAt: new Date('2026-11-27T09:00:00Z'),
      readingAt: new Date('2026-11-28T09:00:00Z'),
      staff: 1,
      questionnaires: 1,
      readers: 1,
      reading: 1,
    })
    app.setTime(testStart)
  })

  it('is counted by the step that is next, the central library and the closed ones left out', async () => {
    const before = await app.network.progress(manager())
    const library = await add()
    expect((await app.network.progress(manager())).counts.invited).toBe(before.counts.invited + 1)
    await app.network.close(manager(), library.id)
    const { central, counts, districts } = await app.network.progress(manager())
    expect(counts).toEqual(before.counts)
    expect(central.id).toBe(network.central)
    expect(districts.at(-1)?.closedAt).not.toBeNull()
  })

  it('ends with the first questionnaire where books are read at an outside service alone', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.mode', 'files'))
    expect((await app.network.library(manager(), network.bui)).reads).toBe(false)
    expect((await ofLibrary(network.bui)).stuckAt).toBe('done')
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.mode', 'own'))
    expect((await ofLibrary(network.bui)).stuckAt).toBe('reading')
  })

  it('is never behind a step that it has taken', () => {
    const steps = ['invited', 'signed_in', 'questionnaire', 'reading'] as const
    const day = fc.constantFrom(null, new Date(testStart))
    fc.assert(
      fc.property(
        day,
        day,
        day,
        day,
        fc.boolean(),
        (invitedAt, signedInAt, questionnaireAt, readingAt, reads) => {
          const taken = [invitedAt, signedInAt, questionnaireAt, reads ? readingAt : null]
          const at = stuckAtOf({ invitedAt, signedInAt, questionnaireAt, readingAt }, reads)
          const place = at === 'done' ? (reads ? 4 : 3) : steps.indexOf(at)
          expect(taken.slice(place).every((each) => each === null)).toBe(true)
          expect(place === 0 || taken[place - 1] !== null).toBe(true)
        },
      ),
    )
  })
})

describe('the department’s contacts', () => {
  it('are changed, with the names of the settings in the log', async () => {
    await app.network.changeDepartment(
      manager(),
      departmentSchema.parse({ name: 'Методический отдел', phone: '', email: '' }),
    )
    expect(await app.network.department(manager())).toEqual({
      name: 'Методический отдел',
      phone: '',
      email: '',
    })
    expect(await lastAction()).toMatchObject({ details: { settings: ['department.name'] } })
  })
})

describe('the console', () => {
  it('adds a library, which the log says', async () => {
    const library = await app.network.add(consoleActor(), {
      name: 'Консольная библиотека',
      address: '',
      phone: '',
      email: '',
    })
    expect(await lastAction()).toMatchObject({
      action: 'network.add',
      actor_id: null,
      library_id: library.id,
    })
  })
})
