import { crc32, deflateRawSync } from 'node:zlib'

/** One entry of an archive made by hand: what is given replaces what would be true. */
export interface RawEntry {
  name: string
  content?: Uint8Array
  method?: number
  flags?: number
  crc?: number
  uncompressedSize?: number
  /** Points the directory at another place. */
  offset?: number
  /** Replaces the stored bytes. */
  stored?: Uint8Array
}

/** An archive that may lie: writers of libraries refuse to make such. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let position = 0
  for (const entry of entries) {
    const content = entry.content ?? Buffer.from(`content of ${entry.name}`)
    const method = entry.method ?? 8
    const stored = entry.stored ?? (method === 8 ? deflateRawSync(content) : content)
    const name = Buffer.from(entry.name)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(entry.flags ?? 0x800, 2)
    shared.writeUInt16LE(method, 4)
    shared.writeUInt32LE(entry.crc ?? crc32(content), 10)
    shared.writeUInt32LE(stored.length, 14)
    shared.writeUInt32LE(entry.uncompressedSize ?? content.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, stored])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(entry.offset ?? position, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), shared, tail, name]))
    locals.push(local)
    position += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(listed.length, 8)
  end.writeUInt32LE(position, 12)
  return Buffer.concat([...locals, listed, Buffer.from('PK\x05\x06'), end])
}

/** Some bytes of an archive overwritten, cut out or cut off: what bad disks and lines do. */
export interface Damage {
  at: number
  bytes: Uint8Array
  /** Share of the file that is left. */
  keep: number
}

export function damaged(bytes: Uint8Array, { at, bytes: over, keep }: Damage): Buffer {
  const copy = Buffer.from(bytes)
  Buffer.from(over).copy(copy, Math.floor(at * copy.length))
  return copy.subarray(0, Math.ceil(keep * copy.length))
}
