import type { ProviderState } from '../readers/provider-states.ts'
import type { Database, Transaction } from '../shared/db.ts'

/** Where a reader reads, and what he enters there. */
export interface Access {
  kind: 'own' | 'files'
  name: string
  address: string
  /** Where its app is had, a line each. */
  apps: readonly string[]
  instructions: string
  /** Undefined while he has none there. */
  number: string | undefined
}

/** One e-book service that a region's readers use: this system's own fund, or an outside one. */
export interface ProviderDriver {
  readonly kind: Access['kind']
  /**
   * Asks for an account of a reader who may have one. Asked again, nothing changes.
   * @returns `registered` where it is there at once, `to_register` where somebody has to go and make it
   */
  enrol(tx: Transaction, readerId: string, at: Date): Promise<ProviderState>
  /** Where the reader goes. */
  access(db: Database | Transaction, readerId: string): Promise<Access>
}
