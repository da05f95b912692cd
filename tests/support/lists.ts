import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import type { UploadInput } from '../../src/core/lists/lists.schemas.ts'
import { checkListSchema } from '../../src/core/lists/lists.schemas.ts'
import type { ListField } from '../../src/core/lists/lists.ts'
import type { ListActor } from '../../src/core/lists/upload.commands.ts'

/** Runs something with a file of these bytes. */
export async function withFile<Result>(
  content: string | Uint8Array,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-list-'))
  const path = join(folder, 'list')
  try {
    await writeFile(path, content)
    return await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An uploaded list's id. */
export const uploaded = async (
  app: App,
  actor: ListActor,
  content: string | Uint8Array,
  input: Partial<UploadInput> & { name?: string } = {},
): Promise<string> => {
  const { name = 'список.csv', ...more } = input
  const whole: UploadInput = {
    formKey: randomUUID(),
    kind: 'questionnaires',
    libraryId: '',
    tags: [],
    ...more,
  }
  const { listId } = await withFile(content, (path) => app.lists.upload(actor, whole, { path, name }))
  return listId
}

/** The mapping page's form as a browser sends it: a select per column, and the statement about consents. */
export const mappingForm = (
  columns: readonly (ListField | '')[],
  consentVersion: number,
  more: Record<string, string> = {},
) =>
  checkListSchema.parse({
    ...Object.fromEntries(columns.map((field, place) => [`column-${place}`, field])),
    consentGiven: 'on',
    consentVersion: String(consentVersion),
    signedOn: '20.11.2026',
    ...more,
  })

/** Works batches until the list rests; how many there were. */
export async function workOff(app: App, id: string, job: 'checkBatch' | 'runBatch'): Promise<number> {
  const state = job === 'checkBatch' ? 'checking' : 'running'
  for (let turns = 0; ; turns += 1) {
    const list = await app.db.selectFrom('lists').select('state').where('id', '=', id).executeTakeFirst()
    if (list?.state !== state) return turns
    await app.lists[job](id)
  }
}
