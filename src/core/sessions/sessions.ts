import { randomBytes } from 'node:crypto'
import { after, days, hours } from '../shared/clock.ts'

/** How long a session lasts unused: readers stay signed in on their own phone; staff share old PCs. */
const unusedFor = { reader: days(90), staff: hours(12) } as const
/** Used each day or not, then the password is asked for again. */
const inAll = { reader: days(366), staff: days(7) } as const

export type SessionKind = keyof typeof inAll

/** When a session that is used now ends. */
export const endOf = (kind: SessionKind, createdAt: Date, now: Date): Date =>
  new Date(Math.min(after(now, unusedFor[kind]).getTime(), lastEndOf(kind, createdAt).getTime()))

/** When it ends at the latest. */
export const lastEndOf = (kind: SessionKind, createdAt: Date): Date => after(createdAt, inAll[kind])

export const newToken = (): string => randomBytes(32).toString('base64url')
