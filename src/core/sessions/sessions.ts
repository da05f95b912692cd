import { randomBytes } from 'node:crypto'
import { days, hours } from '../shared/clock.ts'

/** Readers stay signed in on their own phone; staff share old PCs. Both slide with use. */
export const sessionLength = { reader: days(90), staff: hours(12) } as const

export type SessionKind = keyof typeof sessionLength

export const newToken = (): string => randomBytes(32).toString('base64url')
