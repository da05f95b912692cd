import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import type { AgeMark } from '../../src/core/catalogue/age.ts'
import type { NewLicence } from '../../src/core/licences/licences.ts'
import type { ReaderActor } from '../../src/core/staff/actors.ts'
import { consoleActor } from '../../src/core/staff/actors.ts'
import type { MadeEpub } from '../../src/protocols/epub/epub.fixtures.ts'
import { madeEpub } from '../../src/protocols/epub/epub.fixtures.ts'

/** A reader as a registration would leave one, without its papers. */
export async function addReader(app: App, libraryId: string, birthDate = '1990-01-01'): Promise<ReaderActor> {
  const { id } = await app.db
    .insertInto('readers')
    .values({
      library_id: libraryId,
      full_name: 'Читатель Проверочный',
      name_key: `reader ${randomUUID()}`,
      birth_date: birthDate,
      password_hash: '',
      password_generated: true,
      created_at: app.clock(),
      renewed_at: app.clock(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { kind: 'reader', readerId: id, fullName: '', birthDate }
}

/** Takes a made EPUB into the fund, through the import that curators use; its publication's id. */
export async function addBook(
  app: App,
  made: MadeEpub | Buffer,
  terms: { ageMark?: AgeMark | null; licence?: NewLicence | null } = {},
): Promise<string> {
  const path = join(tmpdir(), `smart-book-${randomUUID()}.epub`)
  await writeFile(path, Buffer.isBuffer(made) ? made : await madeEpub(made))
  try {
    const { ageMark = 0, licence = { kind: 'open' } } = terms
    const outcome = await app.fund.importFile(consoleActor(), path, 'book.epub', { ageMark, licence })
    if (outcome.kind === 'fault') throw new Error(`the book was refused: ${outcome.code}`)
    return outcome.id
  } finally {
    await rm(path, { force: true })
  }
}
