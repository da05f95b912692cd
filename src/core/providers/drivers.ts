import { ownFund, usesProvider } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import type { Access, ProviderDriver } from './driver.ts'
import { createFilesDriver } from './files.driver.ts'
import { createOwnDriver } from './own.driver.ts'

/** The services that a region's readers use. */
export const driversOf = (settings: Settings, origin: string): ProviderDriver[] => [
  ...(ownFund(settings) ? [createOwnDriver(settings, origin)] : []),
  ...(usesProvider(settings) ? [createFilesDriver(settings)] : []),
]

export const createWhereToRead = ({ db, origin }: { db: Database; origin: string }) =>
  /** Where the reader reads besides this system, and what he enters there; undefined where there is nothing. */
  async function elsewhere(actor: ReaderActor): Promise<Access | undefined> {
    const outside = driversOf(await readSettings(db), origin).find(({ kind }) => kind === 'files')
    const access = await outside?.access(db, actor.readerId)
    return access?.number === undefined ? undefined : access
  }
