import { describe, expect, it } from 'vitest'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { encodeWindows1251 } from '#protocols/sheet/text-encoding.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import { withFile } from '../../../tests/support/lists.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'
import type { Row } from './providers.fixtures.ts'
import {
  app,
  consenting,
  downloaded,
  key,
  network,
  numberTitle,
  operator,
  receive,
  sendAll,
  set,
  stateOf,
  told,
  useProvider,
} from './providers.fixtures.ts'

useProvider()

describe('a work list', () => {
  it('has everybody who waits, once, with the columns of the region, in each format', async () => {
    const reader = await consenting()
    const number = await app.providers.make(operator(), 'register')
    expect(await stateOf(reader)).toBe('sent')
    const [row] = await downloaded(number)
    expect(row).toMatchObject({ ФИО: reader.actor.fullName, 'Дата рождения': '05.03.1990', Пароль: '' })
    for (const format of ['csv', 'csv1251'] as const) {
      const { bytes } = await app.providers.download(operator(), number, format)
      expect((await readSheet(bytes)).rows[1]?.cells[1]).toBe(reader.actor.fullName)
    }
    await expect(app.providers.make(operator(), 'register')).rejects.toThrow('nothing_to_list')
  })

  it('leaves out whose registration can still be taken back, and who has revoked since', async () => {
    await set('queue.undoSeconds', 60)
    await consenting()
    await expect(app.providers.make(operator(), 'register')).rejects.toThrow('nothing_to_list')
    await set('queue.undoSeconds', 0)
    const { actor } = await consenting()
    await app.db
      .updateTable('consents')
      .set({ revoked_at: app.clock() })
      .where('reader_id', '=', actor.readerId)
      .execute()
    await expect(app.providers.make(operator(), 'register')).rejects.toThrow('nothing_to_list')
  })

  it('that came back in an encoding that nobody can tell is taken only in the one that a person names', async () => {
    const file = encodeWindows1251('КТО;КОГДА\r\nИВАН;05.03.1990')
    const back = (encoding?: TextEncoding) =>
      withFile(file, (path) => app.providers.receive(operator(), path, false, encoding))
    await expect(back()).rejects.toMatchObject({
      code: 'file.encoding',
      values: { 'windows-1251': 'КТО;КОГДА' },
    })
    await expect(back('windows-1251')).rejects.toThrow('providers.file_columns')
  })

  it('is in the log with the ids of all who stand in it, and no password ever is', async () => {
    const { actor } = await consenting()
    const number = await app.providers.make(operator(), 'register')
    const [row] = await downloaded(number)
    await receive([{ ...row, [numberTitle]: '700', Пароль: 'Очень-тайно' }])
    const entries = await app.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', 'like', 'providers.%')
      .execute()
    const listed = entries.filter(({ action }) => action.endsWith('-list')).slice(-2)
    for (const { details } of listed) expect(JSON.stringify(details)).toContain(actor.readerId)
    const jobs = await app.db.selectFrom('messages').selectAll().execute()
    expect(JSON.stringify([entries, jobs])).not.toContain('Очень-тайно')
  })

  it('two that are made at the same moment share nobody', async () => {
    for (let n = 0; n < 4; n += 1) await consenting()
    const made = await Promise.allSettled([
      app.providers.make(operator(), 'register'),
      app.providers.make(operator(), 'register'),
    ])
    const numbers = made.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    const keys = (await Promise.all(numbers.map(downloaded))).flat().map((row) => row[key])
    expect([keys.length, new Set(keys).size]).toEqual([4, 4])
  })
})

