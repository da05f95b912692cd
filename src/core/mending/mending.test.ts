import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader, unheardName } from '../../../tests/support/registered-reader.ts'
import { makeCode, openCode } from '../readers/recovery-codes.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import type { MendReaderInput } from './mending.ts'
import { mendReaderSchema } from './mending.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const form = ({ actor }: RegisteredReader, change: Partial<MendReaderInput> = {}): MendReaderInput => ({
  fullName: actor.fullName,
  birthDate: actor.birthDate,
  email: 'anna@reader.test',
  phone: '+79101234567',
  libraryId: network.bui,
  reason: 'новый телефон',
  documentChecked: false,
  changes: 0,
  anotherPerson: false,
  ...change,
})
const librarian = () => authorise(network.librarian, 'readers.mend')
const stranger = () => authorise(network.otherLibrarian, 'readers.mend')
const operator = () => authorise(network.operator, 'readers.mend')
const mend = (reader: RegisteredReader, change: Partial<MendReaderInput>, by = librarian()) =>
  app.mending.mend(by, reader.actor.readerId, form(reader, change))
const stored = (reader: RegisteredReader) =>
  app.db
    .selectFrom('readers')
    .select(['full_name', 'name_key', 'namesake', 'birth_date', 'email', 'phone', 'library_id'])
    .where('id', '=', reader.actor.readerId)
    .executeTakeFirstOrThrow()

