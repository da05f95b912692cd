import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mappingForm, uploaded, workOff } from '../../../tests/support/lists.ts'
import { until } from '../shared/postgres/processes.ts'
import { authorise } from '../staff/actors.ts'
import type { ListField } from './lists.ts'
import { decideRowSchema } from './lists.schemas.ts'
import {
  app,
  checked,
  csv,
  faultsOf,
  form,
  keeper,
  librarian,
  network,
  nobody,
  operator,
  run,
  shown,
  useLists,
  waiting,
} from './lists.fixtures.ts'

useLists()

describe('a library’s own readers', () => {
  const base = (...lines: string[]) => ['ФИО;Дата рождения;Билет;Почта', ...lines].join('\n')
  const fields: ListField[] = ['fullName', 'birthDate', 'cardNumber', 'email']

  async function checkedBase(text: string, more?: Record<string, string>): Promise<string> {
    const id = await uploaded(app, keeper(), text, { kind: 'readers', libraryId: network.bui })
    await app.lists.check(keeper(), id, mappingForm(fields, network.consentVersion, more))
    await workOff(app, id, 'checkBatch')
    return id
  }
  const runBase = async (id: string) => {
    await app.lists.start(keeper(), id)
    await workOff(app, id, 'runBatch')
  }
  const record = (fullName: string) =>
    app.db
      .selectFrom('readers as r')
      .leftJoin('cards as c', 'c.reader_id', 'r.id')
      .select(['r.id', 'r.library_id', 'c.number', 'c.state', 'r.email'])
      .where('full_name', '=', fullName)
      .execute()

  it('keep their card numbers, have a consent each, and are told nothing unless that is asked for', async () => {
    const [one, two] = [nobody(), nobody()]
    const id = await checkedBase(base(`${one};05.03.1990;88001;one@ya.ru`, `${two};05.03.1991;;two@ya.ru`))
    await runBase(id)
    const [first] = await record(one)
    expect(first).toMatchObject({ number: '88001', state: 'issued', library_id: network.bui })
    expect((await record(two))[0]?.number).toMatch(/^2\d{12}$/)
    const consents = await app.db
      .selectFrom('consents')
      .select(['kind', 'taken_by'])
      .where('reader_id', '=', first?.id ?? '')
      .execute()
    expect(consents).toEqual([{ kind: 'processing', taken_by: network.operator.staffId }])
    const messages = app.db
      .selectFrom('messages')
      .selectAll()
      .where('reader_id', '=', first?.id ?? '')
    expect(await messages.execute()).toEqual([])
    const sealed = app.db
      .selectFrom('sealed_passwords')
      .selectAll()
      .where('reader_id', '=', first?.id ?? '')
    expect(await sealed.execute()).toEqual([])
  })

  it('are told their passwords when that is asked for', async () => {
    const name = nobody()
    await runBase(await checkedBase(base(`${name};05.03.1990;88002;told@ya.ru`), { tell: 'now' }))
    const [reader] = await record(name)
    const messages = await app.db
      .selectFrom('messages')
      .select(['channel', 'event', 'recipient'])
      .where('reader_id', '=', reader?.id ?? '')
      .execute()
    expect(messages).toEqual([{ channel: 'email', event: 'reader.registered', recipient: 'told@ya.ru' }])
  })

  it('that become good while passwords are being made wait for the next batch: no two share one', async () => {
    const [one, two] = [nobody(), nobody()]
    const id = await checkedBase(base(`${one};05.03.1990;88003;`, `${two};05.03.1990;88004;`), {
      tell: 'now',
    })
    const setState = `update list_rows set state = $2 where list_id = $1 and number = 3`
    await app.pool.query(setState, [id, 'asked'])
    await app.lists.start(keeper(), id)
    const gate = await app.pool.connect()
    await gate.query('begin')
    await gate.query('select from lists where id = $1 for update', [id])
    const batch = app.lists.runBatch(id)
    const locked = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    // The batch has its passwords and waits for the list.
    const waits = await until(async () => (await app.pool.query(locked)).rows.length === 1, 10_000)
    await gate.query(setState, [id, 'good'])
    await gate.query('commit')
    gate.release()
    await batch
    expect(waits).toBe(true)
    expect((await shown(id)).counts).toMatchObject({ done: 1, good: 1 })
    await workOff(app, id, 'runBatch')
    const hashes = await app.db
      .selectFrom('readers')
      .select('password_hash')
      .where('full_name', 'in', [one, two])
      .execute()
    expect(new Set(hashes.map((row) => row.password_hash)).size).toBe(2)
  })

  it('take their cards out of a range that was taken over, and no number twice', async () => {
    await app.cards.takeOver(authorise(network.operator, 'cards.manage'), {
      formKey: randomUUID(),
      libraryId: network.bui,
      first: '88100',
      last: '88102',
      check: 'none',
    })
    const [ours, given, again] = [nobody(), nobody(), nobody()]
    const id = await checkedBase(
      base(`${ours};05.03.1990;88100;`, `${given};05.03.1990;88001;`, `${again};05.03.1990;88100;`),
    )
    expect(await faultsOf(id)).toEqual({
      3: [{ field: 'cardNumber', code: 'cards.given' }],
      4: [{ field: 'cardNumber', code: 'lists.same_card', row: 2 }],
    })
    await runBase(id)
    expect(await record(ours)).toMatchObject([{ number: '88100', state: 'issued' }])
    expect(await record(given)).toEqual([])
  })

  it('who are like somebody on record wait for an operator: never merged, never doubled', async () => {
    const [same, other] = [nobody(), nobody()]
    await runBase(await checkedBase(base(`${same};05.03.1990;88011;`, `${other};05.03.1990;88012;`)))
    const short = same.split(' ').slice(0, 2).join(' ')
    const id = await checkedBase(base(`${short};05.03.1990;88013;`, `${other};05.03.1990;88014;`))
    await runBase(id)
    const list = await shown(id)
    expect(list).toMatchObject({ state: 'done', counts: { asked: 2, done: 0 } })
    expect(list.asked.map(({ readers }) => readers.map((each) => each.fullName))).toEqual([[same], [other]])
    const [sameIds = [], otherIds = []] = list.asked.map(({ readers }) => readers.map((one) => one.readerId))
    await app.lists.decide(keeper(), id, { row: 2, same: 'same', shown: sameIds })
    await app.lists.decide(keeper(), id, { row: 3, same: 'other', shown: otherIds })
    await expect(app.lists.decide(keeper(), id, { row: 3, same: 'same', shown: otherIds })).rejects.toThrow(
      'lists.row_moved',
    )
    await runBase(id)
    expect((await shown(id)).counts).toMatchObject({ asked: 0, done: 1, same: 1 })
    expect(await record(short)).toEqual([])
    const both = await record(other)
    expect(both.map(({ number }) => number).toSorted()).toEqual(['88012', '88014'])
    const pairs = await app.db
      .selectFrom('distinct_readers')
      .selectAll()
      .where(
        'first_id',
        'in',
        both.map((each) => each.id),
      )
      .execute()
    expect(pairs).toHaveLength(1)
  })

  it('are decided only as the page has asked: what was made up, or is about nobody on record, gets a sentence', async () => {
    for (const made of [
      { row: '1e99', same: 'same', shown: '' },
      { row: '2', same: 'both', shown: '' },
      { row: '2', same: 'same', shown: "x'; drop table readers" },
    ])
      expect(decideRowSchema.safeParse(made).error?.issues[0]?.message).toBe('list_decision')
    const name = nobody()
    await runBase(await checkedBase(base(`${name};05.03.1990;88015;`)))
    const id = await checkedBase(base(`${name};05.03.1990;88016;`))
    const [known] = await record(name)
    await app.db
      .deleteFrom('readers')
      .where('id', '=', known?.id ?? '')
      .execute()
    const shownIds = [known?.id ?? '']
    await expect(app.lists.decide(keeper(), id, { row: 2, same: 'same', shown: shownIds })).rejects.toThrow(
      'lists.reader_gone',
    )
    await app.lists.decide(keeper(), id, { row: 2, same: 'other', shown: shownIds })
    await runBase(id)
    expect((await shown(id)).counts).toMatchObject({ done: 1 })
  })

  it('that the database refuses are faulty rows, and the list goes on', async () => {
    const [bad, good] = [nobody(), nobody()]
    const id = await checkedBase(base(`${bad};05.03.1990;88017;`, `${good};05.03.1990;88018;`))
    await app.pool.query(`alter table readers add constraint refused check (full_name <> '${bad}') not valid`)
    await runBase(id)
    await app.pool.query('alter table readers drop constraint refused')
    expect(await shown(id)).toMatchObject({ state: 'done', counts: { done: 1, faulty: 1 } })
    expect(await faultsOf(id)).toEqual({ 2: [{ field: 'row', code: 'lists.row_refused' }] })
  })

  it('registered by somebody else meanwhile wait for an operator too', async () => {
    const name = nobody()
    const id = await checkedBase(base(`${name};05.03.1990;88021;`))
    await runBase(await checkedBase(base(`${name};05.03.1990;88022;`)))
    await runBase(id)
    expect((await shown(id)).counts).toMatchObject({ asked: 1, done: 0 })
    expect(await record(name)).toHaveLength(1)
  })

  it('are brought in by operators alone', async () => {
    const text = base(`${nobody()};05.03.1990;88031;`)
    await expect(
      uploaded(app, librarian(), text, { kind: 'readers', libraryId: network.bui }),
    ).rejects.toThrow('staff.not_allowed')
    expect(() => authorise(network.librarian, 'lists.readers')).toThrow('staff.not_allowed')
  })

  it('come out of an export of ИРБИС, records that are broken named', async () => {
    const name = nobody()
    const [surname = '', first = '', patronymic = ''] = name.split(' ')
    const text = [
      `#10: ${surname}`,
      `#11: ${first}`,
      `#12: ${patronymic}`,
      '#21: 19900305',
      '#30: 88041',
      '#40: ^Aтайная книга',
      '*****',
      '#10: Ломаный',
      'это не поле',
      '*****',
    ].join('\r\n')
    const id = await uploaded(app, keeper(), text, {
      kind: 'readers',
      libraryId: network.bui,
      name: 'RDR.TXT',
    })
    const list = await shown(id)
    expect(list.header).toEqual(['10', '11', '12', '21', '17', '32', '30'])
    expect(list.mapping).toMatchObject({
      surname: 0,
      firstName: 1,
      patronymic: 2,
      birthDate: 3,
      cardNumber: 6,
    })
    const rows = await app.db.selectFrom('list_rows').select('cells').where('list_id', '=', id).execute()
    expect(JSON.stringify(rows)).not.toContain('тайная')
    const chosen = mappingForm(
      ['surname', 'firstName', 'patronymic', 'birthDate', 'phone', 'email', 'cardNumber'],
      network.consentVersion,
    )
    await app.lists.check(keeper(), id, chosen)
    await workOff(app, id, 'checkBatch')
    expect(await faultsOf(id)).toEqual({ 2: [{ field: 'row', code: 'lists.record_broken' }] })
    await runBase(id)
    expect(await record(name)).toMatchObject([{ number: '88041' }])
  })
})

