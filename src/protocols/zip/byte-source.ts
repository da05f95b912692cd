import { open } from 'node:fs/promises'
import { BookFault } from '../book-fault.ts'

/** Bytes that can be read at any place: an open file, or a buffer. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number
  /** Exactly `length` bytes from `position`. @throws BookFault zip.damaged beyond the end */
  read(position: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** @throws the system's error when there is no such file */
export async function fileSource(path: string): Promise<ByteSource> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  return {
    size,
    async read(position, length) {
      refuseOutside(position, length, size)
      const buffer = Buffer.allocUnsafe(length)
      let filled = 0
      while (filled < length) {
        const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled)
        if (bytesRead === 0) throw new BookFault('zip.damaged', 'the file became shorter while it was read')
        filled += bytesRead
      }
      return buffer
    },
    close: () => file.close(),
  }
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    size: buffer.length,
    async read(position, length) {
      refuseOutside(position, length, buffer.length)
      return buffer.subarray(position, position + length)
    },
    close: async () => {},
  }
}

function refuseOutside(position: number, length: number, size: number): void {
  // Positions come out of the file itself, 64 bits wide: anything may stand there.
  if (position < 0 || length < 0 || !(position + length <= size)) {
    throw new BookFault('zip.damaged', `${length} bytes at ${position} of ${size}`)
  }
}
