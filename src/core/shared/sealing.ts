import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Seals small secrets with AES-256-GCM under keys that live outside the database.
 * Sealed form: version byte, 12 bytes nonce, ciphertext, 16 bytes tag. `context` (for example a reader's id)
 * is authenticated with it: a seal moved to another row doesn't open.
 */
export interface Sealer {
  seal(plain: string, context: string): Buffer
  /** @throws when the seal was changed, moved or made under another key */
  open(sealed: Buffer, context: string): string
  /** HMAC-SHA-256 under a key of its own: the audit chain's link. */
  mac(...parts: (Buffer | string)[]): Buffer
  /** HMAC-SHA-256 under another key: look-up names that tell nothing, such as a limit's bucket. */
  blind(text: string): Buffer
  /** Tells keys apart and nothing of the key: 32 hexadecimal digits. */
  fingerprint: string
}

const formatVersion = 1

export function createSealer(masterKey: Buffer): Sealer {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', masterKey, '', `smart-library/${purpose}`, 32))
  const sealKey = derive('seal')
  const macKey = derive('audit')
  const blindKey = derive('blind')
  return {
    seal(plain, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(formatVersion), nonce, body, cipher.getAuthTag()])
    },
    open(sealed, context) {
      if (sealed[0] !== formatVersion || sealed.length < 29) throw new Error('not a seal of this version')
      const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(1, 13))
        .setAAD(Buffer.from(context))
        .setAuthTag(sealed.subarray(-16))
      return Buffer.concat([decipher.update(sealed.subarray(13, -16)), decipher.final()]).toString('utf8')
    },
    mac(...parts) {
      const mac = createHmac('sha256', macKey)
      for (const part of parts) {
        const bytes = Buffer.from(part)
        const length = Buffer.alloc(4)
        length.writeUInt32BE(bytes.length)
        mac.update(length).update(bytes)
      }
      return mac.digest()
    },
    blind: (text) => createHmac('sha256', blindKey).update(text).digest(),
    fingerprint: derive('fingerprint').subarray(0, 16).toString('hex'),
  }
}

/**
 * The installation's master key, `secret.key` in the data folder (32 random bytes, mode 0600), made when
 * there is none. Processes that start at the same moment end up with the same key.
 * @param warn is told a sentence when others on this machine could read the key; it is shut off to them
 * @throws when it is damaged, or others may read it and that can't be changed
 */
export async function masterKey(
  dataDir: string,
  warn: (sentence: string) => void = () => {},
): Promise<Buffer> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = keyPath(dataDir)
  const existing = await existingMasterKey(dataDir)
  if (existing) {
    await shutOff(path, warn)
    return existing
  }
  // Not named by the pid: processes in containers that share the folder may all have the same.
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, randomBytes(32), { mode: 0o600, flush: true })
  // link() fails when the name exists: the first process wins, the others read its key.
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return checked(await readFile(path), path)
}

export const keyPath = (dataDir: string): string => join(dataDir, 'secret.key')

/** The key if there is one; none is made. */
export async function existingMasterKey(dataDir: string): Promise<Buffer | undefined> {
  const path = keyPath(dataDir)
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return key && checked(key, path)
}

/** Windows has no such modes: there the folder's own rights count. */
async function shutOff(path: string, warn: (sentence: string) => void): Promise<void> {
  if (process.platform === 'win32') return
  const mode = (await stat(path)).mode & 0o777
  if ((mode & 0o077) === 0) return
  await chmod(path, 0o600).catch(() => {
    throw new Error(`Файл ключа ${path} открыт другим пользователям. Закройте его: chmod 600 "${path}".`)
  })
  warn(`Файл ключа ${path} был открыт другим пользователям этой машины (${mode.toString(8)}), теперь закрыт.`)
}

function checked(key: Buffer, path: string): Buffer {
  if (key.length !== 32) throw new Error(`Файл ключа ${path} повреждён: в нём должно быть ровно 32 байта.`)
  return key
}