describe('a filled-in list', () => {
  const listed = async (count: number) => {
    const readers: RegisteredReader[] = []
    for (let n = 0; n < count; n += 1) readers.push(await consenting())
    const rows = await downloaded(await app.providers.make(operator(), 'register'))
    return {
      readers,
      rows: rows.map((row, at) => ({ ...row, [numberTitle]: `8${at}`, Пароль: `Пароль-${at}` })) as Row[],
    }
  }

  it('gives everybody his number and password, by message and on the slip; the same file twice changes nothing', async () => {
    const { readers, rows } = await listed(2)
    expect(await receive(rows)).toMatchObject({ taken: 2, already: 0, faults: [] })
    expect(await receive(rows)).toMatchObject({ taken: 0, already: 2, faults: [] })
    await app.db.deleteFrom('demo_outbox').execute()
    await sendAll()
    const texts = await told('sms')
    expect(texts).toHaveLength(2)
    for (const text of texts) {
      expect(text).toMatch(/Номер 8\d\nПароль Пароль-\d/)
      expect(text).toContain('«Войти с читательским билетом»')
      expect(text).not.toContain('library.test')
    }
    const [letter = ''] = (await told('email')).filter((text) => text.includes('Пароль-0'))
    expect(letter).toContain('https://store.test/lit')
    const [reader] = readers
    const paper = await app.slips.open(
      authorise(network.librarian, 'slips.open'),
      reader?.applicationId ?? '',
    )
    const text = textOf(paper.pdf)
    expect(text).toMatch(/8\d/)
    for (const form of ['receipt', 'a4'] as const)
      expect(
        textOf(
          (
            await app.slips.open(
              authorise(network.librarian, 'slips.open'),
              reader?.applicationId ?? '',
              form,
            )
          ).pdf,
        ),
      ).toMatch(/Пароль-\d/)
    expect(text).not.toMatch(/library\.test|«Взять»/)
  })

  it('with a fault stores nothing; the good rows go in when that is asked for', async () => {
    const { rows } = await listed(3)
    const [one = {}, two = {}, three = {}] = rows
    const faulty = [one, { ...two, Пароль: '' }, { ...three, ФИО: 'Иванов Иван' }]
    const result = await receive(faulty)
    expect(result).toMatchObject({
      taken: 0,
      faults: [
        { row: 3, code: 'password_missing' },
        { row: 4, code: 'other_person' },
      ],
    })
    expect((await app.providers.overview(operator())).counts.registered).toBe(0)
    expect(await receive(faulty, true)).toMatchObject({ taken: 1 })
    expect(await receive([one, two, three])).toMatchObject({ taken: 2, already: 1, faults: [] })
  })

  it('says of every row what is wrong with it', async () => {
    const { rows } = await listed(2)
    const [one = {}, two = {}] = rows
    const codes = async (...changed: Row[]) => (await receive(changed)).faults.map(({ code }) => code)
    expect(await codes({ ...one, [key]: 'x' })).toEqual(['key_unknown'])
    expect(await codes({ ...one, [key]: '01900000-0000-7000-8000-000000000000' })).toEqual(['key_unknown'])
    expect(await codes(one, one)).toEqual(['key_twice', 'key_twice'])
    expect(await codes({ ...one, [numberTitle]: '' })).toEqual(['number_missing'])
    expect(await codes({ ...one, [numberTitle]: '1'.repeat(101) })).toEqual(['too_long'])
    expect(await codes(one, { ...two, [numberTitle]: one[numberTitle] ?? '' })).toEqual([
      'number_twice',
      'number_twice',
    ])
    await receive([one])
    expect(await codes({ ...two, [numberTitle]: one[numberTitle] ?? '' })).toEqual(['number_taken'])
    expect(await codes({ ...one, [numberTitle]: 'another' })).toEqual(['other_number'])
  })

  it('that is another file is refused with what is wrong with it', async () => {
    await expect(receive([{ Имя: 'Анна' }])).rejects.toMatchObject({
      code: 'providers.file_columns',
      values: { columns: expect.stringContaining(key) as string },
    })
    const pdf = new TextEncoder().encode('%PDF-1.7')
    await expect(withFile(pdf, (path) => app.providers.receive(operator(), path, false))).rejects.toThrow(
      'file_unknown_format',
    )
  })

  it('notes a refusal with its reason; the reader can go into the next list', async () => {
    const { readers, rows } = await listed(1)
    const [row = {}] = rows
    await receive([{ ...row, [numberTitle]: '', Пароль: '', 'Причина отказа': 'Такой уже есть' }])
    const [reader] = readers
    if (!reader) throw new Error('nobody')
    expect(await app.providers.standingOf(reader.actor)).toMatchObject({
      state: 'failed',
      reason: 'Такой уже есть',
    })
    await app.providers.retry(operator(), row[key] ?? '')
    expect(await stateOf(reader)).toBe('to_register')
  })

  it('of a reader who has revoked meanwhile isn’t taken: his account is to be closed', async () => {
    const { readers, rows } = await listed(1)
    const [reader] = readers
    if (!reader) throw new Error('nobody')
    await app.consents.refuseHandover(reader.actor)
    expect(await stateOf(reader)).toBeUndefined()
    expect((await receive(rows)).faults).toEqual([{ row: 2, code: 'withdrawn' }])
    expect(await app.providerClosings.waiting(authorise(network.operator, 'providers.close'))).toBe(1)
    const list = await app.providers.make(operator(), 'close')
    expect(await downloaded(list)).toMatchObject([{ ФИО: reader.actor.fullName }])
    await app.consents.agree(reader.actor, { kind: 'handover', version: network.handoverVersion })
    expect(await stateOf(reader)).toBe('to_register')
  })

  it('taken by two at the same moment gives everybody one number', async () => {
    const { rows } = await listed(3)
    const results = await Promise.all([receive(rows), receive(rows)])
    expect(results.map(({ taken, already }) => taken + already)).toEqual([3, 3])
    expect(results.reduce((sum, { taken }) => sum + taken, 0)).toBe(3)
    const sent = await app.db
      .selectFrom('messages')
      .select('id')
      .where('channel', '=', 'sms')
      .where('event', '=', 'reader.provider')
      .execute()
    expect(sent).toHaveLength(3)
  })
})