describe('a list at work', () => {
  const many = (count: number) => csv(...Array.from({ length: count }, () => `${nobody()};05.03.1990;;;;`))
  const takenOf = async (id: string) =>
    app.db
      .selectFrom('list_rows')
      .select(['application_id'])
      .where('list_id', '=', id)
      .where('state', '=', 'done')
      .execute()

  it('stops between rows and goes on where it was', async () => {
    const id = await checked(many(120))
    await app.lists.start(librarian(), id)
    await app.lists.runBatch(id)
    await app.lists.stop(librarian(), id)
    await app.lists.runBatch(id)
    expect(await shown(id)).toMatchObject({ state: 'stopped', counts: { done: 50, good: 70 } })
    await run(id)
    expect(await shown(id)).toMatchObject({ state: 'done', counts: { done: 120, good: 0 } })
  })

  it('worked by two at once makes nothing twice', async () => {
    const id = await checked(many(130))
    await app.lists.start(librarian(), id)
    const twin = await app.twin()
    await Promise.all([workOff(app, id, 'runBatch'), workOff(twin, id, 'runBatch')])
    const taken = (await takenOf(id)).map((row) => row.application_id)
    expect(new Set(taken).size).toBe(130)
    const { count } = await app.db
      .selectFrom('audit_log')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('action', '=', 'applications.send')
      .where('details', '@>', JSON.stringify({ list: id }))
      .executeTakeFirstOrThrow()
    expect(count).toBe(130)
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })

  it('waits for somebody else when whoever has started it isn’t staff any more', async () => {
    const id = await checked(many(2))
    await app.lists.start(librarian(), id)
    const account = app.db.updateTable('staff').where('id', '=', network.librarian.staffId)
    await account.set({ disabled_at: app.clock() }).execute()
    await app.lists.runBatch(id)
    await account.set({ disabled_at: null }).execute()
    expect(await shown(id)).toMatchObject({
      state: 'stopped',
      fault: 'lists.worker_gone',
      counts: { good: 2 },
    })
    await app.lists.start(operator(), id)
    await workOff(app, id, 'runBatch')
    expect(await shown(id)).toMatchObject({ state: 'done', fault: null, counts: { done: 2 } })
  })

  it('isn’t mapped, checked or thrown away under way', async () => {
    const id = await checked(many(60))
    await app.lists.start(librarian(), id)
    await app.lists.runBatch(id)
    for (const act of [
      () => app.lists.check(librarian(), id, form()),
      () => app.lists.discard(librarian(), id),
      () => app.lists.start(librarian(), id),
    ])
      await expect(act()).rejects.toThrow('lists.moved')
  })

  it('goes after thirty days, its rows with it; what they have become stays', async () => {
    const [name, left] = [nobody(), nobody()]
    const id = await checked(csv(`${name};05.03.1990;;;;`, `${left};;;;;`))
    await run(id)
    app.setTime('2026-12-25T09:00:00Z')
    await app.lists.expire()
    expect(await app.db.selectFrom('list_rows').selectAll().where('list_id', '=', id).execute()).toEqual([])
    await expect(shown(id)).rejects.toThrow('lists.gone')
    expect(await waiting(name)).toHaveLength(1)
    app.setTime('2026-11-24T09:00:00Z')
  })
})
