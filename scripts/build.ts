import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DataDirInUse, lockDataDir } from '../src/core/shared/postgres/lock.ts'
import { until } from '../src/core/shared/postgres/processes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'build', '.stamp')

/**
 * Makes the production build unless there is one of exactly these sources. Of several processes that start from
 * one folder one builds, the others wait for it.
 */
export async function ensureBuild(): Promise<void> {
  const stamp = await sourceStamp()
  const isBuilt = async () => (await readFile(stampFile, 'utf8').catch(() => '')) === stamp
  if (await isBuilt()) return
  const lock = await whenFree()
  try {
    if (await isBuilt()) return
    console.log('Собираю страницы: это нужно один раз после установки или обновления, около полминуты…')
    // The pages' builder empties the folder first.
    await viteBuild('vite.config.ts')
    await viteBuild('vite.system.config.ts')
    await writeFile(stampFile, stamp)
  } finally {
    await lock.release()
  }
}

/** In a process of its own: what building takes in memory is given back before the system starts. */
async function viteBuild(config: string): Promise<void> {
  const words = [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--config', config]
  // Whatever NODE_ENV the caller has, as tests do: Vite would make a development build of it.
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [...words, '--logLevel', 'error'], { cwd: root, env })
}

/** @throws when another process has held the lock for five minutes */
async function whenFree(): Promise<{ release(): Promise<void> }> {
  const folder = join(root, 'node_modules', '.cache', 'build')
  let lock: { release(): Promise<void> } | undefined
  const tried = async () => {
    try {
      lock = await lockDataDir(folder)
    } catch (error) {
      if (!(error instanceof DataDirInUse)) throw error
    }
    return lock !== undefined
  }
  await until(tried, 300_000)
  if (!lock)
    throw new Error('Другой процесс собирает страницы уже пять минут. Остановите его и запустите снова.')
  return lock
}

/** Names, sizes and times of everything that goes into the build. */
async function sourceStamp(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['src', 'static', 'locales']) {
    const files = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    for (const file of files.filter((each) => each.isFile()).toSorted(byPath)) {
      if (file.parentPath.includes('paraglide')) continue
      const path = join(file.parentPath, file.name)
      const { size, mtimeMs } = await stat(path)
      hash.update(`${path} ${size} ${mtimeMs}\n`)
    }
  }
  for (const file of ['package.json', 'vite.config.ts', 'vite.system.config.ts'])
    hash.update(await readFile(join(root, file)))
  return hash.digest('hex')
}

const byPath = (a: { parentPath: string; name: string }, b: { parentPath: string; name: string }) =>
  join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1

if (import.meta.main) await ensureBuild()
