import { execFile } from 'node:child_process'
import { chmod, chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How the server's programs are started so that they don't run as root, which they refuse. */
export interface Launcher {
  /** Words put before the program. */
  prefix: readonly string[]
  /** The system user that the programs run as, when it is another than ours. */
  as?: { uid: number; gid: number }
}

const unshare = ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--'] as const

/**
 * An ordinary user starts programs as they are. Root maps itself to an ordinary user in a namespace, so that
 * the data stay where they are and whose they are; where the kernel forbids that, a system user `postgres`
 * is used.
 * @throws with a sentence when neither is possible
 */
export async function findLauncher(): Promise<Launcher> {
  if (process.getuid?.() !== 0) return { prefix: [] }
  if (await works(unshare[0], [...unshare.slice(1), 'true'])) return { prefix: unshare }
  const as =
    (await systemUser()) ??
    ((await works('useradd', ['--system', 'postgres'])) ? await systemUser() : undefined)
  if (as) return { prefix: [], as }
  throw new Error(
    'PostgreSQL не работает от имени root, а сменить пользователя здесь не получается. Запустите систему от обычного пользователя или укажите свою базу в DATABASE_URL.',
  )
}

/** Gives a folder with all in it to the system user. */
export async function giveTo(as: { uid: number; gid: number }, folder: string): Promise<void> {
  await chown(folder, as.uid, as.gid)
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { recursive: true }))
    await chown(join(folder, entry), as.uid, as.gid)
}

async function systemUser(): Promise<{ uid: number; gid: number } | undefined> {
  const id = (flag: string) =>
    run('id', [flag, 'postgres']).then(
      ({ stdout }) => Number(stdout),
      () => undefined,
    )
  const [uid, gid] = [await id('-u'), await id('-g')]
  return uid && gid ? { uid, gid } : undefined
}

const works = (program: string, words: readonly string[]) =>
  run(program, words).then(
    () => true,
    () => false,
  )
