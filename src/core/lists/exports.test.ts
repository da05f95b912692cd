import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'
import type { StaffActor } from '../staff/actors.ts'
import { exportSchema } from './exports.ts'
import type { ExportedRow } from './exports.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const choice = (typed: Record<string, string> = {}) =>
  exportSchema.parse({ kind: 'readers', format: 'xlsx', 'place-0': 'fullName', ...typed })

async function exported(who: StaffActor, typed?: Record<string, string>): Promise<ExportedRow[]> {
  const chosen = choice(typed)
  const actor =
    chosen.kind === 'readers' ? authorise(who, 'readers.read') : authorise(who, 'applications.read')
  return Array.fromAsync(await app.lists.begin(actor, chosen))
}
const entries = (action: string) =>
  app.db
    .selectFrom('audit_log')
    .select(['actor_id', 'details'])
    .where('action', '=', action)
    .orderBy('seq', 'desc')
    .execute()

describe('an export', () => {
  it('has the readers whom its sender may see, with their valid cards', async () => {
    const reader = await registeredReader(app, network, { fullName: 'Выгрузкина Ада Львовна' })
    const row = {
      fullName: 'Выгрузкина Ада Львовна',
      birthDate: '1990-03-05',
      cardNumber: reader.card,
      libraryCode: '002',
      registeredOn: '2026-11-24',
    }
    expect(await exported(network.librarian)).toMatchObject([row])
    expect(await exported(network.operator)).toMatchObject([row])
    expect(await exported(network.otherLibrarian)).toEqual([])
    await expect(exported(network.otherLibrarian, { libraryId: network.bui })).rejects.toThrow(
      'staff.not_allowed',
    )
  })

  it('has questionnaires of one state', async () => {
    await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { fullName: 'Ожидаев Пётр', birthDate: '1980-01-01' }),
    )
    const typed = { kind: 'questionnaires', state: 'sent' }
    expect(await exported(network.librarian, typed)).toMatchObject([
      { fullName: 'Ожидаев Пётр', state: 'sent', decidedOn: '', cardNumber: '' },
    ])
    expect(await exported(network.otherLibrarian, typed)).toEqual([])
  })

  it('is in the log page by page, each with the ids, before its rows go out', async () => {
    await app.db
      .insertInto('readers')
      .values(
        Array.from({ length: 1500 }, (_, row) => ({
          library_id: network.galich,
          full_name: `Многих ${row}`,
          name_key: `многих ${row}`,
          birth_date: '1970-01-01',
          password_hash: '',
          password_generated: true,
          renewed_at: app.clock(),
        })),
      )
      .execute()
    const rows = await exported(network.otherLibrarian, { 'place-1': 'phone' })
    expect(new Set(rows.map(({ fullName }) => fullName)).size).toBe(1500)
    const pages = (await entries('readers.export-list')).slice(0, 2).map(({ actor_id: by, details }) => {
      const { ids, columns } = details as { ids: string[]; columns: string[] }
      return [by, columns, ids.length]
    })
    expect(pages).toEqual([
      [network.otherLibrarian.staffId, ['fullName', 'phone'], 500],
      [network.otherLibrarian.staffId, ['fullName', 'phone'], 1000],
    ])
  })

  it('remembers what was chosen, for each kind', async () => {
    await exported(network.operator, { format: 'csv1251', 'place-0': 'email', 'place-1': 'fullName' })
    const actor = authorise(network.operator, 'readers.read')
    expect(await app.lists.lastChoice(actor, 'readers')).toEqual({
      columns: ['email', 'fullName'],
      format: 'csv1251',
    })
    expect(await app.lists.lastChoice(actor, 'questionnaires')).toEqual({})
  })

  it('without a column, or with one twice, isn’t one', () => {
    expect(() => choice({ 'place-0': '' })).toThrow('export_columns')
    expect(choice({ 'place-1': 'fullName', 'place-2': 'email' }).columns).toEqual(['fullName', 'email'])
  })
})
