import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { consentPaperSchema } from '../papers/consent-papers.ts'
import { authorise } from '../staff/actors.ts'
import { defaultConsentText, defaultHandoverText } from './consent-text.ts'
import { publishSchema } from './consent-texts.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const admin = () => authorise(network.admin, 'consents.publish')
const methodologist = () => authorise(network.methodologist, 'consents.read')
const body = (text: string) => `# Согласие\n\n{central}, {district}: ${text}\n`
const texts = () => app.consents.texts.list(methodologist())
const newest = async () => (await app.consents.current()).version

describe('a consent text', () => {
  it('gets a new version and never changes: what was signed stays as it was, whoever asks the database', async () => {
    await registeredReader(app, network)
    const before = (await texts()).find(({ version }) => version === network.consentVersion)
    const { version } = await app.consents.texts.publish(admin(), {
      kind: 'processing',
      body: body('первая'),
      basedOn: network.consentVersion,
    })
    const [first] = await texts()
    expect(first).toMatchObject({ version, kind: 'processing', body: body('первая'), signed: 0 })
    expect((await texts()).find((each) => each.version === network.consentVersion)).toEqual(before)
    expect(before?.signed).toBeGreaterThan(0)
    await expect(app.pool.query(`update consent_texts set body = ''`)).rejects.toThrow('never changes')
    await expect(app.pool.query('delete from consent_texts')).rejects.toThrow('never changes')
  })

  it('of two administrators who publish at once the second is told; a second click is no second version', async () => {
    const basedOn = await newest()
    const publish = (text: string) =>
      app.consents.texts.publish(admin(), { kind: 'processing', body: body(text), basedOn })
    const outcomes = await Promise.allSettled([publish('моя'), publish('чужая')])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled')
    const again = await publish(winner === 0 ? 'моя' : 'чужая')
    expect(again.version).toBe(await newest())
  })

  it('is printed in the edition that its form records, though a newer one is in force by then', async () => {
    const basedOn = await newest()
    const { version } = await app.consents.texts.publish(admin(), {
      kind: 'processing',
      body: body('новейшая'),
      basedOn,
    })
    const print = async (change: Record<string, unknown>) => {
      const typed = consentPaperSchema.parse({ libraryId: network.bui, ...change })
      const paper = await app.consents.print(authorise(network.librarian, 'applications.write'), typed)
      return [paper.name, textOf(paper.pdf).includes('новейшая')]
    }
    const old = [`soglasie-${basedOn}.pdf`, false]
    expect(await print({ consentVersion: String(basedOn) })).toEqual(old)
    // At a reader's record the form has one edition only.
    expect(await print({ version: String(basedOn) })).toEqual(old)
    expect(await print({})).toEqual([`soglasie-${version}.pdf`, true])
    await expect(print({ consentVersion: '999' })).rejects.toThrow('consents.text_unknown')
    await expect(print({ consentVersion: String(network.handoverVersion) })).rejects.toThrow('text_unknown')
  })

  it('names both libraries and has no other placeholder', () => {
    const fault = (text: string) =>
      publishSchema.safeParse({ kind: 'processing', body: text, basedOn: '1' }).error?.issues[0]?.message
    expect(fault('{central}')).toBe('consent_text_operators')
    expect(fault('{central} {district} {name}')).toBe('consent_text_placeholder')
    expect(fault('   ')).toBe('consent_text_missing')
    expect(fault(defaultConsentText)).toBeUndefined()
    expect(fault(defaultHandoverText({ provider: { name: 'Л', address: '' }, gateway: '' }))).toBeUndefined()
  })

  it('is published by an administrator alone and read by the methodologist too', () => {
    for (const actor of [network.methodologist, network.operator, network.librarian, network.curator])
      expect(() => authorise(actor, 'consents.publish')).toThrow('not_allowed')
    for (const actor of [network.operator, network.librarian, network.curator])
      expect(() => authorise(actor, 'consents.read')).toThrow('not_allowed')
  })

  it('prints as it would be signed: a draft says that it isn’t in force', async () => {
    const draft = await app.consents.preview(methodologist(), { body: body('проба'), version: undefined })
    expect(textOf(draft.pdf)).toContain('Черновик, ещё не действует')
    expect(textOf(draft.pdf)).toContain('Областная библиотека, Буйская районная библиотека: проба')
    const stored = await app.consents.texts.version(methodologist(), network.consentVersion)
    const paper = await app.consents.preview(methodologist(), stored)
    expect(textOf(paper.pdf)).toContain(`Версия текста ${network.consentVersion}`)
  })
})

describe('the text about handing over', () => {
  it('names the third party, the purpose, the data, the actions, the term and the revocation', async () => {
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.name', 'Литбиблиотека'))
    await inTransaction(app.db, (tx) => writeSetting(tx, 'provider.address', 'https://lit.test'))
    const text = await app.consents.texts.draft(methodologist())
    for (const part of [
      '«Литбиблиотека» (https://lit.test)',
      'чтобы он открыл мне учётную запись',
      'передаются фамилия, имя, отчество, дата рождения',
      'Что делается с данными',
      'Срок',
      'отозвать',
    ])
      expect(text).toContain(part)
    expect(text).not.toContain('СМС')
  })
})

describe('the rules about consents', () => {
  it('are changed by the administrator, field by field in the log', async () => {
    const rules = await app.consents.rules.read(methodologist())
    expect(rules).toMatchObject({ from14: 'self', graceDays: 30, destroyDays: 30, renewDays: 365 })
    const changed = await app.consents.rules.change(admin(), { ...rules, graceDays: 10, from14: 'both' })
    expect(changed).toEqual(['consents.from14', 'consents.graceDays'])
    expect(await app.consents.rules.read(methodologist())).toMatchObject({ graceDays: 10, from14: 'both' })
    expect(await app.consents.rules.change(admin(), { ...rules, graceDays: 10, from14: 'both' })).toEqual([])
    await app.consents.rules.change(admin(), rules)
  })
})
