import { SheetFault } from '#protocols/sheet/sheet.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { addLibrary, nextCodes, shortLibraryName } from '../network/network.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { expected } from '../shared/errors.ts'
import type { SheetReader } from '../shared/sheet-reader.ts'
import { certain, sheetBytes } from '../shared/sheet-reader.ts'
import { storable } from '../shared/storable.ts'
import type { Authorised } from '../staff/actors.ts'
import type { LibraryRowFault } from './setup.ts'
import { libraryFaults, linesOf, typedLibraries } from './setup.ts'

export const listUnreadable = expected('setup.list_unreadable', 422)
export const listTooLarge = expected('setup.list_too_large', 422)
/** Of two lists at once neither is dropped unseen. */
export const listAndFile = expected('setup.list_and_file', 422)
export const listEmpty = expected('setup.list_empty', 422)

/** The district libraries of a new region, many at once. */
export function createDistricts(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sheetReader: SheetReader
}) {
  const { db, clock, audit, sheetReader } = deps
  return {
    /**
     * The rows of an uploaded table as lines that could have been typed; of the file nothing is kept.
     * @param typed the list that was typed beside it
     * @param encoding of its text, where a person has named it
     * @throws listAndFile, listUnreadable, listTooLarge, fileEncoding
     */
    async readFile(
      _actor: Authorised<'settings.change'>,
      path: string,
      typed: string,
      encoding?: TextEncoding,
    ): Promise<string> {
      if (typed.trim() !== '') throw listAndFile()
      try {
        const bytes = await sheetBytes(path)
        return storable(linesOf(certain(bytes, await sheetReader.sheet(bytes, encoding)).rows))
      } catch (error) {
        if (!(error instanceof SheetFault)) throw error
        throw error.code === 'too_large' ? listTooLarge() : listUnreadable()
      }
    },

    /**
     * Adds all libraries of a list under the next codes, or, when a row is wrong, none of them.
     * @returns what is wrong; how many were added otherwise
     * @throws listEmpty, networkFull
     */
    async add(
      actor: Authorised<'settings.change'>,
      list: string,
    ): Promise<{ added: number; faults: LibraryRowFault[] }> {
      const typed = typedLibraries(list)
      if (typed.length === 0) throw listEmpty()
      return inTransaction(db, async (tx) => {
        const codes = await nextCodes(tx, typed.length)
        const known = await tx.selectFrom('libraries').select('name').execute()
        const faults = libraryFaults(
          typed,
          known.map(({ name }) => name),
        )
        if (faults.length > 0) return { added: 0, faults }
        for (const [index, { row: _row, ...library }] of typed.entries())
          await addLibrary(tx, {
            ...library,
            code: codes[index] ?? '',
            kind: 'district',
            short_name: shortLibraryName(library.name),
            municipality: '',
          })
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'setup.add-libraries',
          subject: { kind: 'settings', id: null },
          details: { libraries: typed.length },
        })
        return { added: typed.length, faults: [] }
      })
    },
  }
}
