import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { keepAccount } from '../readers/provider-accounts.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { driversOf } from './drivers.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const settings = async (change: Partial<Settings> = {}): Promise<Settings> => ({
  ...(await readSettings(app.db)),
  'provider.mode': 'both',
  'provider.name': 'Литбиблиотека',
  ...change,
})

describe.each(['own', 'files'] as const)('the provider «%s»', (kind) => {
  const driver = async () => {
    const found = driversOf(await settings(), app.origin).find((each) => each.kind === kind)
    if (!found) throw new Error(`no driver ${kind}`)
    return found
  }
  const enrol = async (readerId: string) => {
    const to = await driver()
    return inTransaction(app.db, (tx) => to.enrol(tx, readerId, app.clock()))
  }
  /** What somebody does in its cabinet, where the account isn't there at once. */
  const register = (readerId: string, number: string) =>
    inTransaction(app.db, (tx) =>
      keepAccount(tx, app.sealer, {
        readerId,
        provider: 'Литбиблиотека',
        number,
        password: 'x',
        at: app.clock(),
        libraryId: network.bui,
        expiresAt: app.clock(),
      }),
    )

  it('is asked for an account as often as one likes, and gives one', async () => {
    const { actor } = await registeredReader(app, network)
    const state = await enrol(actor.readerId)
    expect(['to_register', 'registered']).toContain(state)
    expect(await enrol(actor.readerId)).toBe(state)
  })

  it('names itself, and a number once the account is there', async () => {
    const { actor } = await registeredReader(app, network)
    const to = await driver()
    const state = await enrol(actor.readerId)
    const before = await to.access(app.db, actor.readerId)
    expect(before.name).not.toBe('')
    expect(before.number !== undefined).toBe(state === 'registered')
    await register(actor.readerId, `n-${actor.readerId}`)
    expect(await enrol(actor.readerId)).toBe('registered')
    expect((await to.access(app.db, actor.readerId)).number).toBeTruthy()
  })

  it('gives every reader a number of his own', async () => {
    const [one, two] = [await registeredReader(app, network), await registeredReader(app, network)]
    const to = await driver()
    for (const { actor } of [one, two]) {
      await enrol(actor.readerId)
      await register(actor.readerId, `n-${actor.readerId}`)
    }
    const numbers = await Promise.all([one, two].map(({ actor }) => to.access(app.db, actor.readerId)))
    expect(new Set(numbers.map(({ number }) => number)).size).toBe(2)
  })
})

describe('the providers of a region', () => {
  it('are its own fund, an outside service, or both, as it has set', async () => {
    const kinds = async (change: Partial<Settings>) =>
      driversOf(await settings(change), app.origin).map(({ kind }) => kind)
    expect(await kinds({ 'provider.mode': 'own' })).toEqual(['own'])
    expect(await kinds({ 'provider.mode': 'both' })).toEqual(['own', 'files'])
    expect(await kinds({ 'provider.mode': 'files' })).toEqual(['files'])
    expect(await kinds({ 'provider.mode': 'both', 'provider.name': '' })).toEqual(['own'])
  })
})
