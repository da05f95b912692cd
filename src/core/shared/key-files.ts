import { randomBytes, randomUUID } from 'node:crypto'
import { chmod, chown, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprintOf } from './sealing.ts'
import { syncFolder } from './sync-folder.ts'

/**
 * Keys lie in the data folder (32 random bytes each, mode 0600): `secret.key` is the one in force, beside it one
 * that is about to be or has been, under its fingerprint.
 */
export const keyPath = (dataDir: string, fingerprint?: string): string =>
  join(dataDir, fingerprint ? `secret.key.${fingerprint}` : 'secret.key')

/**
 * The installation's master key, made when there is none. Processes that start at the same moment end up with the
 * same key.
 */
export async function masterKey(dataDir: string): Promise<Buffer> {
  return (await existingMasterKey(dataDir)) ?? (await written(keyPath(dataDir), randomBytes(32)))
}

/** The key if there is one; none is made. */
export const existingMasterKey = (dataDir: string): Promise<Buffer | undefined> => read(keyPath(dataDir))

/** The key with this fingerprint, wherever it lies; undefined when it is gone. */
export async function keyWith(dataDir: string, fingerprint: string): Promise<Buffer | undefined> {
  // In this order: another process may put it in force between the two looks.
  for (const path of [keyPath(dataDir, fingerprint), keyPath(dataDir)]) {
    const key = await read(path)
    if (key && fingerprintOf(key) === fingerprint) return key
  }
  return undefined
}

/**
 * Shuts keys off to others on this machine. Windows has no such modes: there the folder's own rights count.
 * @param warn is told a sentence of each that others could read
 * @throws when others may read one and that can't be changed
 */
export async function shutKeysOff(dataDir: string, warn: (sentence: string) => void): Promise<void> {
  if (process.platform === 'win32') return
  const names = (await readdir(dataDir)).filter((name) => name.startsWith('secret.key'))
  for (const path of names.map((name) => join(dataDir, name))) {
    const found = await stat(path).catch(() => undefined)
    const mode = (found?.mode ?? 0) & 0o777
    if ((mode & 0o077) === 0) continue
    await chmod(path, 0o600).catch(() => undefined)
    // Some file systems take the change and keep the old mode.
    if (((await stat(path)).mode & 0o077) !== 0)
      throw new Error(`Файл ключа ${path} открыт другим пользователям. Закройте его: chmod 600 "${path}".`)
    warn(
      `Файл ключа ${path} был открыт другим пользователям этой машины (${mode.toString(8)}), теперь закрыт.`,
    )
  }
}

/** Keeps a key under its fingerprint. */
export async function keepKey(dataDir: string, key: Buffer): Promise<void> {
  await written(keyPath(dataDir, fingerprintOf(key)), key)
}

/** Removes a key that was kept and never came into force. */
export const dropKey = (dataDir: string, fingerprint: string): Promise<void> =>
  rm(keyPath(dataDir, fingerprint), { force: true })

/** Makes a kept key the one in force; the one before is kept. Whenever the power goes both are there. */
export async function putInForce(dataDir: string, key: Buffer): Promise<void> {
  const before = await existingMasterKey(dataDir)
  if (before?.equals(key)) return
  if (before) await keepKey(dataDir, before)
  const draft = await drafted(keyPath(dataDir), key)
  await rename(draft, keyPath(dataDir))
  await syncFolder(dataDir)
  await dropKey(dataDir, fingerprintOf(key))
}

/** Writes a key that isn't there yet. @returns the one that is there then */
async function written(path: string, key: Buffer): Promise<Buffer> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  const draft = await drafted(path, key)
  // link() fails when the name exists: the first process wins, the others read its key.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  await syncFolder(join(path, '..'))
  return (await read(path)) ?? key
}

/** Not named by the pid: processes in containers that share the folder may all have the same. */
async function drafted(path: string, key: Buffer): Promise<string> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, key, { mode: 0o600, flush: true })
  // A command that root runs leaves the key to whoever runs the system.
  if (process.getuid?.() === 0) {
    const { uid, gid } = await stat(join(path, '..'))
    await chown(draft, uid, gid)
  }
  return draft
}

async function read(path: string): Promise<Buffer | undefined> {
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    if (error.code === 'EACCES')
      throw new Error(
        `Файл ключа ${path} принадлежит другому пользователю: отдайте его тому, кто запускает программу.`,
      )
    throw error
  })
  if (key && key.length !== 32)
    throw new Error(`Файл ключа ${path} повреждён: в нём должно быть ровно 32 байта.`)
  return key
}
