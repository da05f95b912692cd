import { describe, expect, it } from 'vitest'
import { smsError } from '../../../tests/support/sms-gateway.ts'
import { messageOf, registeredReader, statesOf } from '../../../tests/support/told-readers.ts'
import { authorise } from '../staff/actors.ts'
import { app, gateway, mail, network, useGateways } from './gateways.fixtures.ts'
import type { Enclose } from './messages.commands.ts'
import { createMessages } from './messages.commands.ts'
import type { Channel } from './messages.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'
import { createMessageTexts } from './stored-texts.ts'

useGateways()

const event = 'reader.registered'
const own = '+79107654321'
const email = 'anna@reader.test'

/** @param enclose runs while the message is being written */
const send = (id: string, enclose: Enclose = async () => []) =>
  createMessages({
    db: app.db,
    clock: app.clock,
    sealer: app.sealer,
    origin: app.origin,
    texts: createMessageTexts(app.db),
    enclose,
    drivers: {
      email: createSmtpDriver({
        url: mail.url,
        from: 'Б <noreply@library.test>',
        messageIdHost: 'library.test',
      }),
      sms: createSmscDriver(gateway.url),
    },
  }).send(id)
const mend = (readerId: string, contacts: { phone?: string | null; email?: string | null }) =>
  app.db.updateTable('readers').set(contacts).where('id', '=', readerId).execute()
const sendTo = async (readerId: string, channel: Channel) =>
  send((await messageOf(app, readerId, event, channel)).id)
/** At the desk: the phone is a stranger's, so the reader gets a new password with his own. */
const giveNewPassword = (readerId: string) =>
  app.credentials.give(authorise(network.librarian, 'readers.new-password'), readerId, {
    email,
    phone: own,
    identitySeen: true,
  })
describe('what waits to be told to a reader whose contact was put right', () => {
  it('goes to the right one, and nothing to the one before', async () => {
    const { readerId } = await registeredReader(app, network)
    await mend(readerId, { phone: own, email: 'own@reader.test' })
    await sendTo(readerId, 'sms')
    await sendTo(readerId, 'email')
    expect(gateway.taken.map(({ phone }) => phone)).toEqual([own])
    expect(mail.received.flatMap(({ to }) => to)).toEqual(['own@reader.test'])
    expect(await messageOf(app, readerId, event, 'sms')).toMatchObject({ recipient: own, state: 'sent' })
  })

  it('goes the other way where he has no such contact any more', async () => {
    const { readerId } = await registeredReader(app, network, { email: '' })
    await mend(readerId, { phone: null, email })
    await sendTo(readerId, 'sms')
    expect(gateway.taken).toEqual([])
    expect(await statesOf(app, readerId, event)).toEqual({ sms: 'failed: contact_gone', email: 'queued' })
  })

  it('never brings the new password to the stranger, though the first attempt ended in the dark', async () => {
    const { readerId } = await registeredReader(app, network)
    const { id } = await messageOf(app, readerId, event, 'sms')
    gateway.behave('send', 'hung_up')
    await expect(send(id)).rejects.toThrow('sms_unreachable')
    gateway.behave('send', 'works')
    await giveNewPassword(readerId)
    await send(id)
    expect(gateway.taken).toEqual([])
    expect(await statesOf(app, readerId, event)).toEqual({ sms: 'uncertain: password_replaced' })
    await send((await messageOf(app, readerId, 'reader.new-password', 'sms')).id)
    expect(gateway.taken.map(({ phone }) => phone)).toEqual([own])
  })

  it('isn’t tried again once he has a new password, whatever the attempt under way comes to', async () => {
    const { readerId } = await registeredReader(app, network)
    const { id } = await messageOf(app, readerId, event, 'sms')
    gateway.behave('send', smsError(3))
    const held = gateway.hold('send')
    const attempt = send(id)
    await held.arrived
    await giveNewPassword(readerId)
    held.release()
    await expect(attempt).rejects.toThrow('sms_3')
    gateway.behave('send', 'works')
    await send(id)
    expect(gateway.taken).toEqual([])
    expect(await statesOf(app, readerId, event)).toEqual({ sms: 'uncertain: password_replaced' })
  })

  it('goes to the right one also when that came to be while the message was being written', async () => {
    const { readerId } = await registeredReader(app, network)
    const { id } = await messageOf(app, readerId, event, 'sms')
    await send(id, async () => {
      await mend(readerId, { phone: own })
      return []
    })
    expect(gateway.taken.map(({ phone }) => phone)).toEqual([own])
  })
})
