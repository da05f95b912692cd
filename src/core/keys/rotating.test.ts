import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../app.ts'
import { createApp } from '../../app.ts'
import type { TestNetwork } from '../../../tests/support/app.ts'
import { createTestNetwork, testStart } from '../../../tests/support/app.ts'
import type { TestDatabase } from '../../../tests/support/postgres.ts'
import { createTestDatabase } from '../../../tests/support/postgres.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { onServer } from '../../../tests/support/server-commands.ts'
import { homeTermsVersion } from '../applications/home.ts'
import { linkOf } from '../audit/chain.ts'
import { makeCode, openCode } from '../readers/recovery-codes.ts'
import { openPasswords } from '../readers/readers.commands.ts'
import { inTransaction, openDatabase, openPool } from '../shared/db.ts'
import { readEnvironment } from '../shared/environment.ts'
import { createLog } from '../shared/log.ts'
import { runChild } from '../shared/postgres/children.fixtures.ts'
import { createSealer, fingerprintOf } from '../shared/sealing.ts'
import { authorise, consoleActor } from '../staff/actors.ts'
import { linkAddress, makeLink, standingLink } from '../staff/links.ts'
import { replaceCodes } from '../staff-access/recovery-codes.ts'
import { beginSecret, pendingSecret } from '../staff-access/stored-totp.ts'
import { keyInForce } from './in-force.ts'
import { rotateKey } from './rotating.ts'

const clock = () => new Date(testStart)
const homeForm = '01a226c7-0041-7142-886d-98b29bc83f2c'

let database: TestDatabase
let dataDir: string
let app: App
let network: TestNetwork
let reader: RegisteredReader
/** What people have in hand before the key changes. */
let before: { key: Buffer; home: string; code: string | undefined; secret: string | undefined; link: string }

const opened = (folder = dataDir) =>
  createApp({
    environment: readEnvironment({ SMART_DATA_DIR: folder, ORIGIN: 'http://library.test', SMART_DEMO: '1' }),
    databaseUrl: database.url,
    log: createLog('silent'),
    clock,
  })

