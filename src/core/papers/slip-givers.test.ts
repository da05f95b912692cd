import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import type { StaffActor } from '../staff/actors.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const gone = 'Пароль уже показан'
const slips = (actor: StaffActor) => authorise(actor, 'slips.open')
const ofReader = async (actor: StaffActor, id: string) =>
  textOf((await app.slips.openOfReader(slips(actor), id)).pdf)
const ofApplication = async (actor: StaffActor, id: string) =>
  textOf((await app.slips.open(slips(actor), id)).pdf)

async function passwordOf(readerId: string): Promise<string> {
  const { sealed } = await app.db
    .selectFrom('sealed_passwords')
    .select('sealed')
    .where('reader_id', '=', readerId)
    .where('purpose', '=', 'initial')
    .executeTakeFirstOrThrow()
  return app.sealer.open(sealed, `${readerId}/initial`)
}

describe('a slip has the password', () => {
  it('for the library that gave it and for operators, not for one that had a questionnaire once', async () => {
    const reader = await registeredReader(app, network)
    const { readerId } = reader.actor
    expect(await ofApplication(network.librarian, reader.applicationId)).toContain(reader.password)
    // He has moved, and forgets the password before the desk of his new library.
    await app.readers.find(
      authorise(network.otherLibrarian, 'readers.read'),
      authorise(network.otherLibrarian, 'readers.find-exact'),
      { query: reader.card, birthDate: '' },
    )
    await app.credentials.give(authorise(network.otherLibrarian, 'readers.new-password'), readerId, {
      email: 'anna@reader.test',
      phone: '+79101234567',
      identitySeen: true,
    })
    const password = await passwordOf(readerId)
    expect(await ofReader(network.otherLibrarian, readerId)).toContain(password)
    expect(await ofReader(network.operator, readerId)).toContain(password)
    for (const text of [
      await ofApplication(network.librarian, reader.applicationId),
      await ofReader(network.librarian, readerId),
    ]) {
      expect(text).not.toContain(password)
      expect(text).toContain(gone)
    }
  })

  it('only where the reader can be reached, and each opening is in the log', async () => {
    const { actor } = await registeredReader(app, network)
    await expect(ofReader(network.otherLibrarian, actor.readerId)).rejects.toThrow('not_found')
    await ofReader(network.librarian, actor.readerId)
    const entry = await app.db
      .selectFrom('audit_log')
      .select(['action', 'actor_id', 'details'])
      .where('subject_id', '=', actor.readerId)
      .orderBy('seq', 'desc')
      .executeTakeFirst()
    expect(entry).toEqual({
      action: 'slips.open',
      actor_id: network.librarian.staffId,
      details: { password: true },
    })
  })
})
