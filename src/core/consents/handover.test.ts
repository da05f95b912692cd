import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { queueMessages } from '../messages/messages.ts'
import type { Settings } from '../settings/settings.ts'
import { writeSetting } from '../settings/settings.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const set = <Key extends keyof Settings>(key: Key, value: Settings[Key]) =>
  inTransaction(app.db, (tx) => writeSetting(tx, key, value))
beforeEach(async () => {
  await set('provider.mode', 'both')
  await set('provider.name', 'Литбиблиотека')
  await set('consents.handoverFor', 'provider')
})

const signed = () => ({ handoverGiven: true, handoverVersion: network.handoverVersion })
const account = { providerNumber: '777', providerPassword: 'x1' }
const messagesOf = async (applicationId: string) => {
  const rows = await app.db
    .selectFrom('messages')
    .select(['channel', 'event'])
    .where('application_id', '=', applicationId)
    .execute()
  return rows.map(({ channel, event }) => `${channel} ${event}`).toSorted()
}
const readers = async () => {
  const row = await app.db
    .selectFrom('readers')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

describe('handing data over', () => {
  it('is a consent of its own: recorded beside the other, under its own text', async () => {
    const { actor } = await registeredReader(app, network, signed())
    const consents = await app.consents.given(actor)
    expect(consents.map(({ kind, version }) => [kind, version]).toSorted()).toEqual([
      ['handover', network.handoverVersion],
      ['processing', network.consentVersion],
    ])
  })

  it('without it a reader is registered, but no provider account can be typed in', async () => {
    await registeredReader(app, network)
    const before = await readers()
    await expect(registeredReader(app, network, {}, account)).rejects.toThrow('handover_missing')
    expect(await readers()).toBe(before)
    await registeredReader(app, network, signed(), account)
    await set('consents.handoverFor', 'none')
    await registeredReader(app, network, {}, account)
  })

  it('is asked for where the region has a provider, or a gateway whose SMS need it, and nowhere else', async () => {
    const asked = async () => (await app.consents.current()).handover
    expect(await asked()).toMatchObject({ provider: true, sms: false, providerName: 'Литбиблиотека' })
    await set('consents.handoverFor', 'provider_and_sms')
    expect(await asked()).toMatchObject({ provider: true, sms: true })
    await set('provider.name', '')
    expect(await asked()).toMatchObject({ provider: false, sms: true })
    await set('consents.handoverFor', 'provider')
    expect(await asked()).toBeUndefined()
    await set('provider.name', 'Литбиблиотека')
    await set('consents.handoverFor', 'none')
    expect(await asked()).toBeUndefined()
  })

  it('where SMS need it, none goes without it: e-mail and slip instead', async () => {
    await set('consents.handoverFor', 'provider_and_sms')
    const without = await registeredReader(app, network)
    expect(await messagesOf(without.applicationId)).toEqual([
      'email library.registered',
      'email reader.registered',
    ])
    const given = await registeredReader(app, network, signed())
    expect(await messagesOf(given.applicationId)).toContain('sms reader.registered')
  })

  it('an SMS that is queued in any other way is stopped at the gateway’s door', async () => {
    const { actor } = await registeredReader(app, network, signed())
    await set('consents.handoverFor', 'provider_and_sms')
    await app.consents.refuseHandover(actor)
    const [message] = await inTransaction(app.db, async (tx) => {
      const to = { event: 'reader.registered', readerId: actor.readerId } as const
      await queueMessages(tx, app.clock(), [{ channel: 'sms', recipient: '+79109999999', ...to }])
      return tx.selectFrom('messages').select('id').where('recipient', '=', '+79109999999').execute()
    })
    await app.messages.send(message?.id ?? '')
    const row = await app.db
      .selectFrom('messages')
      .select(['state', 'fault'])
      .where('id', '=', message?.id ?? '')
      .executeTakeFirstOrThrow()
    expect(row).toEqual({ state: 'failed', fault: 'no_consent' })
    expect((await app.messages.outbox()).filter(({ to }) => to === '+79109999999')).toEqual([])
  })

  it('refused by the reader it ends alone: the registration stays, and it can be given again', async () => {
    const { actor } = await registeredReader(app, network, signed(), account)
    await app.consents.refuseHandover(actor)
    await app.consents.refuseHandover(actor)
    const kinds = (await app.consents.given(actor)).map(({ kind, revokedAt }) => [kind, revokedAt !== null])
    expect(kinds.toSorted()).toEqual([
      ['handover', true],
      ['processing', false],
    ])
    expect((await app.consents.standing(actor)).consent).toBeUndefined()
    await app.consents.agree(actor, { kind: 'handover', version: network.handoverVersion })
    expect(await app.consents.question(actor, 'handover')).toBeUndefined()
  })
})

describe('an account at the provider', () => {
  const operator = () => authorise(network.operator, 'providers.close')
  const given = () => registeredReader(app, network, signed(), account)
  const openOf = async ({ actor }: RegisteredReader) =>
    (await app.providerClosings.list(operator())).open.find(({ readerId }) => readerId === actor.readerId)
  const accountsOf = ({ actor }: RegisteredReader) =>
    app.db.selectFrom('provider_accounts').selectAll().where('reader_id', '=', actor.readerId).execute()
  const actionsOf = async ({ actor }: RegisteredReader) => {
    const rows = await app.db
      .selectFrom('audit_log')
      .select(['action', 'actor_id'])
      .where('subject_id', '=', actor.readerId)
      .where('action', 'in', ['consents.refuse-handover', 'providers.close'])
      .orderBy('seq')
      .execute()
    return rows.map(({ action, actor_id: by }) => [action, by])
  }

  it('waits for an operator to close it once its reader doesn’t consent any more', async () => {
    const reader = await given()
    const before = await app.providerClosings.waiting(operator())
    await app.consents.refuseHandover(reader.actor)
    await app.consents.refuseHandover(reader.actor)
    expect(await app.providerClosings.waiting(operator())).toBe(before + 1)
    expect(await openOf(reader)).toMatchObject({
      number: '777',
      provider: 'Литбиблиотека',
      readerName: reader.actor.fullName,
      askedAt: app.clock(),
    })
    // Neither slip nor message names it any more.
    expect(await accountsOf(reader)).toEqual([])
    expect((await app.personFiles.own(reader.actor, 'json')).bytes.toString()).toContain('777')
    expect(textOf((await app.personFiles.own(reader.actor, 'pdf')).bytes)).toContain('ещё не закрыта')

    const { id = '' } = (await openOf(reader)) ?? {}
    await app.providerClosings.close(operator(), id)
    await expect(app.providerClosings.close(operator(), id)).rejects.toThrow('closed_already')
    expect(await openOf(reader)).toBeUndefined()
    const { closed } = await app.providerClosings.list(operator())
    expect(closed.find((each) => each.id === id)).toMatchObject({
      closedBy: network.operator.fullName,
      closedAt: app.clock(),
    })
    expect(await actionsOf(reader)).toEqual([
      ['consents.refuse-handover', reader.actor.readerId],
      ['providers.close', network.operator.staffId],
    ])
  })

  it('goes on when he consents again before it is closed, in the app or on paper', async () => {
    const [inApp, onPaper] = [await given(), await given()]
    const { id = '' } = (await app.consents.refuseHandover(inApp.actor).then(() => openOf(inApp))) ?? {}
    await app.consents.refuseHandover(onPaper.actor)
    await app.consents.agree(inApp.actor, { kind: 'handover', version: network.handoverVersion })
    await app.consents.recordPaper(authorise(network.librarian, 'consents.record'), onPaper.actor.readerId, {
      kind: 'handover',
      version: network.handoverVersion,
      guardianName: '',
      guardianRelation: '',
      signed: true,
    })
    for (const reader of [inApp, onPaper]) {
      expect(await openOf(reader)).toBeUndefined()
      expect(await accountsOf(reader)).toMatchObject([{ number: '777' }])
    }
    await expect(app.providerClosings.close(operator(), id)).rejects.toThrow('closing_over')
  })

  it('that is closed doesn’t come back with a new consent', async () => {
    const reader = await given()
    await app.consents.refuseHandover(reader.actor)
    await app.providerClosings.close(operator(), (await openOf(reader))?.id ?? '')
    await app.consents.agree(reader.actor, { kind: 'handover', version: network.handoverVersion })
    expect(await accountsOf(reader)).toEqual([])
  })

  it('there is nothing to close where there is none', async () => {
    const reader = await registeredReader(app, network, signed())
    await app.consents.refuseHandover(reader.actor)
    expect(await openOf(reader)).toBeUndefined()
  })

  it('is still to be closed when its reader’s record is merged into another', async () => {
    const [kept, dropped] = [await registeredReader(app, network), await given()]
    await app.consents.refuseHandover(dropped.actor)
    const merger = authorise(network.operator, 'readers.merge')
    const ids = { keptId: kept.actor.readerId, droppedId: dropped.actor.readerId }
    const { mergeId } = await app.readers.merge(merger, ids)
    expect(await openOf(kept)).toMatchObject({ number: '777' })
    await app.readers.unmerge(merger, mergeId)
    expect([await openOf(kept), await openOf(dropped)]).toMatchObject([undefined, { number: '777' }])
  })
})
