import type { AuditLog } from '../audit/audit.ts'
import { byStaffOrConsole } from '../audit/audit.ts'
import { changeSettings } from '../settings/changing.ts'
import { formOf, readSettings, settingsOf } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { inTransaction, sql, violatedUnique } from '../shared/db.ts'
import { expected, notFound } from '../shared/errors.ts'
import type { Authorised, ConsoleActor } from '../staff/actors.ts'
import type { Library } from './network.ts'
import { addLibrary, libraryById, listLibraries, nextCodes, shortLibraryName } from './network.ts'
import type { Department, LibraryInput } from './network.schemas.ts'

export const codeTaken = expected('network.code_taken', 409)
/** Cards or questionnaires carry it: it stays what it is. */
export const codeInUse = expected('network.code_in_use', 409)
export const centralStays = expected('network.central_stays', 409)
/** With `count` of the questionnaires that wait. */
export const questionnairesWait = expected('network.questionnaires_wait', 409)

const departmentSettings = {
  name: 'department.name',
  phone: 'department.phone',
  email: 'department.email',
} as const

/** Libraries join, change and close. */
export function createNetworkCommands(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps

  const note = (
    tx: Transaction,
    actor: Authorised<'network.manage'> | ConsoleActor,
    action: string,
    libraryId: string,
    fields?: readonly string[],
  ) =>
    audit.append(tx, {
      at: clock(),
      actor: byStaffOrConsole(actor),
      action,
      subject: { kind: 'library', id: libraryId },
      libraryId,
      ...(fields && { details: { fields } }),
    })

  /** Two libraries that get a code at once: the second is told. */
  const uniqueCode = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw violatedUnique(error) === 'libraries_code_key' ? codeTaken() : error
    }
  }

  return {
    list: (_actor: ConsoleActor) => listLibraries(db),

    /** Adds a district library, under the next free code unless one is given. @throws networkFull, codeTaken */
    add: (
      actor: Authorised<'network.manage'> | ConsoleActor,
      { code, ...library }: Omit<LibraryInput, 'code'> & { code?: string },
    ): Promise<Library> =>
      uniqueCode(() =>
        inTransaction(db, async (tx) => {
          const [nextCode = ''] = code ? [code] : await nextCodes(tx, 1)
          const id = await addLibrary(tx, {
            ...library,
            code: nextCode,
            kind: 'district',
            short_name: shortLibraryName(library.name),
            municipality: '',
          })
          await note(tx, actor, 'network.add', id)
          return libraryById(tx, id)
        }),
      ),

    /** @throws codeTaken, codeInUse, notFound */
    change: (actor: Authorised<'network.manage'>, id: string, typed: LibraryInput): Promise<void> =>
      uniqueCode(() =>
        inTransaction(db, async (tx) => {
          const before = await lockLibrary(tx, id)
          const after = { ...typed, code: typed.code || before.code }
          const fields = (['name', 'code', 'address', 'phone', 'email'] as const).filter(
            (field) => before[field] !== after[field],
          )
          if (fields.length === 0) return
          if (fields.includes('code') && (await isCarried(tx, id))) throw codeInUse()
          const renamed = fields.includes('name') ? { short_name: shortLibraryName(after.name) } : {}
          await tx
            .updateTable('libraries')
            .set({ ...after, ...renamed })
            .where('id', '=', id)
            .execute()
          await note(tx, actor, 'network.change', id, fields)
        }),
      ),

    /**
     * Takes a library out of the network: nobody works there any more, it stands in no choice. Its readers and their
     * cards stay as they are. @throws centralStays, questionnairesWait, notFound
     */
    close: (actor: Authorised<'network.manage'>, id: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const library = await lockLibrary(tx, id)
        if (library.kind === 'central') throw centralStays()
        if (library.closed_at) return
        const { count } = await tx
          .selectFrom('applications')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('library_id', '=', id)
          .where('state', 'in', ['sent', 'returned'])
          .executeTakeFirstOrThrow()
        if (Number(count) > 0) throw questionnairesWait({ count: Number(count) })
        await tx.updateTable('libraries').set({ closed_at: clock() }).where('id', '=', id).execute()
        await note(tx, actor, 'network.close', id)
      }),

    /** Those who worked there may again. @throws notFound */
    reopen: (actor: Authorised<'network.manage'>, id: string): Promise<void> =>
      inTransaction(db, async (tx) => {
        const library = await lockLibrary(tx, id)
        if (!library.closed_at) return
        await tx.updateTable('libraries').set({ closed_at: null }).where('id', '=', id).execute()
        await note(tx, actor, 'network.reopen', id)
      }),

    /** Whom libraries ask; it stands in letters to them. */
    async department(_actor: Authorised<'network.manage'>): Promise<Department> {
      return formOf(departmentSettings, await readSettings(db))
    },

    changeDepartment: (actor: Authorised<'network.manage'>, typed: Partial<Department>): Promise<void> =>
      inTransaction(db, async (tx) => {
        await changeSettings(tx, deps, actor, settingsOf(departmentSettings, typed))
      }),
  }
}

async function lockLibrary(tx: Transaction, id: string) {
  const library = await tx
    .selectFrom('libraries')
    .select(['kind', 'name', 'code', 'address', 'phone', 'email', 'closed_at'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (!library) throw notFound()
  return library
}

/** Whether a library's code stands on cards, on forms that were sent, or in readers' numbers. */
async function isCarried(tx: Transaction, id: string): Promise<boolean> {
  const { rows } = await sql<{ carried: boolean }>`
    select exists (select from readers where library_id = ${id})
      or exists (select from applications where library_id = ${id})
      or exists (select from card_batches where library_id = ${id}) as carried`.execute(tx)
  return rows[0]?.carried ?? false
}
