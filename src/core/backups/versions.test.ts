import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import {
  everythingIn,
  newFolder,
  numbersLeftOut,
  restored,
  verified,
} from '../../../tests/support/backups.ts'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import { onServer } from '../../../tests/support/server-commands.ts'
import { migrate } from '../shared/migrate.ts'
import { masterKey } from '../shared/key-files.ts'
import { writeBackup } from './making.ts'
import { openTarget } from './target.ts'

let app: TestApp
let work: Awaited<ReturnType<typeof newFolder>>

beforeAll(async () => {
  app = await createTestApp()
  work = await newFolder()
})
afterAll(async () => {
  await app.dispose()
  await work.remove()
})

describe('a backup of a version', () => {
  it('that is newer than this one is refused before anything is changed', async () => {
    const url = String(app.pool.options.connectionString)
    await onServer(url, `insert into migrations (name) values ('9999-of-tomorrow.sql')`)
    const { path } = await app.backups.make('console', join(work.path, randomUUID()))
    await onServer(url, `delete from migrations where name like '9999%'`)
    await expect(verified(path, await masterKey(app.environment.dataDir))).rejects.toThrow(
      'более новой версией',
    )
  })

  it('that is older is loaded as it was and brought on, as that database itself would have been', async () => {
    const [old, empty] = [await createTestDatabase('template0'), await createTestDatabase('template0')]
    await migrate(old.url, { through: '0011-cards-written-off.sql' })
    // In words that 0012, 0018 and others change.
    await onServer(
      old.url,
      `with l as (insert into libraries (code, kind, name, short_name) values ('002', 'district', 'б', 'б') returning id),
        s as (insert into staff (email, full_name, password_hash) values ('a@b.test', 'a', '') returning id),
        o as (insert into staff_roles (staff_id, library_id, role) select s.id, l.id, 'librarian' from s, l),
        b as (insert into card_batches (form_key, library_id, origin, count, first_number, last_number, made_by, made_at)
          select gen_random_uuid(), l.id, 'made', 2, '1001', '1002', s.id, now() from l, s returning id),
        a as (insert into applications (library_id, form_key, content_hash, state, full_name, birth_date, created_by, sent_at)
          select l.id, gen_random_uuid(), '', 'sent', 'n', '1990-01-01', s.id, now() from l, s returning id)
      insert into cards (number, state, batch_id, application_id, issued_at)
      select '1001', 'stock', b.id, a.id, null::timestamptz from a, b
      union all select '1003', 'expired', null, null, now()`,
    )
    const { storage, sealer } = app
    const target = await openTarget(join(work.path, randomUUID()))
    const installation = { databaseUrl: old.url, storage, sealer }
    const { path } = await writeBackup(installation, target, app.clock(), new AbortController().signal)
    await migrate(old.url)
    await verified(path, await masterKey(app.environment.dataDir))
    expect((await restored(path, empty.url, app.environment.dataDir)).logFaults).toEqual([])
    const [before, after] = [await everythingIn(old.url), await everythingIn(empty.url)]
    expect(JSON.stringify(after['cards'])).toContain('reserved')
    // When each migration ran is the only other thing that differs.
    for (const table of ['audit_log', 'audit_head', 'migrations']) {
      delete before[table]
      delete after[table]
    }
    expect(after).toEqual(numbersLeftOut(before))
    await old.drop()
    await empty.drop()
  })
})
