import { randomUUID } from 'node:crypto'
import type { App } from '../../src/app.ts'
import type { Channel, NewMessage } from '../../src/core/messages/messages.ts'
import { queueMessages } from '../../src/core/messages/messages.ts'
import { inTransaction } from '../../src/core/shared/db.ts'
import { authorise } from '../../src/core/staff/actors.ts'
import type { TestNetwork } from './app.ts'
import { questionnaire } from './app.ts'

/** A registered reader whose messages haven't gone yet. */
export async function registeredReader(
  app: App,
  network: TestNetwork,
  contacts: { email?: string; phone?: string } = {},
) {
  const fullName = `Кузнецова ${randomUUID().replaceAll(/[^a-f]/g, '')}`
  const { id: applicationId } = await app.applications.send(
    authorise(network.librarian, 'applications.write'),
    network.bui,
    questionnaire(network, { fullName, ...contacts }),
  )
  const { readerId } = await app.applications.register(
    authorise(network.operator, 'applications.decide'),
    applicationId,
    { revision: 1, providerNumber: '', providerPassword: '', anotherPerson: false },
  )
  return { readerId, applicationId, fullName, libraryId: network.bui }
}

/** One message to a reader by one channel, and its id. */
export async function queueOne(
  app: App,
  message: Pick<NewMessage, 'event' | 'readerId'> & { channel: Channel; recipient: string },
): Promise<string> {
  await inTransaction(app.db, (tx) => queueMessages(tx, app.clock(), [message]))
  const { id } = await app.db
    .selectFrom('messages')
    .select('id')
    .where('reader_id', '=', message.readerId ?? null)
    .where('channel', '=', message.channel)
    .where('event', '=', message.event)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return id
}

/** What became of the messages to a reader about an event, by channel. */
export async function statesOf(app: App, readerId: string, event: string): Promise<Record<string, string>> {
  const rows = await app.db
    .selectFrom('messages')
    .select(['channel', 'state', 'fault'])
    .where('reader_id', '=', readerId)
    .where('event', '=', event)
    .orderBy('id')
    .execute()
  return Object.fromEntries(
    rows.map(({ channel, state, fault }) => [channel, fault ? `${state}: ${fault}` : state]),
  )
}

export async function messageOf(app: App, readerId: string, event: string, channel: Channel) {
  return await app.db
    .selectFrom('messages')
    .selectAll()
    .where('reader_id', '=', readerId)
    .where('event', '=', event)
    .where('channel', '=', channel)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
}
