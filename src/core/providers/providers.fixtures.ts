import { afterAll, beforeAll, beforeEach } from 'vitest'
import { readSheet } from '#protocols/sheet/read-sheet.ts'
import { csvRow } from '#protocols/sheet/csv.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { withFile } from '../../../tests/support/lists.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import type { Settings } from '../settings/settings.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'

export let app: TestApp
export let network: TestNetwork

/** An outside service in an app of the file’s own; nobody is registered there when a test begins. */
export function useProvider(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
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
}

export const set = <Key extends keyof Settings>(key: Key, value: Settings[Key]) =>
  inTransaction(app.db, (tx) => writeSetting(tx, key, value))

export const operator = () => authorise(network.operator, 'providers.register')
export const signed = () => ({ handoverGiven: true, handoverVersion: network.handoverVersion })
export const consenting = (): Promise<RegisteredReader> => registeredReader(app, network, signed())
export const stateOf = async ({ actor }: RegisteredReader) => (await app.providers.standingOf(actor))?.state
export const messagesOf = async ({ actor }: RegisteredReader) => {
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
export const sendAll = async () => {
  const rows = await app.db
    .selectFrom('messages')
    .select('id')
    .where('state', '=', 'queued')
    .where('waits_for', 'is', null)
    .execute()
  for (const { id } of rows) await app.messages.send(id)
}
export const told = async (channel: string) =>
  (await app.messages.outbox()).filter((each) => each.channel === channel).map(({ text }) => text)

/** A list as it was downloaded, its rows as objects by their titles. */
export async function downloaded(number: number) {
  const { bytes } = await app.providers.download(operator(), number, 'xlsx')
  const [head, ...rows] = (await readSheet(bytes)).rows
  const titles = head?.cells ?? []
  return rows.map(({ cells }) => Object.fromEntries(titles.map((title, at) => [title, cells[at] ?? ''])))
}
export type Row = Record<string, string>
export const key = 'Ключ строки (не менять)'
export const numberTitle = 'Номер читательского билета'
/** The rows as a file that somebody has filled in. */
export function filled(rows: readonly Row[]): Uint8Array {
  const titles = Object.keys(rows[0] ?? {})
  const lines = [titles, ...rows.map((row) => titles.map((title) => row[title] ?? ''))]
  return new TextEncoder().encode(`\uFEFF${lines.map(csvRow).join('')}`)
}
export const receive = (rows: readonly Row[], partial = false) =>
  withFile(filled(rows), (path) => app.providers.receive(operator(), path, partial))
