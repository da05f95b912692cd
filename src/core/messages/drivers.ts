import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Environment } from '../shared/environment.ts'
import type { Driver } from './driver.ts'
import type { Channel } from './messages.ts'
import { createOutboxDriver } from './outbox.driver.ts'
import { createSmscDriver } from './smsc.driver.ts'
import { createSmtpDriver } from './smtp.driver.ts'

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
    sms: environment.smsUrl ? createSmscDriver(environment.smsUrl) : standIn('sms'),
  }
}
