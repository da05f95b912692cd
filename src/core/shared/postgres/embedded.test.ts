import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { onServer } from '../../../../tests/support/server-commands.ts'
import { asOrdinaryUser, runChild } from './children.fixtures.ts'
import { startEmbeddedPostgres } from './embedded.ts'
import { isAlive, until } from './processes.ts'
import { stopOrphan } from './server.ts'

let outer: string
let dataDir: string

beforeEach(async () => {
  // Private, as root's home is: nobody else may even pass through it.
  outer = await mkdtemp(join(tmpdir(), 'smart-embedded-'))
  await chmod(outer, 0o700)
  dataDir = join(outer, 'Папка данных ёлки')
})
afterEach(async () => {
  await stopOrphan(join(dataDir, 'postgres'), () => {})
  await rm(outer, { recursive: true, force: true })
})

/** Starts the server in a process of its own, which says the address, and stops in order when told to go on. */
const starter = (options?: Parameters<typeof runChild>[1]) =>
  runChild(
    `
    import { startEmbeddedPostgres } from '#core/shared/postgres/embedded.ts'
    const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} })
    say(postgres.url)
    await go()
    await postgres.stop()
  `,
    options,
  )

/** Starts the server here, runs a command on it, stops it. */
async function once(command: string): Promise<unknown[]> {
  const postgres = await startEmbeddedPostgres({ dataDir })
  try {
    return (await onServer(postgres.url, command)).rows
  } finally {
    await postgres.stop()
  }
}

const serverPid = async () =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])

describe('the embedded server', () => {
  it('speaks UTF-8 with Russian rules, whatever the language and settings of whoever starts it', async () => {
    const child = starter({
      env: { LC_ALL: 'C', PGPORT: '1', PGDATA: '/nowhere', PGCLIENTENCODING: 'LATIN1', PGTZ: 'Asia/Tokyo' },
    })
    const { rows } = await onServer(
      await child.line(),
      `select current_setting('server_encoding') as encoding, datlocprovider as provider, datlocale as locale,
         upper('ёж') as upper, lower('ЁЖ') as lower, 'Ёж' ~* '^ёж$' as matches,
         (select array_agg(word order by word) from unnest(array['жук','ёж','еда','яма']) word) as sorted
       from pg_database where datname = current_database()`,
    )
    child.go()
    await child.exited
    expect(rows[0]).toEqual({
      encoding: 'UTF8',
      provider: 'i',
      locale: 'ru-RU',
      upper: 'ЁЖ',
      lower: 'ёж',
      matches: true,
      sorted: ['еда', 'ёж', 'жук', 'яма'],
    })
  })

  it('keeps durability at PostgreSQL’s strict defaults, and listens to this computer only', async () => {
    expect(
      await once(`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
        current_setting('full_page_writes') as pages, current_setting('listen_addresses') as listens`),
    ).toEqual([{ fsync: 'on', commit: 'on', pages: 'on', listens: '127.0.0.1' }])
  })

  it('lets nobody in without the password', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir })
    const stranger = new URL(postgres.url)
    stranger.password = 'guess'
    await expect(onServer(stranger.href, 'select 1')).rejects.toThrow('password authentication failed')
    await postgres.stop()
  })

  it('keeps the data from one start to the next, and is gone after it was stopped', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir })
    await onServer(postgres.url, `create table kept as select 'Буй' as name`)
    const pid = await serverPid()
    await postgres.stop()
    expect(isAlive(pid)).toBe(false)
    expect(await once('select name from kept')).toEqual([{ name: 'Буй' }])
  })

  it('starts for an ordinary user, in a folder of that user', async () => {
    const { prefix, uid, gid } = await asOrdinaryUser()
    await mkdir(dataDir, { mode: 0o700 })
    for (const folder of [outer, dataDir]) await chown(folder, uid, gid)
    const child = starter({ prefix })
    const { rows } = await onServer(await child.line(), `select upper('ё') as upper`)
    expect(rows).toEqual([{ upper: 'Ё' }])
    child.go()
    await child.exited
  })

  it('starts where the kernel gives no namespace, as in most containers; the data go along both ways', async () => {
    const tools = join(outer, 'tools')
    await mkdir(tools)
    const tool = (name: string, text: string) =>
      writeFile(join(tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
    await tool('unshare', 'exit 1')
    // The system user that a container's image has: we don't make one on the machine that runs the tests.
    await tool('id', '[ "$2" = postgres ] && echo 65534 && exit; PATH="$OUTER_PATH" exec id "$@"')
    const path = process.env['PATH'] ?? ''
    const env = { PATH: `${tools}${delimiter}${path}`, OUTER_PATH: path }

    await once(`create table kept as select 'Буй' as name`)
    const child = starter({ env })
    const { rows } = await onServer(await child.line(), 'update kept set name = upper(name) returning name')
    expect(rows).toEqual([{ name: 'БУЙ' }])
    child.go()
    await child.exited
    expect(await once('select name from kept')).toEqual([{ name: 'БУЙ' }])
  })
})

