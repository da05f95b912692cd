import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { viewers } from '../papers/who-saw.ts'
import type { Authorised } from '../staff/actors.ts'
import { authorise } from '../staff/actors.ts'
import type { LogEntry } from './log.queries.ts'
import type { LogFilter } from './log.schemas.ts'
import { cursorSchema, findPersonSchema, logFilterSchema } from './log.schemas.ts'

let app: TestApp
let network: TestNetwork
let auditor: Authorised<'audit.read'>

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  auditor = authorise(network.admin, 'audit.read')
})
afterAll(() => app.dispose())

let serial = 0
/** A reader whose questionnaire was sent, looked at and registered. */
async function registered(fullName = `Иванов ${randomUUID()}`) {
  serial += 1
  const birthDate = `19${String(50 + (serial % 40))}-01-01`
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, { fullName, birthDate }),
  )
  const { readerId } = await app.applications.register(
    authorise(network.operator, 'applications.decide'),
    id,
    { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false },
  )
  const { number } = await app.db
    .selectFrom('cards')
    .select('number')
    .where('reader_id', '=', readerId)
    .executeTakeFirstOrThrow()
  return { readerId, applicationId: id, number, fullName, birthDate }
}

const look = (query: string) =>
  app.readers.find(
    authorise(network.librarian, 'readers.read'),
    authorise(network.librarian, 'readers.find-exact'),
    { query, birthDate: '' },
  )

const filter = (asked: Partial<LogFilter>): LogFilter => logFilterSchema.parse(asked)
const page = async (asked: Partial<LogFilter>, after?: number) =>
  app.oversight.page(auditor, filter(asked), after)
const actions = (entries: readonly { action: string }[]) => entries.map(({ action }) => action)
const lastEntry = () =>
  app.db.selectFrom('audit_log').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirstOrThrow()
const countEntries = async () =>
  (await app.db.selectFrom('audit_head').select('seq').executeTakeFirstOrThrow()).seq

describe('the log about a reader', () => {
  it('has what was done to record and questionnaire, and the lists that showed him; nobody else’s', async () => {
    const reader = await registered()
    await registered()
    await look(reader.number)
    const { person, entries } = await page({ reader: reader.readerId })
    expect(person).toMatchObject({ fullName: reader.fullName, cardNumbers: [reader.number] })
    expect(actions(entries)).toEqual(['readers.find', 'applications.register', 'applications.send'])
    const [found] = entries
    expect(found).toMatchObject({ actorName: network.librarian.fullName, roles: ['librarian'] })
  })

  it('is itself in the log, with who looked, as soon as it was looked at', async () => {
    const { readerId } = await registered()
    await page({ reader: readerId })
    expect(await lastEntry()).toMatchObject({
      action: 'audit.search',
      actor_id: network.admin.staffId,
      subject_kind: 'reader',
      subject_id: readerId,
    })
    expect(actions((await page({ reader: readerId })).entries)).toContain('audit.search')
  })

  it('goes on under the record that he was merged into', async () => {
    const [kept, dropped] = [await registered(), await registered()]
    await app.pool.query('update readers set merged_into = $1 where id = $2', [
      kept.readerId,
      dropped.readerId,
    ])
    const { entries } = await page({ reader: kept.readerId })
    expect(entries.map(({ subjectId }) => subjectId)).toEqual(
      expect.arrayContaining([dropped.applicationId, kept.applicationId]),
    )
  })

  it('of nobody is not found', async () => {
    await expect(page({ reader: randomUUID() })).rejects.toThrow('not_found')
  })
})

describe('a reader', () => {
  const find = async (typed: string) => {
    const { person } = findPersonSchema.parse({ person: typed })
    return (await app.oversight.find(auditor, person)).persons.map(({ id }) => id)
  }

  it('is found by card number, by words of the name and by id, and that is in the log', async () => {
    const { readerId, number, fullName } = await registered('Мухоморова Таисия Львовна')
    for (const typed of [number, number.replace(/(\d{4})/g, '$1 '), 'мухоморова таи', fullName, readerId]) {
      expect(await find(typed), typed).toEqual([readerId])
      expect(await lastEntry()).toMatchObject({ action: 'audit.find-reader', details: { ids: [readerId] } })
    }
    for (const typed of ['', '  ', 'нет такого', '%', "'; drop table", '\u0000', randomUUID()])
      expect(await find(typed), typed).toEqual([])
  })

  it('whose data were destroyed is found by the card, without a name', async () => {
    const readerId = randomUUID()
    await app.pool.query(
      `insert into destructions (reader_id, card_numbers, library_id, reason, asked_at, due_at, done_at, destroyed)
       values ($1, '{2990000000017}', $2, 'revoked', now(), now(), now(), $3)`,
      [readerId, network.bui, JSON.stringify({ readers: [readerId], applications: [], counts: {} })],
    )
    expect(await find('2990000000017')).toEqual([readerId])
    expect((await page({ reader: readerId })).person).toMatchObject({ fullName: null })
  })
})

