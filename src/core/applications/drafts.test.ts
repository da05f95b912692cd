import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { after, days } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import type { SaveDraftInput } from './drafts.ts'
import { saveDraftSchema } from './drafts.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(() => app.setTime(testStart))

const writer = () => authorise(network.librarian, 'applications.write')
const stranger = () => authorise(network.otherLibrarian, 'applications.write')
const typed = (change: Partial<SaveDraftInput> = {}): SaveDraftInput => ({
  ...saveDraftSchema.parse({ formKey: randomUUID(), fullName: 'Ива' }),
  ...change,
})
const save = (input: SaveDraftInput) => app.drafts.save(writer(), network.bui, input)
const opened = async (id: string) => {
  const found = await app.drafts.open(writer(), id)
  return 'draft' in found ? found.draft : undefined
}
const lastAudit = () =>
  app.db
    .selectFrom('audit_log')
    .select(['action', 'subject_id', 'details'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()

describe('a draft', () => {
  it('keeps what was typed, however wrong, and is gone on with', async () => {
    const input = typed({ fullName: 'иВан 5', phone: '12', birthDate: '30.02', email: 'a@' })
    await save(input)
    expect(await opened(input.formKey)).toMatchObject({
      revision: 1,
      libraryId: network.bui,
      fields: { fullName: 'иВан 5', phone: '12', birthDate: '30.02', email: 'a@' },
    })
    expect(await lastAudit()).toMatchObject({ action: 'drafts.open', subject_id: input.formKey })
  })

  it('with nothing in it isn’t kept', async () => {
    await expect(save(typed({ fullName: '  ' }))).rejects.toThrow('drafts.empty')
  })

  it('never keeps the consent’s tick', () => {
    const kept = saveDraftSchema.parse({ formKey: randomUUID(), fullName: 'А', consentGiven: 'on' })
    expect(Object.keys(kept)).not.toContain('consentGiven')
  })

  it('saved twice with the same content is one and the same', async () => {
    const input = typed()
    expect(await Promise.all([save(input), save(input), save(input)])).toEqual([
      { revision: 1 },
      { revision: 1 },
      { revision: 1 },
    ])
  })

  it('that another tab has saved since isn’t overwritten', async () => {
    const input = typed()
    await save(input)
    await save({ ...input, fullName: 'Иванова Мария', draftRevision: 1 })
    await expect(save({ ...input, fullName: 'Иванова Ольга', draftRevision: 1 })).rejects.toThrow(
      'drafts.changed_meanwhile',
    )
    expect((await opened(input.formKey))?.fields.fullName).toBe('Иванова Мария')
    const sent = questionnaire(network, { formKey: input.formKey, draftRevision: 1 })
    // It says at what the draft is now, so that whoever has compared goes on with it.
    await expect(app.applications.send(writer(), network.bui, sent)).rejects.toMatchObject({
      code: 'drafts.changed_meanwhile',
      values: { revision: 2 },
    })
    await app.applications.send(writer(), network.bui, { ...sent, draftRevision: 2 })
  })

  it('is seen, saved and thrown away by its own library only', async () => {
    const input = typed()
    await save(input)
    await expect(app.drafts.open(stranger(), input.formKey)).rejects.toThrow('drafts.gone')
    await expect(app.drafts.save(stranger(), network.galich, input)).rejects.toThrow('drafts.gone')
    await expect(app.drafts.save(stranger(), network.bui, input)).rejects.toThrow('not_allowed')
    await expect(app.drafts.discard(stranger(), input.formKey)).rejects.toThrow('drafts.gone')
    expect(await app.drafts.list(stranger())).toEqual([])
    expect(await app.drafts.count(stranger())).toBe(0)
    const listed = await app.drafts.list(writer())
    expect(listed.map(({ id }) => id)).toContain(input.formKey)
    expect((await lastAudit()).details).toMatchObject({ ids: listed.map(({ id }) => id) })
    const operator = authorise(network.operator, 'applications.write')
    expect((await app.drafts.list(operator)).map(({ id }) => id)).toContain(input.formKey)
  })

  it('is thrown away once, and a second click does no harm', async () => {
    const input = typed()
    await save(input)
    await app.drafts.discard(writer(), input.formKey)
    await app.drafts.discard(writer(), input.formKey)
    await expect(app.drafts.open(writer(), input.formKey)).rejects.toThrow('drafts.gone')
  })

  it('goes 14 days after its last change, by the clock and by the daily job', async () => {
    const [left, touched] = [typed(), typed()]
    await save(left)
    await save(touched)
    app.setTime(after(new Date(testStart), days(1)))
    await save({ ...touched, fullName: 'Иванова', draftRevision: 1 })
    app.setTime(after(new Date(testStart), days(14)))
    await expect(app.drafts.open(writer(), left.formKey)).rejects.toThrow('drafts.gone')
    expect((await app.drafts.list(writer())).map(({ id }) => id)).not.toContain(left.formKey)
    expect(await app.drafts.expire()).toBeGreaterThan(0)
    const ids = (await app.db.selectFrom('drafts').select('id').execute()).map(({ id }) => id)
    expect(ids).toContain(touched.formKey)
    expect(ids).not.toContain(left.formKey)
    expect((await lastAudit()).details).toMatchObject({ ids: expect.arrayContaining([left.formKey]) })
    expect(await app.drafts.expire()).toBe(0)
  })

  it('ends when its questionnaire is sent, whose history begins with it', async () => {
    const input = typed()
    await save(input)
    app.setTime(after(new Date(testStart), days(1)))
    const { id } = await app.applications.send(
      writer(),
      network.bui,
      questionnaire(network, { formKey: input.formKey, draftRevision: 1 }),
    )
    expect(await app.drafts.open(writer(), input.formKey)).toEqual({ sentAs: id })
    await expect(app.drafts.open(stranger(), input.formKey)).rejects.toThrow('drafts.gone')
    await expect(save({ ...input, fullName: 'Ещё', draftRevision: 1 })).rejects.toThrow('already_sent')
    const { history } = await app.applications.details(authorise(network.librarian, 'applications.read'), id)
    expect(history.map(({ state, at }) => [state, at.toISOString().slice(0, 10)])).toEqual([
      ['draft', '2026-11-24'],
      ['sent', '2026-11-25'],
    ])
  })

  it('that is saved while its questionnaire is sent doesn’t stay behind', async () => {
    for (let round = 0; round < 20; round += 1) {
      const input = typed({ fullName: `Раунд ${round}` })
      const other = await (round === 0 ? app.twin() : app)
      const outcomes = await Promise.allSettled([
        other.drafts.save(writer(), network.bui, input),
        app.applications.send(writer(), network.bui, questionnaire(network, { formKey: input.formKey })),
      ])
      expect(outcomes[1].status).toBe('fulfilled')
      const left = await app.db.selectFrom('drafts').where('id', '=', input.formKey).execute()
      expect(left).toEqual([])
    }
  })
})

describe('the next of a family', () => {
  it('brings contacts, representative and surname, and never a consent', async () => {
    const { id } = await app.applications.send(
      writer(),
      network.bui,
      questionnaire(network, {
        fullName: 'Пескова Юлия Олеговна',
        birthDate: '2017-02-03',
        guardianName: 'Пескова Ирина',
        guardianRelation: 'мама',
      }),
    )
    const start = await app.drafts.family(writer(), id)
    expect(start).toEqual({
      libraryId: network.bui,
      surnames: ['Пескова', 'Песков'],
      fields: {
        fullName: '',
        birthDate: '',
        email: 'anna@reader.test',
        phone: '+79101234567',
        stockCard: '',
        guardianName: 'Пескова Ирина',
        guardianRelation: 'мама',
      },
    })
    expect(await lastAudit()).toMatchObject({ action: 'applications.family', subject_id: id })
    await expect(app.drafts.family(stranger(), id)).rejects.toThrow('not_found')
  })

  it('after a grown-up offers that one as representative, and leaves open who it is to the child', async () => {
    const { id } = await app.applications.send(writer(), network.bui, questionnaire(network))
    const { fields } = await app.drafts.family(writer(), id)
    expect(fields).toMatchObject({ guardianName: 'Смирнова Анна Петровна', guardianRelation: '' })
  })
})