describe('mending a record', () => {
  it('changes contacts with a reason, notes which fields, and logs no value', async () => {
    const reader = await registeredReader(app, network)
    expect(await mend(reader, { phone: '+79107654321', email: null })).toEqual(['email', 'phone'])
    expect(await stored(reader)).toMatchObject({ phone: '+79107654321', email: null })
    const [change] = await app.db
      .selectFrom('reader_changes')
      .selectAll()
      .where('reader_id', '=', reader.actor.readerId)
      .execute()
    expect(change).toMatchObject({
      fields: ['email', 'phone'],
      reason: 'новый телефон',
      changed_by: network.librarian.staffId,
    })
    const { rows } = await app.pool.query<{ text: string }>('select t::text as text from audit_log t')
    expect(rows.some(({ text }) => text.includes('79107654321') || text.includes('новый телефон'))).toBe(
      false,
    )
    expect(rows.some(({ text }) => text.includes('readers.mend'))).toBe(true)
  })

  it.each([{ phone: '+79107654322' }, { email: 'own@reader.test' }])(
    'of a contact (%o) ends a code that was sent to the one before; of a name it doesn’t',
    async (contact) => {
      const reader = await registeredReader(app, network)
      const { readerId } = reader.actor
      await inTransaction(app.db, (tx) => makeCode(tx, app.sealer, app.clock(), readerId))
      const code = () => inTransaction(app.db, (tx) => openCode(tx, app.sealer, app.clock(), readerId))
      const fullName = unheardName()
      await mend(reader, { fullName, documentChecked: true })
      expect(await code()).toMatch(/^\d{6}$/)
      await mend(reader, { fullName, changes: 1, ...contact })
      expect(await code()).toBeUndefined()
    },
  )

  it('what doesn’t differ is no change', async () => {
    const reader = await registeredReader(app, network)
    expect(await mend(reader, {})).toEqual([])
  })

  it('name and birth date need a look at the document', async () => {
    const reader = await registeredReader(app, network)
    for (const change of [{ fullName: unheardName() }, { birthDate: '1991-03-05' }]) {
      await expect(mend(reader, change)).rejects.toThrow('document_unchecked')
      await expect(mend(reader, change, operator())).rejects.toThrow('document_unchecked')
    }
    expect(await mend(reader, { fullName: 'Ёлкина Анна', documentChecked: true })).toEqual(['full_name'])
    expect(await stored(reader)).toMatchObject({ full_name: 'Ёлкина Анна', name_key: 'анна елкина' })
  })

  it('keeps one person one record: a clash is told, and nothing is lost of either', async () => {
    const [one, other] = [await registeredReader(app, network), await registeredReader(app, network)]
    const before = [await stored(one), await stored(other)]
    const fullName = one.actor.fullName.split(' ').toReversed().join(' ').toUpperCase()
    await expect(mend(other, { fullName, documentChecked: true })).rejects.toThrow('possible_duplicate')
    expect([await stored(one), await stored(other)]).toEqual(before)
  })

  it('a namesake’s number doesn’t go along to another name', async () => {
    const fullName = unheardName()
    const first = await registeredReader(app, network, { fullName })
    const second = await registeredReader(app, network, { fullName }, { anotherPerson: true })
    expect((await stored(second)).namesake).toBe(1)
    await expect(mend(second, { fullName: first.actor.fullName, phone: '+79107654399' })).resolves.toEqual([
      'phone',
    ])
    expect((await stored(second)).namesake).toBe(1)
    await mend(second, { fullName: unheardName(), documentChecked: true, changes: 1, phone: '+79107654399' })
    expect((await stored(second)).namesake).toBe(0)
  })

  describe('under a namesake’s name', () => {
    const other = async () => {
      const [one, two] = [await registeredReader(app, network), await registeredReader(app, network)]
      const renamed = { fullName: one.actor.fullName, documentChecked: true }
      const decide = (change: Partial<MendReaderInput> = {}) =>
        app.mending.mend(
          operator(),
          two.actor.readerId,
          form(two, { ...renamed, anotherPerson: true, distinctFrom: [one.actor.readerId], ...change }),
          authorise(network.operator, 'readers.merge'),
        )
      return { one, two, renamed, decide }
    }

    it('an operator is told of whom, and decides that it is another person: numbered, recorded, in the log', async () => {
      const { one, two, renamed, decide } = await other()
      const fault = await decide({ anotherPerson: false }).catch((error: unknown) => error)
      expect(fault).toMatchObject({
        code: 'readers.possible_duplicate',
        values: { readers: one.actor.readerId },
      })
      // A tick without having seen him decides nothing.
      await expect(decide({ distinctFrom: undefined })).rejects.toThrow('possible_duplicate')
      expect((await stored(two)).full_name).toBe(two.actor.fullName)

      expect(await decide()).toEqual(['full_name'])
      expect([(await stored(one)).namesake, await stored(two)]).toMatchObject([
        0,
        { full_name: renamed.fullName, namesake: 1 },
      ])
      const { details } = await app.db
        .selectFrom('audit_log')
        .select('details')
        .where('action', '=', 'readers.mend')
        .where('subject_id', '=', two.actor.readerId)
        .executeTakeFirstOrThrow()
      expect(details).toMatchObject({ distinct: [one.actor.readerId] })
    })

    it('isn’t asked again, whoever mends next', async () => {
      const { one, two, renamed, decide } = await other()
      await decide()
      await mend(two, { fullName: unheardName(), documentChecked: true, changes: 1 })
      expect(await mend(two, { ...renamed, changes: 2 })).toEqual(['full_name'])
      const likes = await app.readers.likes(
        authorise(network.operator, 'readers.merge'),
        await app.readers.open(authorise(network.operator, 'readers.read'), two.actor.readerId),
      )
      expect(likes.map(({ reader }) => reader.readerId)).not.toContain(one.actor.readerId)
    })

    it('a librarian isn’t told of whom, and decides nothing', async () => {
      const { one, two, renamed } = await other()
      const ticked = { ...renamed, anotherPerson: true, distinctFrom: [one.actor.readerId] }
      const fault = await mend(two, ticked).catch((error: unknown) => error)
      expect(fault).toMatchObject({ code: 'readers.possible_duplicate', values: {} })
      expect(() => authorise(network.librarian, 'readers.merge')).toThrow('not_allowed')
    })

    it('of two who get it at once each has a number of his own, or is told', async () => {
      const { one, two, renamed, decide } = await other()
      const third = await registeredReader(app, network)
      const outcomes = await Promise.allSettled([
        decide(),
        app.mending.mend(
          operator(),
          third.actor.readerId,
          form(third, { ...renamed, anotherPerson: true, distinctFrom: [one.actor.readerId] }),
          authorise(network.operator, 'readers.merge'),
        ),
      ])
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(String(outcome.reason)).toContain('possible_duplicate')
      expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true)
      const people = [await stored(one), await stored(two), await stored(third)]
      const same = people.filter(({ full_name: name }) => name === renamed.fullName)
      expect(new Set(same.map(({ namesake }) => namesake)).size).toBe(same.length)
    })
  })

  it('of two who mend at once the second is told instead of undoing the first', async () => {
    const reader = await registeredReader(app, network)
    await mend(reader, { phone: '+79107654321' })
    await expect(mend(reader, { email: null })).rejects.toThrow('changed_meanwhile')
    expect(await stored(reader)).toMatchObject({ phone: '+79107654321', email: 'anna@reader.test' })
  })

  it('another library’s librarian doesn’t reach it; found by the card she can only take him over', async () => {
    const reader = await registeredReader(app, network)
    const moved = { libraryId: network.galich, documentChecked: true }
    await expect(mend(reader, moved, stranger())).rejects.toThrow('not_found')
    await app.readers.find(
      authorise(network.otherLibrarian, 'readers.read'),
      authorise(network.otherLibrarian, 'readers.find-exact'),
      { query: reader.card, birthDate: '' },
    )
    await expect(mend(reader, { ...moved, phone: null }, stranger())).rejects.toThrow('readers.elsewhere')
    await expect(mend(reader, { libraryId: network.central }, stranger())).rejects.toThrow(
      'readers.elsewhere',
    )
    await expect(mend(reader, { ...moved, documentChecked: false }, stranger())).rejects.toThrow(
      'document_unchecked',
    )
    expect(await mend(reader, moved, stranger())).toEqual(['library_id'])
    expect((await stored(reader)).library_id).toBe(network.galich)
    await expect(mend(reader, { changes: 1, libraryId: network.galich, email: null })).rejects.toThrow(
      'not_found',
    )
  })

  it('is no curator’s, no methodologist’s and no reader’s', async () => {
    const { actor } = await registeredReader(app, network)
    for (const each of [network.curator, network.methodologist, network.admin, actor])
      expect(() => authorise(each, 'readers.mend')).toThrow('not_allowed')
  })

  it('checks what is typed as the questionnaire does, and wants a reason', () => {
    const faults = (change: Record<string, string>) =>
      mendReaderSchema
        .safeParse({
          fullName: 'Иванова Анна',
          birthDate: '1990-01-01',
          email: '',
          phone: '',
          libraryId: network.bui,
          reason: 'переехала',
          changes: '0',
          ...change,
        })
        .error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`)
    expect(faults({})).toBeUndefined()
    expect(faults({ reason: ' ' })).toEqual(['reason mend_reason_missing'])
    expect(faults({ phone: '12' })).toEqual(['phone phone_short'])
    expect(faults({ fullName: 'Иванов 7' })).toEqual(['fullName full_name_signs'])
  })
})
