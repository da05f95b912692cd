import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { after, days } from '../shared/clock.ts'
import { inTransaction } from '../shared/db.ts'
import { writeSetting } from '../settings/settings.ts'
import { authorise } from '../staff/actors.ts'
import type { HomeInput } from './home.ts'
import { codeForPeople, homeCode, homeCodeHash, homeTermsVersion } from './home.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(() => app.setTime(testStart))

const writer = () => authorise(network.librarian, 'applications.write')
const galich = () => authorise(network.otherLibrarian, 'applications.write')
/** An address that nobody has tried from yet. */
const address = () => `test ${randomUUID()}`
const filled = (change: Partial<HomeInput> = {}): HomeInput => ({
  formKey: randomUUID(),
  fullName: 'Домашняя Ольга Львовна',
  birthDate: '1991-04-05',
  email: null,
  phone: '+79101234567',
  guardianName: '',
  guardianRelation: '',
  libraryId: null,
  agreed: true,
  termsVersion: homeTermsVersion,
  website: '',
  ...change,
})
async function kept(change: Partial<HomeInput> = {}): Promise<{ id: string; code: string }> {
  const input = filled(change)
  await app.homeForms.keep(input, address())
  const receipt = await app.homeForms.receipt(input.formKey)
  return { id: input.formKey, code: receipt?.code ?? '' }
}
const callUp = (code: string) => app.homeForms.callUp(writer(), network.bui, code, address())
const draftsLeft = async (id: string) =>
  (
    await app.db
      .selectFrom('drafts')
      .select('id')
      .where((eb) => eb.or([eb('id', '=', id), eb('from_home', '=', id)]))
      .execute()
  ).length

describe('a code', () => {
  it('is the same for the same form, and found however it is typed', () => {
    const alike: Record<string, string> = { A: 'А', C: 'С', E: 'Е', K: 'К', M: 'М', P: 'Р', X: 'Х' }
    fc.assert(
      fc.property(fc.uuid(), fc.nat({ max: 3 }), (key, turn) => {
        const code = codeForPeople(homeCode(app.sealer, key, turn))
        expect(code).toMatch(/^[ACDEKMNPUWX2-9]{4}-[ACDEKMNPUWX2-9]{4}$/)
        expect(codeForPeople(homeCode(app.sealer, key, turn))).toBe(code)
        const hash = homeCodeHash(app.sealer, code)
        const cyrillic = [...code].map((sign) => alike[sign] ?? sign).join('')
        for (const typed of [
          code.toLowerCase(),
          code.replace('-', ''),
          [...code].join(' '),
          cyrillic,
          `${code}.`,
        ])
          expect(homeCodeHash(app.sealer, typed).equals(hash)).toBe(true)
      }),
    )
  })
})

