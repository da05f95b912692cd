import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'

/** A passkey in software: answers as an authenticator and a browser would together (WebAuthn, 6 and 5.8). */
export function createSoftPasskey(origin: string) {
  const domain = new URL(origin).hostname
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  let counter = 0

  const clientData = (type: string, challenge: string) =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

  /** @param verified the device has recognised its owner @param key what is added where one is made */
  function authenticatorData(verified: boolean, key: Buffer = Buffer.alloc(0)): Buffer {
    counter += 1
    const flags = 0x01 | (verified ? 0x04 : 0) | (key.length > 0 ? 0x40 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([createHash('sha256').update(domain).digest(), Buffer.of(flags), count, key])
  }

  return {
    /** The answer to a challenge for making one, as a form holds it. */
    make({ challenge }: { challenge: string }): string {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const cose = map([
        [integer(1), integer(2)],
        [integer(3), integer(-7)],
        [integer(-1), integer(1)],
        [integer(-2), bytes(Buffer.from(x, 'base64url'))],
        [integer(-3), bytes(Buffer.from(y, 'base64url'))],
      ])
      const data = authenticatorData(true, Buffer.concat([Buffer.alloc(16), length, id, cose]))
      const attestation = map([
        [text('fmt'), text('none')],
        [text('attStmt'), map([])],
        [text('authData'), bytes(data)],
      ])
      return answer({
        clientDataJSON: clientData('webauthn.create', challenge).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      })
    },

    /** The answer to a challenge for using it. */
    use({ challenge }: { challenge: string }, { verified = true } = {}): string {
      const data = authenticatorData(verified)
      const client = clientData('webauthn.get', challenge)
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
      })
    },
  }

  function answer(response: object): string {
    const rawId = id.toString('base64url')
    return JSON.stringify({ id: rawId, rawId, type: 'public-key', clientExtensionResults: {}, response })
  }
}

/** CBOR (RFC 8949), as much as is needed. */
const head = (major: number, value: number): Buffer =>
  value < 24
    ? Buffer.of((major << 5) | value)
    : value < 256
      ? Buffer.of((major << 5) | 24, value)
      : Buffer.of((major << 5) | 25, value >> 8, value & 255)
const integer = (value: number) => (value < 0 ? head(1, -1 - value) : head(0, value))
const bytes = (value: Buffer) => Buffer.concat([head(2, value.length), value])
const text = (value: string) => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
const map = (entries: [Buffer, Buffer][]) => Buffer.concat([head(5, entries.length), ...entries.flat()])
