import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { phoneField } from '../readers/contacts.ts'
import { readSettings } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import { emailField } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import type { Driver } from './driver.ts'
import { DeliveryFault } from './driver.ts'
import type { Channel } from './messages.ts'

export const channelMissing = expected('messages.channel_missing', 409)

const there = (typed: string | null): typed is string => typed !== null
/** To whom a test message goes. */
export const testEmailSchema = z.object({ email: emailField.refine(there, 'required') })
export const testPhoneSchema = z.object({ phone: phoneField.refine(there, 'required') })

/** How a way out stands: whether the environment names one, and how its last test went. */
export interface ChannelState {
  channel: Channel
  ready: boolean
  test: { at: Date; fault: string | null } | undefined
}

const channels: readonly Channel[] = ['email', 'sms']
const words = {
  ru: { subject: 'Проверка связи', text: 'Проверка связи: сообщения доходят.' },
  en: { subject: 'Test message', text: 'Test message: messages arrive.' },
} as const

/** Messages that tell an administrator whether there is a way out; nobody else's business is in them. */
export function createChannelTests(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  drivers: Record<Channel, Driver | undefined>
}) {
  const { db, clock, audit, drivers } = deps
  return {
    async channels(_actor: Authorised<'messages.configure'>): Promise<ChannelState[]> {
      const tests = await db.selectFrom('channel_tests').selectAll().execute()
      return channels.map((channel) => ({
        channel,
        ready: drivers[channel] !== undefined,
        test: tests.find((test) => test.channel === channel),
      }))
    },

    /**
     * Hands a test message over, and keeps how that went. The gateway's own answer comes later or never: what
     * is known here is whether it took the message.
     * @throws channelMissing
     */
    async test(actor: Authorised<'messages.configure'>, channel: Channel, recipient: string): Promise<void> {
      const driver = drivers[channel]
      if (!driver) throw channelMissing()
      const settings = await readSettings(db)
      const { subject, text } = words[settings['messages.libraryLanguage']]
      const message = {
        id: randomUUID(),
        recipient,
        subject: channel === 'email' ? `${settings['region.name']}: ${subject}` : '',
        text,
      }
      const fault = await driver.send(message).then(
        () => null,
        (error: unknown) => {
          if (error instanceof DeliveryFault) return error.code
          throw error
        },
      )
      const at = clock()
      await inTransaction(db, async (tx) => {
        await tx
          .insertInto('channel_tests')
          .values({ channel, at, fault })
          .onConflict((conflict) => conflict.column('channel').doUpdateSet({ at, fault }))
          .execute()
        await audit.append(tx, {
          at,
          actor: byStaff(actor.staffId),
          action: 'messages.test',
          subject: { kind: 'settings', id: null },
          details: { channel, fault },
        })
      })
    },
  }
}
