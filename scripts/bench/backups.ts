import { cp, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../../src/app.ts'
import { inTransaction, sql } from '../../src/core/shared/db.ts'
import { keyPath, masterKey } from '../../src/core/shared/key-files.ts'
import { restored, verified } from '../../tests/support/backups.ts'
import { newDataDir, removeDataDir } from '../../tests/support/system.ts'
import { readerCount } from './large-region.ts'
import type { Region } from './region.ts'
import type { Row } from './rows.ts'
import { figure, megabytes, seconds } from './rows.ts'

const entriesPerReader = 5
const batch = 2000

/** What the commands do, in this process; the system serves nobody meanwhile. Fills the region for it, so comes last. */
export async function backupRows(region: Region): Promise<Row[]> {
  const app = await region.app()
  await fillHistory(app)
  const work = await newDataDir()
  const name = 'bench_restored'
  await app.pool.query(`create database ${name} template template0`)
  try {
    const path = join(work, 'whole.tar')
    const { took: made, result } = await timed(() => app.backups.make('console', path))
    const { dataDir } = app.environment
    await cp(keyPath(dataDir), keyPath(work))
    const { took: checked } = await timed(async () => verified(path, await masterKey(work)))
    const url = new URL(String(app.pool.options.connectionString))
    url.pathname = `/${name}`
    const { took: loaded } = await timed(() => restored(path, url.href, work))
    const { rows } = await app.pool.query<{ size: number }>(
      'select pg_database_size(current_database()) as size',
    )
    const of = `${figure(readerCount)} readers`
    return [
      {
        what: `a backup, ${of}`,
        measured: `${seconds(made)}; ${megabytes((await stat(path)).size)}`,
        how: `one file; ${figure(result.rows)} rows, of them ${figure(readerCount * entriesPerReader)} of the log; the database takes ${megabytes(rows[0]?.size ?? 0)}; the demonstration's books besides`,
      },
      {
        what: `a restore, ${of}`,
        measured: seconds(checked + loaded),
        how: `read and verified ${seconds(checked)}; loaded, brought on, the log checked ${seconds(loaded)}`,
      },
    ]
  } finally {
    await app.pool.query(`drop database ${name} with (force)`)
    await removeDataDir(work)
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<{ took: number; result: Result }> {
  const began = performance.now()
  const result = await work()
  return { took: performance.now() - began, result }
}

/** What comes with readers over the years: a questionnaire, a consent, two messages and five entries of the log each. */
async function fillHistory(app: App): Promise<void> {
  const people = sql`(select r.id, r.library_id, r.full_name, r.birth_date, r.email, r.created_at, s.id as staff_id
    from readers r, (select id from staff order by email limit 1) s where r.name_key like 'bench %')`
  await sql`with a as (
      insert into applications (library_id, form_key, content_hash, state, full_name, birth_date, email, created_by,
        sent_at, decided_by, decided_at, reader_id)
      select library_id, gen_random_uuid(), sha256(id::text::bytea), 'registered', full_name, birth_date, email, staff_id,
        created_at, staff_id, created_at, id from ${people} p
      returning id, reader_id, created_by, sent_at)
    insert into consents (application_id, reader_id, text_version, basis, channel, taken_by, taken_at)
      select a.id, a.reader_id, t.version, 'self', 'paper', a.created_by, a.sent_at
      from a, (select max(version) as version from consent_texts where kind = 'processing') t`.execute(app.db)
  await sql`insert into messages (channel, event, recipient, reader_id, library_id, state, attempts, created_at, sent_at)
    select c.channel, 'reader.registered', p.email, p.id, p.library_id, 'sent', 1, p.created_at, p.created_at
    from ${people} p, (values ('email'), ('sms')) c(channel)`.execute(app.db)
  const { rows } = await sql<{ id: string; staff: string }>`
    select id, staff_id as staff from ${people} p`.execute(app.db)
  const all = rows.flatMap(({ id, staff }) =>
    Array.from({ length: entriesPerReader }, () => ({
      at: new Date(),
      actor: { kind: 'staff' as const, id: staff },
      action: 'readers.open',
      subject: { kind: 'reader', id },
    })),
  )
  for (let at = 0; at < all.length; at += batch)
    await inTransaction(app.db, (tx) => app.audit.append(tx, ...all.slice(at, at + batch)))
}
