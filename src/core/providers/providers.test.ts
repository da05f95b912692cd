import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { csvRow } from '#protocols/sheet/csv.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { withFile } from '../../../tests/support/lists.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { mayMoveTo, providerMoves, providerStates } from '../readers/provider-states.ts'
import type { Settings } from '../settings/settings.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { providerSettingsSchema } from './provider-settings.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const set = <Key extends keyof Settings>(key: Key, value: Settings[Key]) =>
  inTransaction(app.db, (tx) => writeSetting(tx, key, value))
beforeEach(async () => {
  for (const table of [
    'messages',
    'provider_closings',
    'provider_registrations',
    'provider_accounts',
  ] as const)
    await app.db.deleteFrom(table).execute()
  await set('provider.mode', 'files')
  await set('provider.name', 'Литбиблиотека')
  await set('provider.address', 'https://lit.test')
  await set('provider.appAndroid', 'https://store.test/lit')
  await set('provider.tell', 'at_once')
  await set('consents.handoverFor', 'provider')
  await set('queue.undoSeconds', 0)
})

const operator = () => authorise(network.operator, 'providers.register')
const signed = () => ({ handoverGiven: true, handoverVersion: network.handoverVersion })
const consenting = (): Promise<RegisteredReader> => registeredReader(app, network, signed())
const stateOf = async ({ actor }: RegisteredReader) => (await app.providers.standingOf(actor))?.state
const messagesOf = async ({ actor }: RegisteredReader) => {
  const rows = await app.db
    .selectFrom('messages')
    .select(['channel', 'event', 'state', 'waits_for'])
    .where('reader_id', '=', actor.readerId)
    .orderBy('event')
    .orderBy('channel')
    .execute()
  return rows.map(({ channel, event, state, waits_for: waits }) =>
    [channel, event, state, waits].filter(Boolean).join(' '),
  )
}
const sendAll = async () => {
  const rows = await app.db
    .selectFrom('messages')
    .select('id')
    .where('state', '=', 'queued')
    .where('waits_for', 'is', null)
    .execute()
  for (const { id } of rows) await app.messages.send(id)
}
const told = async (channel: string) =>
  (await app.messages.outbox()).filter((each) => each.channel === channel).map(({ text }) => text)

/** A list as it was downloaded, its rows as objects by their titles. */
async function downloaded(number: number) {
  const { bytes } = await app.providers.download(operator(), number, 'xlsx')
  const [head, ...rows] = (await readSheet(bytes)).rows
  const titles = head?.cells ?? []
  return rows.map(({ cells }) => Object.fromEntries(titles.map((title, at) => [title, cells[at] ?? ''])))
}
type Row = Record<string, string>
const key = 'Ключ строки (не менять)'
const numberTitle = 'Номер читательского билета'
/** The rows as a file that somebody has filled in. */
function filled(rows: readonly Row[]): Uint8Array {
  const titles = Object.keys(rows[0] ?? {})
  const lines = [titles, ...rows.map((row) => titles.map((title) => row[title] ?? ''))]
  return new TextEncoder().encode(`\uFEFF${lines.map(csvRow).join('')}`)
}
const receive = (rows: readonly Row[], partial = false) =>
  withFile(filled(rows), (path) => app.providers.receive(operator(), path, partial))

describe('how a reader stands at the provider', () => {
  it('goes only the ways of the table; everybody gets to an end from everywhere', () => {
    const state = fc.constantFrom(...providerStates)
    fc.assert(
      fc.property(state, state, (from, to) => {
        expect(mayMoveTo(from, to)).toBe(providerMoves[from].includes(to))
      }),
    )
    fc.assert(
      fc.property(state, fc.array(fc.nat(10), { maxLength: 12 }), (from, steps) => {
        let at = from
        for (const step of steps) at = providerMoves[at][step % providerMoves[at].length] ?? at
        const reached = new Set([at])
        for (const each of reached) for (const next of providerMoves[each]) reached.add(next)
        expect([...reached]).toContain('registered')
        expect([...reached]).toContain('closed')
      }),
    )
    // An account that was closed never comes back by itself.
    expect(mayMoveTo('closed', 'registered')).toBe(false)
  })
})