describe('a questionnaire from home', () => {
  it('is called up by its code, copied for the library, and the look is audited', async () => {
    const { id, code } = await kept({ libraryId: network.galich })
    const { draftId } = await callUp(code.toLowerCase())
    const opened = await app.drafts.open(writer(), draftId)
    expect(opened).toMatchObject({
      draft: { homeDraft: id, fields: { fullName: 'Домашняя Ольга Львовна', phone: '+79101234567' } },
    })
    const { rows } = await app.pool.query<{ action: string }>(
      'select action from audit_log where subject_id = $1 order by seq',
      [id],
    )
    expect(rows.map(({ action }) => action)).toEqual(['home.keep', 'home.call-up'])
    expect(await callUp(code)).toEqual({ draftId })
  })

  it('is nowhere without its code: not in a list, not by its key, and the code isn’t stored', async () => {
    const before = await app.drafts.count(writer())
    // Not even for the library that its writer has chosen.
    const { id, code } = await kept({ libraryId: network.bui })
    expect(await app.drafts.count(writer())).toBe(before)
    await expect(app.drafts.open(writer(), id)).rejects.toThrow('drafts.gone')
    const operator = authorise(network.operator, 'applications.write')
    expect((await app.drafts.list(operator)).map((row) => row.id)).not.toContain(id)
    const asDraft = { formKey: id, fullName: 'Чужая', draftRevision: 1 }
    const fields = {
      email: '',
      birthDate: '',
      phone: '',
      stockCard: '',
      guardianName: '',
      guardianRelation: '',
    }
    await expect(app.drafts.save(operator, network.bui, { ...fields, ...asDraft })).rejects.toThrow('gone')
    await expect(app.drafts.discard(operator, id)).rejects.toThrow('gone')
    const { rows } = await app.pool.query<{ text: string }>('select d::text as text from drafts d')
    const plain = code.replace('-', '').toLowerCase()
    expect(rows.some(({ text }) => text.toLowerCase().includes(plain))).toBe(false)
  })

  it('sent twice is kept once; with another person in it, it asks', async () => {
    const input = filled()
    await Promise.all([1, 2, 3].map(() => app.homeForms.keep(input, address())))
    expect(await draftsLeft(input.formKey)).toBe(1)
    const sister = { ...input, fullName: 'Домашняя Анна Львовна' }
    await expect(app.homeForms.keep(sister, address())).rejects.toThrow('home.key_reused')
  })

  it('needs the agreement in its present wording, and a child’s representative', async () => {
    const refused = (change: Partial<HomeInput>) => app.homeForms.keep(filled(change), address())
    await expect(refused({ agreed: false })).rejects.toThrow('home.not_agreed')
    await expect(refused({ termsVersion: 0 })).rejects.toThrow('home.terms_changed')
    await expect(refused({ website: 'http://spam' })).rejects.toThrow('home.by_machine')
    await expect(refused({ birthDate: '2030-01-01' })).rejects.toThrow('birth_date_future')
    await expect(refused({ birthDate: '2018-01-01' })).rejects.toThrow('guardian_missing')
    const { id } = await kept({ birthDate: '2018-01-01', guardianName: 'Мама', guardianRelation: 'мама' })
    const { fields } = await app.db
      .selectFrom('drafts')
      .select('fields')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(fields).toMatchObject({ guardianName: 'Мама', termsVersion: homeTermsVersion })
  })

  it('of a teenager needs the representative where the region has both sign', async () => {
    const teenager = { birthDate: '2011-01-01' }
    await kept(teenager)
    await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.from14', 'both'))
    try {
      await expect(app.homeForms.keep(filled(teenager), address())).rejects.toThrow('representative_missing')
      await kept({ ...teenager, guardianName: 'Мама', guardianRelation: 'мама' })
    } finally {
      await inTransaction(app.db, (tx) => writeSetting(tx, 'consents.from14', 'self'))
    }
  })

  it('queues no message to anybody', async () => {
    await kept({ email: 'victim@reader.test' })
    expect(await app.db.selectFrom('messages').select('id').execute()).toEqual([])
  })

  it('goes in the transaction that sends it, with every copy; the history begins at home', async () => {
    const { id, code } = await kept()
    const [here, there] = [
      await callUp(code),
      await app.homeForms.callUp(galich(), network.galich, code, address()),
    ]
    expect(here.draftId).not.toBe(there.draftId)
    expect(await draftsLeft(id)).toBe(3)
    const sent = await app.applications.send(
      writer(),
      network.bui,
      questionnaire(network, { formKey: here.draftId, draftRevision: 1, homeDraft: id }),
    )
    expect(await draftsLeft(id)).toBe(0)
    const { history } = await app.applications.details(
      authorise(network.librarian, 'applications.read'),
      sent.id,
    )
    expect(history.map(({ state, by }) => [state, by === null])).toEqual([
      ['draft', true],
      ['sent', false],
    ])
    await expect(callUp(code)).rejects.toThrow('wrong_code')
    const late = questionnaire(network, { formKey: there.draftId, draftRevision: 1, homeDraft: id })
    await expect(app.applications.send(galich(), network.galich, late)).rejects.toThrow('home_sent')
  })

  it('that fails to be sent stays, with its copies', async () => {
    const { id, code } = await kept()
    const { draftId } = await callUp(code)
    const input = questionnaire(network, { formKey: draftId, homeDraft: id, consentGiven: false })
    await expect(app.applications.send(writer(), network.bui, input)).rejects.toThrow('consents.missing')
    expect(await draftsLeft(id)).toBe(2)
  })

  it('of two libraries that send it at once one does, and the other is told', async () => {
    const other = await app.twin()
    for (let round = 0; round < 20; round += 1) {
      const { id, code } = await kept()
      const here = await callUp(code)
      const there = await other.homeForms.callUp(galich(), network.galich, code, address())
      const form = (formKey: string) => questionnaire(network, { formKey, homeDraft: id, draftRevision: 1 })
      const outcomes = await Promise.allSettled([
        app.applications.send(writer(), network.bui, form(here.draftId)),
        other.applications.send(galich(), network.galich, form(there.draftId)),
      ])
      const told = outcomes.filter((each) => each.status === 'rejected')
      expect(told.map(({ reason }) => String(reason))).toEqual([expect.stringContaining('drafts.home_sent')])
      const made = await app.db
        .selectFrom('applications')
        .select('id')
        .where('home_draft_id', '=', id)
        .execute()
      expect([made.length, await draftsLeft(id)]).toEqual([1, 0])
    }
  })

  it('that is sent while it is withdrawn ends as one of the two, whole', async () => {
    const other = await app.twin()
    for (let round = 0; round < 10; round += 1) {
      const { id, code } = await kept()
      const { draftId } = await callUp(code)
      const [sent, withdrawn] = await Promise.allSettled([
        app.applications.send(
          writer(),
          network.bui,
          questionnaire(network, { formKey: draftId, homeDraft: id }),
        ),
        other.homeForms.withdraw(code, address()),
      ])
      expect([sent.status, withdrawn.status].toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(await draftsLeft(id)).toBe(0)
    }
  })

  it('sent again under the same form is the same questionnaire', async () => {
    const { id, code } = await kept()
    const { draftId } = await callUp(code)
    const input = questionnaire(network, { formKey: draftId, homeDraft: id, draftRevision: 1 })
    const first = await app.applications.send(writer(), network.bui, input)
    expect(await app.applications.send(writer(), network.bui, input)).toEqual(first)
  })

  it('is withdrawn by its code, copies included, and whoever would send it is told', async () => {
    const { id, code } = await kept()
    const { draftId } = await callUp(code)
    await app.homeForms.withdraw(code, address())
    expect(await draftsLeft(id)).toBe(0)
    expect(await app.homeForms.receipt(id)).toBeUndefined()
    const input = questionnaire(network, { formKey: draftId, homeDraft: id })
    await expect(app.applications.send(writer(), network.bui, input)).rejects.toThrow('home_gone')
    await expect(app.homeForms.withdraw(code, address())).rejects.toThrow('wrong_code')
  })

  it('vanishes after 14 days, and a library’s work on its copy doesn’t prolong it', async () => {
    const { id, code } = await kept()
    const { draftId } = await callUp(code)
    app.setTime(after(new Date(testStart), days(13)))
    const opened = await app.drafts.open(writer(), draftId)
    if (!('draft' in opened)) throw new Error('the copy is gone too early')
    await app.drafts.save(writer(), network.bui, {
      ...opened.draft.fields,
      formKey: draftId,
      draftRevision: 1,
      phone: '8 910',
    })
    app.setTime(after(new Date(testStart), days(14)))
    await expect(callUp(code)).rejects.toThrow('wrong_code')
    expect(await app.homeForms.receipt(id)).toBeUndefined()
    await expect(app.drafts.open(writer(), draftId)).rejects.toThrow('gone')
    await app.drafts.expire()
    expect(await draftsLeft(id)).toBe(0)
  })

  it('is no library’s that the actor doesn’t work for', async () => {
    const { code } = await kept()
    await expect(app.homeForms.callUp(writer(), network.galich, code, address())).rejects.toThrow(
      'not_allowed',
    )
  })
})

describe('limits', () => {
  it('slow wrong codes down per staff member, also from many addresses; right ones cost nothing', async () => {
    const { code } = await kept()
    const at = address()
    for (let time = 0; time < 12; time += 1) await app.homeForms.callUp(galich(), network.galich, code, at)
    const guess = (from: string) => app.homeForms.callUp(galich(), network.galich, randomUUID(), from)
    for (let time = 0; time < 10; time += 1) await expect(guess(at)).rejects.toThrow('wrong_code')
    await expect(guess(at)).rejects.toThrow('too_many_attempts')
    for (let time = 0; time < 10; time += 1) await expect(guess(address())).rejects.toThrow('wrong_code')
    await expect(guess(address())).rejects.toThrow('too_many_attempts')
  })

  it('slow forms and withdrawals down per address, and a stranger’s wrong codes stop nobody else', async () => {
    const at = address()
    for (let time = 0; time < 30; time += 1) {
      const from = time % 10 === 0 ? address() : at
      await app.homeForms.withdraw(randomUUID(), from).catch(() => undefined)
    }
    await expect(app.homeForms.withdraw(randomUUID(), at)).rejects.toThrow('too_many_attempts')
    const { code } = await kept()
    await app.homeForms.withdraw(code, address())
    for (let time = 0; time < 40; time += 1) await app.homeForms.keep(filled(), at)
    await expect(app.homeForms.keep(filled(), at)).rejects.toThrow('too_many_attempts')
    await app.homeForms.keep(filled(), address())
  })
})
