import type { App as SmartLibrary } from './app.ts'
import type { Outage } from '#core/shared/outage.ts'
import type { Actor } from '#core/staff/actors.ts'

declare global {
  namespace App {
    interface Locals {
      app: SmartLibrary
      /** Under /staff the staff member, elsewhere the reader. */
      actor: Actor
      /** What this request had to do without. */
      outage?: Outage
    }
    interface Error {
      status: number
      message: string
      /** Stable code of an expected error, or the id under which the log has an unexpected one. */
      code?: string
      /** What an expected error says besides; never personal data. */
      about?: Readonly<Record<string, string | number>>
    }
  }
}

export {}
