import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'build', '.stamp')

/** Makes the production build unless there is one of exactly these sources. */
export async function ensureBuild(): Promise<void> {
  const stamp = await sourceStamp()
  const built = await readFile(stampFile, 'utf8').catch(() => '')
  if (built === stamp) return
  console.log('Собираю страницы: это нужно один раз после установки или обновления, около полминуты…')
  // A process of its own: what building takes in memory is given back before the system starts.
  const builder = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  // Whatever NODE_ENV the caller has, as tests do: Vite would make a development build of it.
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: root, env })
  await writeFile(stampFile, stamp)
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
  for (const file of ['package.json', 'vite.config.ts']) hash.update(await readFile(join(root, file)))
  return hash.digest('hex')
}

const byPath = (a: { parentPath: string; name: string }, b: { parentPath: string; name: string }) =>
  join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1

if (import.meta.main) await ensureBuild()