describe('a registration with the consent to handing over', () => {
  it('asks for an account at the provider; the messages wait for its number, and the slip too', async () => {
    const reader = await consenting()
    expect(await stateOf(reader)).toBe('to_register')
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued provider',
      'email reader.provider queued provider',
      'sms reader.provider queued provider',
    ])
    const slips = authorise(network.librarian, 'slips.open')
    await expect(app.slips.open(slips, reader.applicationId)).rejects.toThrow('awaits_provider')
    await sendAll()
    expect(await app.messages.outbox()).toEqual([])
  })

  it('with both funds, telling at once, tells of the own card now and of the provider’s number later', async () => {
    await set('provider.mode', 'both')
    const reader = await consenting()
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued',
      'email reader.registered queued',
      'sms reader.registered queued',
    ])
    const number = await app.providers.make(operator(), 'register')
    const [row] = await downloaded(number)
    await receive([{ ...row, [numberTitle]: '5001', Пароль: 'Тайна1' }])
    expect(await messagesOf(reader)).toContain('sms reader.provider queued')
  })

  it('with both funds, waiting for the number, one message carries both', async () => {
    await set('provider.mode', 'both')
    await set('provider.tell', 'with_number')
    const reader = await consenting()
    expect(await messagesOf(reader)).toContain('sms reader.registered queued provider')
    const [row] = await downloaded(await app.providers.make(operator(), 'register'))
    await receive([{ ...row, [numberTitle]: '5002', Пароль: 'Тайна2' }])
    await app.db.deleteFrom('demo_outbox').execute()
    await sendAll()
    const [sms = '', ...more] = await told('sms')
    expect(more).toEqual([])
    for (const part of [reader.card, reader.password, '5002', 'Тайна2']) expect(sms).toContain(part)
    const paper = await app.slips.open(authorise(network.librarian, 'slips.open'), reader.applicationId)
    for (const part of [reader.card, reader.password, '5002', 'Тайна2'])
      expect(textOf(paper.pdf)).toContain(part)
  })

  it('without that consent nobody is handed over, and the operator sees how many', async () => {
    const before = (await app.providers.overview(operator())).counts.withoutConsent
    const reader = await registeredReader(app, network)
    expect(await stateOf(reader)).toBeUndefined()
    const { counts, rows } = await app.providers.overview(operator())
    expect([counts.withoutConsent, rows]).toEqual([before + 1, []])
    await expect(app.providers.make(operator(), 'register')).rejects.toThrow('nothing_to_list')
    await expect(app.providers.enrol(operator(), reader.actor.readerId)).rejects.toThrow('not_allowed_there')
  })

  it('a number typed in at the registration lets the messages go at once', async () => {
    const reader = await registeredReader(app, network, signed(), {
      providerNumber: '600',
      providerPassword: 'p',
    })
    expect(await stateOf(reader)).toBe('registered')
    expect(await messagesOf(reader)).toContain('sms reader.provider queued')
  })
})

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

