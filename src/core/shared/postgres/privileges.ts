import { execFile } from 'node:child_process'
import { chmod, lchown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface SystemUser {
  uid: number
  gid: number
}

/** How the server's programs are started so that they don't run as root, which they refuse. */
export interface Launcher {
  /** Words put before the program. */
  prefix: readonly string[]
  /** Whose the data must be on the disk; undefined for an ordinary user, whose they are anyway. */
  owner?: SystemUser
}

// `nobody`: initdb wants a user that has a name, and this one has it on every system.
const unshare = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']

/** The folder may lie below private ones, such as root's home: the system user passes through them. */
const become = ({ uid, gid }: SystemUser) => [
  'setpriv',
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
  '--',
]

/**
 * An ordinary user starts programs as they are. Root maps itself to an ordinary user in a namespace, so that
 * the data stay where they are and whose they are; where the kernel forbids that, as it does in most
 * containers, a system user `postgres` is used.
 * @throws with a sentence when neither is possible
 */
export async function findLauncher(): Promise<Launcher> {
  if (process.getuid?.() !== 0) return { prefix: [] }
  if (await works([...unshare, 'id', '-un'])) return { prefix: unshare, owner: { uid: 0, gid: 0 } }
  const owner =
    (await systemUser()) ??
    ((await works(['useradd', '--system', 'postgres'])) ? await systemUser() : undefined)
  if (owner && (await works([...become(owner), 'id', '-un']))) return { prefix: become(owner), owner }
  throw new Error(
    'PostgreSQL не работает от имени root, а сменить пользователя здесь не получается. Запустите систему от обычного пользователя или укажите свою базу в DATABASE_URL.',
  )
}

/** Gives a folder with all in it to a system user. */
export async function giveTo(owner: SystemUser, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true }))
    await lchown(join(folder, entry), owner.uid, owner.gid)
  // Last: the folder's own owner tells whether all of it was given.
  await lchown(folder, owner.uid, owner.gid)
  await chmod(folder, 0o700)
}

async function systemUser(): Promise<SystemUser | undefined> {
  const id = (flag: string) =>
    run('id', [flag, 'postgres']).then(
      ({ stdout }) => Number(stdout),
      () => undefined,
    )
  const [uid, gid] = [await id('-u'), await id('-g')]
  return uid && gid ? { uid, gid } : undefined
}

const works = ([program = '', ...words]: readonly string[]) =>
  run(program, words).then(
    () => true,
    () => false,
  )
