import { randomUUID } from 'node:crypto'
import type { App } from '../../src/app.ts'
import type { RegisterInput, SendInput } from '../../src/core/applications/applications.schemas.ts'
import type { ReaderActor } from '../../src/core/staff/actors.ts'
import { authorise } from '../../src/core/staff/actors.ts'
import type { TestNetwork } from './app.ts'
import { questionnaire } from './app.ts'

export interface RegisteredReader {
  actor: ReaderActor
  applicationId: string
  card: string
  password: string
}

/** A surname that nobody has had before. */
export const unheardName = () =>
  `Кузнецов${[...randomUUID().replace(/[^a-f]/g, '')].map((letter) => 'абвгде'['abcdef'.indexOf(letter)]).join('')} Глеб`

/** Somebody registered the whole way, by Буй's librarian and the operator. */
export async function registeredReader(
  app: App,
  network: TestNetwork,
  person: Partial<SendInput> = {},
  decision: Partial<RegisterInput> = {},
): Promise<RegisteredReader> {
  const input = questionnaire(network, { fullName: unheardName(), ...person })
  const { id } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    input,
  )
  const { readerId } = await app.applications.register(
    authorise(network.operator, 'applications.decide'),
    id,
    { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false, ...decision },
  )
  const { number, sealed } = await app.db
    .selectFrom('cards as c')
    .innerJoin('sealed_passwords as s', 's.reader_id', 'c.reader_id')
    .select(['c.number', 's.sealed'])
    .where('c.reader_id', '=', readerId)
    .where('s.purpose', '=', 'initial')
    .executeTakeFirstOrThrow()
  return {
    actor: { kind: 'reader', readerId, fullName: input.fullName, birthDate: input.birthDate },
    applicationId: id,
    card: number,
    password: app.sealer.open(sealed, `${readerId}/initial`),
  }
}