describe('two records of one reader', () => {
  const actor = () => authorise(network.operator, 'readers.merge')
  const merge = (kept: RegisteredReader, dropped: RegisteredReader) =>
    app.readers.merge(actor(), {
      keptId: kept.actor.readerId,
      droppedId: dropped.actor.readerId,
      unlike: true,
    })
  const idOf = async (reader: RegisteredReader) => (await app.providers.standingOf(reader.actor))?.id ?? ''
  const give = async (reader: RegisteredReader, number: string, providerPassword: string) =>
    app.providers.enter(operator(), { id: await idOf(reader), number, providerPassword })
  const closer = () => authorise(network.operator, 'providers.close')
  const toClose = async () =>
    (await app.providerClosings.list(closer())).open.map(({ id, number, readerId }) => ({
      id,
      number,
      readerId,
    }))
  const passwordOf = async ({ actor: { readerId } }: RegisteredReader) =>
    (await openPasswords(app.db, app.sealer, app.clock(), readerId)).provider
  const standing = async (reader: RegisteredReader) => {
    const found = await app.providers.standingOf(reader.actor)
    return [found?.state, found?.number, found?.id]
  }

  it('keep one account; the other, or the place in a list that is out, is to be closed', async () => {
    const [kept, dropped, listed] = [await consenting(), await consenting(), await consenting()]
    await give(kept, '10', 'первый')
    await give(dropped, '11', 'второй')
    await app.providers.make(operator(), 'register')
    await merge(kept, dropped)
    await merge(kept, listed)
    expect(await stateOf(kept)).toBe('registered')
    expect((await toClose()).map(({ number }) => number).toSorted()).toEqual(['', '11'])
    expect(new Set((await toClose()).map(({ readerId }) => readerId))).toEqual(new Set([kept.actor.readerId]))
  })

  it('the account goes on before the place in a list; that one is to be closed', async () => {
    const [kept, dropped] = [await consenting(), await consenting()]
    await give(dropped, '12', 'x')
    await app.providers.make(operator(), 'register')
    const listed = await standing(kept)
    const { mergeId } = await merge(kept, dropped)
    expect(await app.providers.standingOf(kept.actor)).toMatchObject({ state: 'registered', number: '12' })
    expect(await toClose()).toMatchObject([{ number: '' }])
    await app.readers.unmerge(actor(), mergeId)
    expect(await standing(kept)).toEqual(listed)
    expect(await app.providers.standingOf(dropped.actor)).toMatchObject({ number: '12' })
    expect(await toClose()).toEqual([])
  })

  it('are each again what they were: a wish, a place in a list, an account, whichever record is kept', async () => {
    const ways = {
      none: async () => registeredReader(app, network),
      to_register: consenting,
      failed: async () => {
        const reader = await consenting()
        await app.providers.fail(operator(), { id: await idOf(reader), reason: 'нет почты' })
        return reader
      },
      registered: async () => {
        const reader = await consenting()
        await give(reader, reader.actor.readerId, 'тайна')
        return reader
      },
      sent: async () => {
        const reader = await consenting()
        await app.providers.make(operator(), 'register')
        return reader
      },
    }
    for (const ofKept of Object.keys(ways) as (keyof typeof ways)[])
      for (const ofDropped of Object.keys(ways) as (keyof typeof ways)[]) {
        // Whoever goes into a list comes first: it takes everybody who waits.
        const first = ofKept === 'sent'
        const one = await ways[first ? ofKept : ofDropped]()
        const other = await ways[first ? ofDropped : ofKept]()
        const [kept, dropped] = first ? [one, other] : [other, one]
        const before = [await standing(kept), await standing(dropped)]
        const { mergeId } = await merge(kept, dropped)
        await app.readers.unmerge(actor(), mergeId)
        expect([await standing(kept), await standing(dropped)], `${ofKept} ${ofDropped}`).toEqual(before)
        expect(await toClose()).toEqual([])
      }
  })

  it('part with the password of now, and none of before is left anywhere', async () => {
    const [kept, dropped] = [await consenting(), await consenting()]
    await give(dropped, '13', 'прежний')
    const { mergeId } = await merge(kept, dropped)
    await give(kept, '13', 'нынешний')
    await app.readers.unmerge(actor(), mergeId)
    expect([await passwordOf(kept), await passwordOf(dropped)]).toEqual([undefined, 'нынешний'])
  })

  it('part with what each has got since: an account made under the kept record’s name stays there', async () => {
    const [kept, dropped] = [await registeredReader(app, network), await consenting()]
    const { mergeId } = await merge(kept, dropped)
    await give(kept, '14', 'x')
    await app.readers.unmerge(actor(), mergeId)
    expect(await app.providers.standingOf(kept.actor)).toMatchObject({ number: '14' })
    expect(await stateOf(dropped)).toBe('to_register')
  })

  it('part with nothing that was closed, or whose reader has revoked, meanwhile', async () => {
    const [kept, closed, revoked] = [await consenting(), await consenting(), await consenting()]
    for (const [at, reader] of [kept, closed, revoked].entries()) await give(reader, `2${at}`, 'x')
    const merges = [await merge(kept, closed), await merge(kept, revoked)]
    const [{ id = '' } = {}] = (await toClose()).filter(({ number }) => number === '21')
    await app.providerClosings.close(closer(), id)
    await app.consents.refuseHandover(kept.actor)
    for (const { mergeId } of merges.toReversed()) await app.readers.unmerge(actor(), mergeId)
    expect([await stateOf(kept), await stateOf(closed), await stateOf(revoked)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect((await toClose()).toSorted((a, b) => (a.number < b.number ? -1 : 1))).toMatchObject([
      { number: '20', readerId: kept.actor.readerId },
      { number: '22', readerId: revoked.actor.readerId },
    ])
  })
})

describe('whom the provider has refused', () => {
  it('with a fund of our own waits for no number when he gets a new password', async () => {
    await set('provider.mode', 'both')
    await set('provider.tell', 'with_number')
    const reader = await consenting()
    const { id = '' } = (await app.providers.standingOf(reader.actor)) ?? {}
    await app.providers.fail(operator(), { id, reason: 'нет почты' })
    const again = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { ...signed(), fullName: reader.actor.fullName }),
    )
    await app.applications.same(authorise(network.operator, 'applications.decide'), again.id, {
      revision: 1,
      readerId: reader.actor.readerId,
      replaceEmail: false,
      replacePhone: false,
      moveLibrary: false,
    })
    const held = await app.db
      .selectFrom('messages')
      .select('event')
      .where('reader_id', '=', reader.actor.readerId)
      .where('waits_for', 'is not', null)
      .execute()
    expect(held).toEqual([])
  })
})

