import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp } from '../../../tests/support/app.ts'
import { faultText } from '../../cli/audit.ts'
import { inTransaction } from '../shared/db.ts'
import { createSealer } from '../shared/sealing.ts'
import { consoleActor } from '../staff/actors.ts'
import { linkOf } from '../audit/chain.ts'

let app: TestApp
let outside: string

beforeAll(async () => {
  app = await createTestApp()
  outside = join(app.environment.dataDir, 'audit.head')
})
afterAll(() => app.dispose())

const append = (count: number) =>
  inTransaction(app.db, (tx) =>
    app.audit.append(
      tx,
      ...Array.from({ length: count }, (_, n) => ({
        at: app.clock(),
        actor: { kind: 'system' } as const,
        action: 'readers.open',
        subject: { kind: 'reader', id: null },
        details: { n },
      })),
    ),
  )

/** Twenty entries, and the head kept outside. */
beforeEach(async () => {
  await app.pool.query(`truncate audit_log`)
  await app.pool.query(`update audit_head set seq = 0, mac = ''`)
  await rm(outside, { force: true })
  await append(20)
  await app.auditHead.follow()
})

const spoil = (command: string) => app.pool.query(command)
const found = async () =>
  ((await app.auditHead.verify()) ?? []).map(({ kind, from, to }) => `${kind} ${from}–${to}`)

/** What somebody without the key can do: put links of his own over whatever he has made of the entries. */
async function rebuild(from: number): Promise<void> {
  const stranger = createSealer(Buffer.alloc(32, 7))
  const rows = await app.db.selectFrom('audit_log').selectAll().orderBy('seq').execute()
  let mac = rows.find(({ seq }) => seq === from - 1)?.mac ?? Buffer.alloc(0)
  for (const row of rows.filter(({ seq }) => seq >= from)) {
    mac = linkOf(stranger, mac, row)
    await app.db.updateTable('audit_log').set({ mac }).where('seq', '=', row.seq).execute()
  }
  await app.db
    .updateTable('audit_head')
    .set({ seq: rows.at(-1)?.seq ?? 0, mac })
    .execute()
}

describe('a check of the log', () => {
  it('finds nothing in a whole one, also while entries come', async () => {
    expect(await app.auditHead.verify()).toBeUndefined()
    const adding = (async () => {
      for (let n = 0; n < 20; n += 1) await append(2)
    })()
    for (let n = 0; n < 10; n += 1) expect(await app.auditHead.verify()).toBeUndefined()
    await adding
    expect(await app.auditHead.verify()).toBeUndefined()
  })

  it.each([
    ['what was done', `update audit_log set action = 'readers.find' where seq = 7`],
    ['who did it', `update audit_log set actor_id = gen_random_uuid() where seq = 7`],
    ['when', `update audit_log set at = at - interval '1 day' where seq = 7`],
    ['about whom', `update audit_log set subject_id = 'x' where seq = 7`],
    ['which fields', `update audit_log set details = '{"n": 5}' where seq = 7`],
  ])('says which entry was changed: %s', async (_, command) => {
    await spoil(command)
    expect(await found()).toEqual(['changed 7–7'])
  })

  it('says so of the last one, too, and of several in a row that end the log', async () => {
    await spoil(`update audit_log set action = 'readers.find' where seq >= 18`)
    expect(await found()).toEqual(['changed 18–20'])
  })

  it('says which entries were removed', async () => {
    await spoil('delete from audit_log where seq in (1, 9, 10, 11)')
    expect(await found()).toEqual(['removed 1–1', 'removed 9–11'])
  })

  it('says where the tail was cut, even where the database’s note of the end was cut with it', async () => {
    await spoil('delete from audit_log where seq > 15')
    expect(await found()).toEqual(['cut 16–20'])
    await spoil(`update audit_head set (seq, mac) = (select seq, mac from audit_log where seq = 15)`)
    expect(await found()).toEqual(['cut 16–20'])
    expect(await app.audit.verify(app.db), 'without the head outside nobody would know').toBeUndefined()
  })

  it('says from where the chain was rebuilt without the key', async () => {
    await spoil(`update audit_log set action = 'readers.find' where seq = 12`)
    await rebuild(12)
    expect(await found()).toEqual(['rebuilt 12–20'])
  })

  it('finds entries that were taken out, the rest renumbered and rebuilt', async () => {
    await spoil('delete from audit_log where seq = 5')
    await spoil('update audit_log set seq = seq - 1 where seq > 5')
    await rebuild(5)
    expect(await found()).toEqual(['rebuilt 5–19', 'cut 20–20'])
  })

  it('tells several faults apart', async () => {
    await spoil(`update audit_log set action = 'readers.find' where seq = 3`)
    await spoil('delete from audit_log where seq in (8, 9)')
    await spoil('delete from audit_log where seq > 18')
    expect(await found()).toEqual(['changed 3–3', 'removed 8–9', 'cut 19–20'])
  })

  it('finds a note of the end that was changed by itself', async () => {
    await spoil('update audit_head set seq = 19')
    expect(await found()).toEqual(['head 19–20'])
  })

  it('is told in sentences', () => {
    expect(faultText({ kind: 'changed', from: 7, to: 7 })).toBe('Запись 7: изменена.')
    expect(faultText({ kind: 'removed', from: 9, to: 11 })).toBe('Записи 9–11: удалены.')
    expect(faultText({ kind: 'cut', from: 16, to: 20 })).toBe('Записи 16–20: отрезаны с конца журнала.')
    expect(faultText({ kind: 'rebuilt', from: 12, to: 20 })).toBe(
      'Записи 12–20: цепочка составлена заново без ключа.',
    )
  })
})