beforeEach(async () => {
  database = await createTestDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'smart-key-'))
  app = await opened()
  network = await createTestNetwork(app)
  reader = await registeredReader(app, network, { email: 'one@reader.test' })
  const { sealer } = app
  const { staffId } = network.operator
  await inTransaction(app.db, async (tx) => {
    await makeCode(tx, sealer, clock(), reader.actor.readerId)
    for (const id of [staffId, network.admin.staffId]) await beginSecret(tx, sealer, id)
    await replaceCodes(tx, sealer, staffId)
    await makeLink(tx, sealer, clock(), { staffId: network.curator.staffId, purpose: 'invitation' })
  })
  await app.pool.query('update staff_totp set sealed = pending, pending = null where staff_id = $1', [
    network.admin.staffId,
  ])
  await app.homeForms.keep(
    {
      formKey: homeForm,
      fullName: 'Домашняя Ольга Львовна',
      birthDate: '1991-04-05',
      email: null,
      phone: '+79101234567',
      guardianName: '',
      guardianRelation: '',
      libraryId: null,
      agreed: true,
      termsVersion: homeTermsVersion,
      website: '',
    },
    'at home',
  )
  before = {
    key: await readFile(join(dataDir, 'secret.key')),
    home: (await app.homeForms.receipt(homeForm))?.code ?? '',
    ...(await inHand(app)),
  }
})
afterEach(async () => {
  await app.close().catch(() => {})
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

/** What seals open to. */
async function inHand({ db, sealer, origin }: App) {
  const link = await standingLink(db, clock(), network.curator.staffId)
  return {
    code: await inTransaction(db, (tx) => openCode(tx, sealer, clock(), reader.actor.readerId)),
    secret: await pendingSecret(db, sealer, network.operator.staffId),
    link: link ? linkAddress(sealer, origin, link) : '',
  }
}

async function rotated(options: { lost: boolean } = { lost: false }) {
  const db = openDatabase(openPool(database.url, 1))
  return rotateKey({ db, clock, dataDir }, consoleActor(), options).finally(() => db.destroy())
}
const keyFiles = async () => (await readdir(dataDir)).filter((name) => name.startsWith('secret')).toSorted()
const inDatabase = async () =>
  ((await onServer(database.url, 'select key from audit_head')).rows as { key: string }[])[0]?.key

/** All that was sealed opens, the log is whole and goes on. */
async function expectEverything(): Promise<void> {
  const now = await inHand(app)
  expect([now.code, now.secret]).toEqual([before.code, before.secret])
  const { initial } = await openPasswords(app.db, app.sealer, clock(), reader.actor.readerId)
  expect(initial).toBe(reader.password)
  await registeredReader(app, network)
  expect(await app.audit.verify(app.db)).toBeUndefined()
}

describe('a new key', () => {
  it('opens all that the old one had sealed, and the old one opens nothing any more', async () => {
    await app.close()
    const rotation = await rotated()
    expect(rotation).toEqual({ before: fingerprintOf(before.key), withoutCodes: 1, withoutLink: 1 })
    app = await opened()
    await expectEverything()
    expect(await readFile(join(dataDir, 'secret.key'))).not.toEqual(before.key)
    expect(await readFile(join(dataDir, `secret.key.${rotation.before}`))).toEqual(before.key)
    expect(await keyFiles()).toHaveLength(2)

    const old = createSealer(before.key)
    const { rows } = await onServer(
      database.url,
      `select sealed, reader_id || '/' || purpose as context from sealed_passwords
       union all select sealed, reader_id || '/recovery' from recovery_codes
       union all select coalesce(sealed, pending), staff_id || '/totp' from staff_totp
       union all select sealed, 'retired key' from retired_keys`,
    )
    expect(rows.length).toBeGreaterThan(4)
    for (const { sealed, context } of rows as { sealed: Buffer; context: string }[]) {
      expect(() => old.open(sealed, context)).toThrow()
      app.sealer.open(sealed, context)
    }
  })

  it('leaves the code of a form from home as it was written down, and ends links and spare codes that were given out', async () => {
    await app.close()
    await rotated()
    app = await opened()
    const writer = authorise(network.librarian, 'applications.write')
    expect((await app.homeForms.callUp(writer, network.bui, before.home, 'here')).draftId).toBeTruthy()
    const key = (link: string) => new URL(link).searchParams.get('key') ?? ''
    await expect(app.staffing.openLink('invitation', key(before.link))).rejects.toThrow('wrong_link')
    const { link } = await inHand(app)
    expect(await app.staffing.openLink('invitation', key(link))).toBeTruthy()
    expect(await app.db.selectFrom('staff_recovery_codes').selectAll().execute()).toEqual([])
  })

  it('is one of any number: the log is checked across all of them, by the last alone', async () => {
    for (let turn = 0; turn < 3; turn += 1) {
      await app.close()
      await rotated()
      app = await opened()
      await expectEverything()
    }
    await app.pool.query(`update audit_log set action = 'readers.find' where seq = 1`)
    const faults = await app.audit.verify(app.db)
    expect(faults).toEqual([{ kind: 'changed', from: 1, to: 1 }])
  })

  it('is not made while a process works, nor while one may', async () => {
    await expect(rotated()).rejects.toThrow('Смарт-библиотека работает')
    await app.close()
    await onServer(
      database.url,
      `insert into processes (id, role, works, reads_mail, started_at, seen_at, clock_ahead)
       values (gen_random_uuid(), 'web', false, false, now(), now(), 0)`,
    )
    await expect(rotated()).rejects.toThrow('Смарт-библиотека работает')
    expect(await inDatabase()).toBe(fingerprintOf(before.key))
    expect(await keyFiles()).toEqual(['secret.key'])
    app = await opened()
    await expectEverything()
  })

  it('stops a process that was overlooked: nothing that it does is committed', async () => {
    await app.pool.query(`update audit_head set key = $1`, [fingerprintOf(Buffer.alloc(32, 1))])
    await expect(registeredReader(app, network, { fullName: 'Никто Иван Иванович' })).rejects.toThrow(
      'key was changed',
    )
    const { rows } = await onServer(database.url, `select from applications where full_name like 'Никто%'`)
    expect(rows).toEqual([])
  })

  it('leaves nothing to whoever has the old one: a log rebuilt with it is found', async () => {
    await app.close()
    await rotated()
    app = await opened()
    await registeredReader(app, network)
    const old = createSealer(before.key)
    const rows = await app.db.selectFrom('audit_log').selectAll().orderBy('seq').execute()
    const at = rows.find(({ action }) => action === 'keys.rotate')?.seq ?? 0
    expect(at).toBeGreaterThan(2)
    let mac: Buffer = Buffer.alloc(0)
    for (const row of rows) {
      const action = row.seq === 2 ? 'readers.find' : row.action
      mac = linkOf(old, mac, { ...row, action })
      await app.db.updateTable('audit_log').set({ action, mac }).where('seq', '=', row.seq).execute()
    }
    await app.db.updateTable('audit_head').set({ mac }).execute()
    expect(await app.audit.verify(app.db)).toEqual([{ kind: 'rebuilt', from: at, to: rows.length }])
    await app.pool.query('delete from retired_keys')
    expect(await app.audit.verify(app.db)).toEqual([{ kind: 'rebuilt', from: 1, to: rows.length }])
  })
})

describe('a change of keys that is killed', () => {
  for (const point of ['key:kept', 'key:sealed', 'key:committed'])
    it(`at ${point} leaves all readable for however many starts, and can be made again`, async () => {
      await app.close()
      const child = runChild(
        `
          import { rotateKey } from '#core/keys/rotating.ts'
          import { openDatabase, openPool } from '#core/shared/db.ts'
          import { consoleActor } from '#core/staff/actors.ts'
          const db = openDatabase(openPool(${JSON.stringify(database.url)}, 1))
          const deps = { db, clock: () => new Date(), dataDir: ${JSON.stringify(dataDir)} }
          await rotateKey(deps, consoleActor(), { lost: false })
          say('changed')
        `,
        { env: { SMART_TEST_KILL_AT: point } },
      )
      await child.exited
      await expect(child.line()).rejects.toThrow('ended')
      const changed = (await inDatabase()) !== fingerprintOf(before.key)
      expect(changed).toBe(point === 'key:committed')
      const twins = await Promise.all([opened(), opened(), opened()])
      for (const twin of twins) await twin.close()
      app = await opened()
      await expectEverything()
      expect(fingerprintOf(await readFile(join(dataDir, 'secret.key')))).toBe(await inDatabase())
      await app.close()
      await rotated()
      app = await opened()
      await expectEverything()
    })
})

describe('a start', () => {
  it('with another key, or without the one that there was, is refused with a sentence and makes none', async () => {
    await app.close()
    await rm(join(dataDir, 'secret.key'))
    await expect(opened()).rejects.toThrow('нет ключа, с которым работает эта база')
    expect(await keyFiles()).toEqual([])
    await writeFile(join(dataDir, 'secret.key'), Buffer.alloc(32, 1))
    await expect(opened()).rejects.toThrow('нет ключа, с которым работает эта база')
    // As a version that didn't know of this has left it.
    await onServer(database.url, 'update audit_head set key = null')
    await rm(join(dataDir, 'secret.key'))
    await expect(opened()).rejects.toThrow('нет ключа, с которым работает эта база')
    await writeFile(join(dataDir, 'secret.key'), before.key)
    app = await opened()
    await expectEverything()
  })

  it('finds the key that a restored database wants among those that were kept, and loses none', async () => {
    await app.close()
    await rotated()
    const newer = await readFile(join(dataDir, 'secret.key'))
    await onServer(database.url, 'update audit_head set key = $1', [fingerprintOf(before.key)])
    const db = openDatabase(openPool(database.url, 1))
    expect(await keyInForce(db, dataDir).finally(() => db.destroy())).toEqual(before.key)
    expect(await readFile(join(dataDir, `secret.key.${fingerprintOf(newer)}`))).toEqual(newer)
  })
})

describe('a key that was lost', () => {
  it('is replaced by the console only when it is lost; passwords work on, and the log can be checked from there', async () => {
    await app.close()
    await expect(rotated({ lost: true })).rejects.toThrow('Ключ на месте')
    await rm(join(dataDir, 'secret.key'))
    await expect(rotated()).rejects.toThrow('нет ключа')
    expect(await rotated({ lost: true })).toEqual({ before: undefined, withoutCodes: 1, withoutLink: 1 })
    app = await opened()
    await app.sessions.signInReader(
      { cardNumber: reader.card, password: reader.password },
      { address: '127.0.0.1', userAgent: '' },
    )
    for (const table of ['sealed_passwords', 'recovery_codes', 'staff_totp'] as const)
      expect(await app.db.selectFrom(table).selectAll().execute(), table).toEqual([])
    await registeredReader(app, network)
    expect(await app.audit.verify(app.db)).toBeUndefined()
    await app.pool.query(`update audit_log set at = now() where action = 'keys.rotate'`)
    expect(await app.audit.verify(app.db)).toHaveLength(1)
  })
})

describe('who seals, or makes something out of the key,', () => {
  it('is known to the change of keys: whoever comes new has to be taken along there', async () => {
    const core = new URL('../', import.meta.url)
    const files = (await readdir(core, { recursive: true })).filter((name) =>
      /(?<!\.test|\.fixtures)\.ts$/.test(name),
    )
    const users = []
    for (const name of files)
      if (/sealer\.(seal|blind|mac)\(/.test(await readFile(new URL(name, core), 'utf8'))) users.push(name)
    expect(users.toSorted()).toEqual([
      // Codes of forms from home.
      'applications/home.ts',
      // The log's links, which `retired_keys` checks.
      'audit/chain.ts',
      // A backup is restored with the key of its day.
      'backups/manifest.ts',
      // Passwords of an outside provider.
      'readers/provider-accounts.ts',
      'readers/readers.commands.ts',
      'readers/recovery-codes.ts',
      // Limits: they end.
      'sessions/limits.ts',
      // The link of a first start: printed anew.
      'setup/setup.commands.ts',
      // Spare codes of staff: they end.
      'staff-access/recovery-codes.ts',
      // Between password and second factor: typed again.
      'staff-access/staff-sign-in.commands.ts',
      'staff-access/stored-totp.ts',
      // Links of staff: they end.
      'staff/links.ts',
    ])
  })
})