describe('after a crash', () => {
  it('the orphaned server is stopped, also when the folder was renamed, and what was committed is there', async () => {
    const child = starter()
    const url = await child.line()
    await onServer(url, `create table kept as select 'Галич' as name`)
    const orphan = await serverPid()
    await child.kill('SIGKILL')
    expect(isAlive(orphan)).toBe(true)
    const renamed = join(outer, 'другая папка')
    await rename(dataDir, renamed)
    dataDir = renamed
    expect(await once('select name from kept')).toEqual([{ name: 'Галич' }])
    expect(isAlive(orphan)).toBe(false)
  })

  it('of the server itself, with a session at work, the next start has what was committed', async () => {
    const child = starter()
    const url = await child.line()
    await onServer(url, `create table kept as select 'Чухлома' as name`)
    const session = new pg.Client({ connectionString: url })
    session.on('error', () => {})
    await session.connect()
    // Busy without a pause: nothing in it finds out that the server is gone.
    const work = session.query('select count(*) from generate_series(1, 100000000000)').catch(() => {})
    await until(async () => {
      const { rows } = await onServer(url, `select from pg_stat_activity where query like 'select count%'`)
      return rows.length === 1
    }, 10_000)
    const server = await serverPid()
    await child.kill('SIGKILL')
    process.kill(server, 'SIGKILL')
    expect(await once('select name from kept')).toEqual([{ name: 'Чухлома' }])
    await work
  })

  it('a lock whose pid belongs to another process by now is not in the way, and that process lives on', async () => {
    await once('create table kept ()')
    const stranger = runChild(`say('here'); await go()`)
    await stranger.line()
    const stale = (pid: number) =>
      writeFile(
        join(dataDir, 'postgres', 'postmaster.pid'),
        `${pid}\n${dataDir}/postgres\n1\n5432\n\n127.0.0.1\n`,
      )
    await stale(stranger.pid)
    expect(await once('select from kept')).toEqual([])
    expect(isAlive(stranger.pid)).toBe(true)
    await stranger.kill('SIGKILL')
    await stale(stranger.pid)
    expect(await once('select from kept')).toEqual([])
  })

  it('in the middle of making the cluster, the next start makes it anew', async () => {
    const child = starter()
    const drafted = () =>
      readdir(dataDir, { recursive: true }).then(
        (names) => names.some((name) => name.endsWith('postgresql.conf')),
        () => false,
      )
    expect(await until(drafted, 10_000)).toBe(true)
    await child.kill('SIGKILL')
    expect(await once(`select upper('ё') as upper`)).toEqual([{ upper: 'Ё' }])
  })

  it('that is killed is started again at its address, with all that was committed', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir })
    try {
      await onServer(postgres.url, 'create table kept ()')
      const pid = await serverPid()
      process.kill(pid, 'SIGKILL')
      const kept = () =>
        onServer(postgres.url, 'select from kept').then(
          () => true,
          () => false,
        )
      expect(await until(async () => !isAlive(pid) && (await kept()), 60_000)).toBe(true)
      expect(await serverPid()).not.toBe(pid)
    } finally {
      await postgres.stop()
    }
    await expect(serverPid()).rejects.toThrow('ENOENT')
  })

  it('an ending process takes the server along', async () => {
    const child = runChild(`
      import { startEmbeddedPostgres } from '#core/shared/postgres/embedded.ts'
      await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} })
      say('runs')
      await go()
      throw new Error('a fault that nobody has thought of')
    `)
    await child.line()
    const pid = await serverPid()
    child.go()
    await child.exited
    expect(await until(() => !isAlive(pid), 10_000)).toBe(true)
  })
})

describe('a folder that holds', () => {
  it('a half-made cluster is made anew, and earlier drafts are removed', async () => {
    for (const folder of ['postgres', 'postgres.draft', 'postgres.draft.a1b2c3']) {
      await mkdir(join(dataDir, folder, 'base'), { recursive: true })
      await writeFile(join(dataDir, folder, 'postgresql.conf'), '')
    }
    expect(await once('select 1 as works')).toEqual([{ works: 1 }])
    expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.log', 'postgres.password'])
  })

  it('a finished cluster is never made anew, even a damaged one', async () => {
    await once('create table kept ()')
    const version = join(dataDir, 'postgres', 'PG_VERSION')
    await rename(version, `${version}.lost`)
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('сама система её не тронет')
    await rename(`${version}.lost`, version)
    expect(await once('select from kept')).toEqual([])
  })

  it.each([
    ['17', 'сделайте ею резервную копию'],
    ['99', 'с которой эта база работала'],
  ])('a cluster of PostgreSQL %s is refused with what to do, and stays as it is', async (major, sentence) => {
    const file = join(dataDir, 'postgres', 'PG_VERSION')
    await mkdir(join(dataDir, 'postgres'), { recursive: true })
    await writeFile(file, `${major}\n`)
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(sentence)
    expect(await readdir(join(dataDir, 'postgres'))).toEqual(['PG_VERSION'])
  })

  it('a cluster of another password is refused with a sentence, and its server doesn’t stay', async () => {
    await once('create table kept ()')
    await rm(join(dataDir, 'postgres.password'))
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('не принимает пароль')
    await expect(serverPid()).rejects.toThrow('ENOENT')
  })

  it('a cluster that PostgreSQL refuses is reported with a sentence that names its log', async () => {
    await once('create table kept ()')
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), 'nonsense')
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(join(dataDir, 'postgres.log'))
  })
})