describe('the head outside the database', () => {
  const kept = async () => (JSON.parse(await readFile(outside, 'utf8')) as { seq: number }).seq

  it('follows the log while the chain is sound, and stays where it was as soon as it isn’t', async () => {
    await append(3)
    expect(await app.auditHead.follow()).toBe(true)
    expect(await kept()).toBe(23)
    await append(2)
    await spoil(`update audit_log set action = 'readers.find' where seq = 24`)
    expect(await app.auditHead.follow()).toBe(false)
    expect(await kept()).toBe(23)
  })

  it('doesn’t go back with a log whose tail was cut', async () => {
    await spoil('delete from audit_log where seq > 15')
    await spoil(`update audit_head set (seq, mac) = (select seq, mac from audit_log where seq = 15)`)
    expect(await app.auditHead.follow()).toBe(false)
    await append(9)
    expect(await app.auditHead.follow()).toBe(false)
    expect(await found()).toEqual(['another 20–24'])
    expect(await kept()).toBe(20)
  })

  it('gives a sign while the log is whole, and none as soon as it isn’t', async () => {
    const signed = () => app.db.selectFrom('signs').select('name').where('name', '=', 'audit').execute()
    expect(await signed()).toHaveLength(1)
    await app.db.deleteFrom('signs').execute()
    await append(2)
    await spoil(`update audit_log set action = 'readers.find' where seq = 21`)
    await app.auditHead.follow()
    expect(await signed()).toEqual([])
  })

  it('takes a restored log over from the console only, and the log says so', async () => {
    await spoil('delete from audit_log where seq > 15')
    await spoil(`update audit_head set (seq, mac) = (select seq, mac from audit_log where seq = 15)`)
    await app.auditHead.accept(consoleActor())
    expect(await app.auditHead.verify()).toBeUndefined()
    const entry = await app.db.selectFrom('audit_log').selectAll().where('seq', '=', 16).executeTakeFirst()
    expect([entry?.action, entry?.details]).toEqual(['audit.accept-head', { before: 20 }])
  })

  it('that can’t be read is told, not passed over', async () => {
    await writeFile(outside, 'nonsense')
    await expect(app.auditHead.verify()).rejects.toThrow('повреждён')
  })
})
