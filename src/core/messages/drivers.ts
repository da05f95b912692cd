import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Environment } from '../shared/environment.ts'
import type { Driver } from './driver.ts'
import type { Channel } from './messages.ts'
import { createOutboxDriver } from './outbox.driver.ts'
import { createSmsaeroDriver } from './smsaero.driver.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmsruDriver } from './smsru.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'

const smsDrivers: Record<string, (url: string) => Driver> = {
  smsc: createSmscDriver,
  smsru: createSmsruDriver,
  smsaero: createSmsaeroDriver,
}

/** The gateway that SMS_URL names by its scheme; the environment has let no other through. */
function createSmsDriver(url: string): Driver {
  const scheme = new URL(url).protocol.replace(/(\+http)?:$/, '')
  const create = smsDrivers[scheme]
  if (!create) throw new RangeError(`no SMS driver for ${scheme}`)
  return create(url)
}

/** The ways out that the environment names; in the demonstration the outbox stands in for those it doesn't. */
export function chooseDrivers(
  environment: Environment,
  origin: string,
  db: Database,
  clock: Clock,
): Record<Channel, Driver | undefined> {
  const standIn = (channel: Channel) =>
    environment.demo ? createOutboxDriver(db, clock, channel) : undefined
  return {
    email: environment.smtpUrl
      ? createSmtpDriver({
          url: environment.smtpUrl,
          from: environment.mailFrom,
          messageIdHost: new URL(origin).hostname,
        })
      : standIn('email'),
    sms: environment.smsUrl ? createSmsDriver(environment.smsUrl) : standIn('sms'),
  }
}