describe('a number typed in', () => {
  it('is kept like one out of a file, and may be put right later with a new message', async () => {
    const reader = await consenting()
    const { id = '' } = (await app.providers.standingOf(reader.actor)) ?? {}
    await app.providers.enter(operator(), { id, number: '900', providerPassword: 'один' })
    expect(await stateOf(reader)).toBe('registered')
    await app.providers.enter(operator(), { id, number: '901', providerPassword: 'два' })
    expect(await app.providers.standingOf(reader.actor)).toMatchObject({ number: '901' })
    expect((await messagesOf(reader)).filter((each) => each.startsWith('sms reader.provider'))).toHaveLength(
      2,
    )
    const other = await consenting()
    const { id: second = '' } = (await app.providers.standingOf(other.actor)) ?? {}
    const taken = { id: second, number: '901', providerPassword: 'x' }
    await expect(app.providers.enter(operator(), taken)).rejects.toThrow('number_taken')
  })
})

describe('the settings of the provider', () => {
  const form = {
    mode: 'files',
    name: 'Литбиблиотека',
    address: 'https://lit.test',
    appIos: '',
    appAndroid: '',
    instructions: '',
    keyPlace: '1',
    keyTitle: 'Ключ',
    passwordPlace: '3',
    passwordTitle: 'Код',
    numberPlace: '2',
    numberTitle: 'Билет',
  }
  const faultsOf = (change: Row) =>
    providerSettingsSchema
      .safeParse({ ...form, ...change })
      .error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`)

  it('name the columns in their order', async () => {
    const admin = authorise(network.admin, 'providers.configure')
    const before = await app.providers.settings.read(admin)
    await app.providers.settings.change(admin, providerSettingsSchema.parse(form))
    expect((await app.providers.settings.read(admin)).columns).toEqual([
      { field: 'key', title: 'Ключ' },
      { field: 'number', title: 'Билет' },
      { field: 'password', title: 'Код' },
    ])
    await set('provider.columns', before.columns)
  })

  it('let go what waited for a number, once the region waits for none', async () => {
    const reader = await consenting()
    const admin = authorise(network.admin, 'providers.configure')
    const { columns } = await app.providers.settings.read(admin)
    await app.providers.settings.change(admin, providerSettingsSchema.parse({ ...form, mode: 'both' }))
    await set('provider.columns', columns)
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued',
      'email reader.registered queued',
      'sms reader.registered queued',
    ])
    await sendAll()
    expect(await messagesOf(reader)).toContain('sms reader.registered sent')
  })

  it('refuse what no list could come back with, and addresses that are none', () => {
    expect(faultsOf({})).toBeUndefined()
    expect(faultsOf({ name: '' })).toEqual(['name provider_name_missing'])
    expect(faultsOf({ keyPlace: '' })).toEqual(['keyPlace provider_column_needed'])
    expect(faultsOf({ numberTitle: 'код' })).toEqual(['passwordTitle provider_title_twice'])
    expect(faultsOf({ numberTitle: '' })).toEqual(['numberTitle provider_title_missing'])
    expect(faultsOf({ address: 'javascript:alert(1)' })).toEqual(['address provider_address'])
  })
})
