import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
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
  return draft
}

async function read(path: string): Promise<Buffer | undefined> {
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (key && key.length !== 32)
    throw new Error(`Файл ключа ${path} повреждён: в нём должно быть ровно 32 байта.`)
  return key
}