describe('a list to close', () => {
  const closedTitle = 'Закрыта (да)'
  const listed = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      const { actor } = await consenting()
      const { id = '' } = (await app.providers.standingOf(actor)) ?? {}
      await app.providers.enter(operator(), { id, number: `9${n}`, providerPassword: 'x' })
      await app.consents.refuseHandover(actor)
    }
    return downloaded(await app.providers.make(operator(), 'close'))
  }
  const waiting = () => app.providerClosings.waiting(authorise(network.operator, 'providers.close'))

  it('comes back with what was closed; the rest stays to be closed, the same file twice changes nothing', async () => {
    const rows = await listed(3)
    const said = ['да', '', '28.11.2026'].map((word, at) => ({ ...rows[at], [closedTitle]: word }))
    expect(await receive(said)).toMatchObject({ closed: 2, already: 0, blank: 1, faults: [] })
    expect(await waiting()).toBe(1)
    expect(await receive(said)).toMatchObject({ closed: 0, already: 2, faults: [] })
    const logged = await app.db
      .selectFrom('audit_log')
      .select('action')
      .where('action', '=', 'providers.close')
      .where('actor_id', '=', network.operator.staffId)
      .execute()
    expect(logged.length).toBeGreaterThanOrEqual(2)
  })

  it('closes nothing while a row isn’t clear, is another’s, or its reader has consented again', async () => {
    const [one = {}, two = {}] = await listed(2)
    const codes = async (...rows: Row[]) => (await receive(rows)).faults.map(({ code }) => code)
    const yes = { [closedTitle]: 'да' }
    expect(await codes({ ...one, [closedTitle]: 'наверное' }, { ...two, ...yes })).toEqual(['closed_unclear'])
    expect(await codes({ ...one, ...yes, ФИО: 'Иванов Иван' })).toEqual(['other_person'])
    expect(await codes({ ...one, ...yes, [key]: 'x' })).toEqual(['key_unknown'])
    expect(await codes({ ...one, ...yes }, { ...one, ...yes })).toEqual(['key_twice', 'key_twice'])
    const { reader_id: readerId } = await app.db
      .selectFrom('provider_closings')
      .select('reader_id')
      .where('id', '=', one[key] ?? '')
      .executeTakeFirstOrThrow()
    const again = { kind: 'handover' as const, version: network.handoverVersion }
    await app.consents.agree({ kind: 'reader', readerId, fullName: '', birthDate: '1990-03-05' }, again)
    expect(await codes({ ...one, ...yes })).toEqual(['not_to_close'])
    expect(await waiting()).toBe(1)
  })
})
