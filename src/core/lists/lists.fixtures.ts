import { afterAll, beforeAll } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { mappingForm, uploaded, workOff } from '../../../tests/support/lists.ts'
import { unheardName } from '../../../tests/support/registered-reader.ts'
import { authorise } from '../staff/actors.ts'
import type { ListField } from './lists.ts'

export let app: TestApp
export let network: TestNetwork

/** Lists in an app of the file’s own. */
export function useLists(): void {
  beforeAll(async () => {
    app = await createTestApp()
    network = await createTestNetwork(app)
  })
  afterAll(() => app.dispose())
}

export const librarian = () => authorise(network.librarian, 'lists.questionnaires')
export const operator = () => authorise(network.operator, 'lists.questionnaires')
export const keeper = () => authorise(network.operator, 'lists.readers')

export const columns: ListField[] = [
  'fullName',
  'birthDate',
  'phone',
  'email',
  'guardianName',
  'guardianRelation',
]
export const header = 'ФИО;Дата рождения;Телефон;Почта;Представитель;Кем приходится'
export const csv = (...lines: string[]) => [header, ...lines].join('\r\n')
export const form = (more?: Record<string, string>) => mappingForm(columns, network.consentVersion, more)

/** Somebody unlike everybody else. */
export const nobody = () => `${unheardName()} Олегович`

/** A list of Буй's that waits for its start. */
export async function checked(text: string, more?: Record<string, string>): Promise<string> {
  const id = await uploaded(app, librarian(), text, { libraryId: network.bui })
  await app.lists.check(librarian(), id, form(more))
  await workOff(app, id, 'checkBatch')
  return id
}
export const run = async (id: string) => {
  await app.lists.start(librarian(), id)
  return workOff(app, id, 'runBatch')
}
export const shown = (id: string) => app.lists.one(operator(), id)
export const faultsOf = async (id: string) =>
  Object.fromEntries((await shown(id)).faulty.map(({ number, faults }) => [number, faults]))
export const waiting = (fullName: string) =>
  app.db.selectFrom('applications').selectAll().where('full_name', '=', fullName).execute()