describe('a search', () => {
  it('finds by staff member, day and action, also together', async () => {
    app.setTime('2026-12-01T21:30:00Z')
    const { readerId } = await registered()
    app.setTime(testStart)
    const of = async (asked: Partial<LogFilter>) => (await page(asked)).entries
    // 2 December in Moscow's zone.
    expect(actions(await of({ from: '2026-12-02', to: '2026-12-02' }))).toEqual([
      'applications.register',
      'applications.send',
    ])
    expect(await of({ from: '2026-12-03' })).toEqual([])
    const own = await of({ staff: network.operator.staffId, from: '2026-12-02' })
    expect(actions(own)).toEqual(['applications.register'])
    expect(actions(await of({ action: 'applications.send', reader: readerId }))).toEqual([
      'applications.send',
    ])
    expect((await of({ to: '2026-11-30' })).some(({ at }) => at > new Date('2026-11-30T21:00:00Z'))).toBe(
      false,
    )
  })

  it('passes over what is no value of its kind, however it is typed', () => {
    const asked = { reader: 'x', staff: '1', from: '2026-02-31', to: 'завтра', action: 'drop', after: '-1' }
    expect(logFilterSchema.parse(asked)).toEqual({})
    for (const after of ['', '-1', '1.5', 'x', '9'.repeat(30)])
      expect(cursorSchema.parse({ after }).after).toBeUndefined()
  })

  it('for a staff member is in the log, a search for nobody isn’t', async () => {
    await page({ staff: network.operator.staffId })
    expect(await lastEntry()).toMatchObject({ action: 'audit.search', subject_kind: 'staff' })
    const before = await countEntries()
    await page({ from: '2026-11-24' })
    await page({})
    expect(await countEntries()).toBe(before)
  })

  it('shows every entry once, page by page, also those of one moment and while others come', async () => {
    const seen: number[] = []
    const upTo = await countEntries()
    await app.db.transaction().execute((tx) =>
      app.audit.append(
        tx,
        ...Array.from({ length: 120 }, () => ({
          at: app.clock(),
          actor: { kind: 'system' } as const,
          action: 'drafts.expire',
          subject: { kind: 'draft', id: null },
        })),
      ),
    )
    let after: number | undefined
    do {
      const { entries, next } = await page({ action: 'drafts.expire' }, after)
      seen.push(...entries.map(({ seq }) => seq))
      after = next
      await page({ staff: network.operator.staffId })
    } while (after)
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => upTo + 120 - n))
  })
})

describe('an export of the log', () => {
  it('has all that the search finds, as it was when it began, and is in the log before it', async () => {
    const { readerId } = await registered()
    await page({ reader: readerId })
    const rows: LogEntry[] = []
    for await (const row of await app.oversight.begin(auditor, filter({ reader: readerId }), 'csv'))
      rows.push(row)
    expect(actions(rows)).toEqual(['audit.search', 'applications.register', 'applications.send'])
    expect(await lastEntry()).toMatchObject({ action: 'audit.export', subject_id: readerId })
  })

  it('goes beyond a page in memory', async () => {
    await app.db.transaction().execute((tx) =>
      app.audit.append(
        tx,
        ...Array.from({ length: 2001 }, () => ({
          at: app.clock(),
          actor: { kind: 'system' } as const,
          action: 'lists.expire',
          subject: { kind: 'list', id: null },
        })),
      ),
    )
    const seen = new Set<number>()
    for await (const { seq } of await app.oversight.begin(auditor, filter({ action: 'lists.expire' }), 'csv'))
      seen.add(seq)
    expect(seen.size).toBe(2001)
  })
})

describe('«Кто видел этого читателя»', () => {
  it('names everybody who did or looked at something, how often and when, and is in the log', async () => {
    const reader = await registered('Сыроежкин Пахом Львович')
    await look(reader.number)
    await look(reader.number)
    const { pdf } = await app.oversight.whoSaw(auditor, reader.readerId)
    const text = textOf(pdf).replace(/\s+/g, ' ')
    for (const words of [
      reader.fullName,
      reader.number,
      'показан список найденных читателей',
      'записей 3: первая',
    ])
      expect(text).toContain(words)
    expect(await lastEntry()).toMatchObject({ action: 'audit.print', subject_id: reader.readerId })
    const { trail } = await app.db.transaction().execute(async () => ({
      trail: (await app.oversight.page(auditor, filter({ reader: reader.readerId }))).entries,
    }))
    expect(trail[0]?.action).toBe('audit.print')
  })

  it('counts a staff member once, whatever was done', () => {
    const entry = (actorId: string | null, actorKind: string, day: number) => ({
      seq: day,
      at: new Date(Date.UTC(2026, 0, day)),
      action: 'readers.open',
      actorKind,
      actorId,
      actorName: actorId,
      roles: [],
      libraries: [],
    })
    expect(
      viewers([
        entry('a', 'staff', 1),
        entry('b', 'staff', 2),
        entry('a', 'staff', 3),
        entry(null, 'system', 4),
      ]),
    ).toMatchObject([{ count: 2, last: new Date('2026-01-03') }, { count: 1 }, { who: 'система' }])
  })
})
