import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

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
  /** What `mac` is made under: all that is kept of a key that was changed for a new one. */
  macKey: Buffer
}

/** A key that goes and the one that takes its place; of one that was lost nothing can be opened. */
export interface KeyChange {
  from: Sealer
  to: Sealer
}

const formatVersion = 1

export function createSealer(masterKey: Buffer): Sealer {
  const sealKey = derived(masterKey, 'seal')
  const macKey = derived(masterKey, 'audit')
  const blindKey = derived(masterKey, 'blind')
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
    mac: (...parts) => macUnder(macKey, ...parts),
    blind: (text) => createHmac('sha256', blindKey).update(text).digest(),
    fingerprint: fingerprintOf(masterKey),
    macKey,
  }
}

/** HMAC-SHA-256 over parts that can't be divided otherwise. */
export function macUnder(key: Buffer, ...parts: (Buffer | string)[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    mac.update(length).update(bytes)
  }
  return mac.digest()
}

export const fingerprintOf = (masterKey: Buffer): string =>
  derived(masterKey, 'fingerprint').subarray(0, 16).toString('hex')

/** The same secret, sealed under the key that takes the other's place. */
export const sealedAnew = ({ from, to }: KeyChange, sealed: Buffer, context: string): Buffer =>
  to.seal(from.open(sealed, context), context)

const derived = (masterKey: Buffer, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', `smart-library/${purpose}`, 32))
