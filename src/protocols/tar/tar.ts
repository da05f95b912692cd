/** POSIX.1-1988 "ustar", as far as writing whole plain files needs it. */
export const blockSize = 512

/** Two blocks of zeros end an archive. */
export const archiveEnd = Buffer.alloc(2 * blockSize)

/** Zeros that follow a file of so many bytes. */
export const paddingAfter = (size: number): number => (blockSize - (size % blockSize)) % blockSize

const largestOctal = 8 ** 11 - 1

/**
 * The header of a plain file; the same name and size always give the same bytes.
 * @throws when the name doesn't fit into 100 bytes, with up to 155 more for its folders
 */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(blockSize)
  const { name, prefix } = splitName(path)
  header.write(name, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  writeSize(header, size)
  header.write('00000000000\0', 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345)
  // The checksum counts itself as spaces.
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Beyond 8 GB in base 256, as GNU tar and bsdtar write and read it. */
function writeSize(header: Buffer, size: number): void {
  if (size <= largestOctal) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    header.writeBigUInt64BE(BigInt(size), 128)
    header[124] = 0x80
  }
}

function splitName(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155) return { name, prefix }
  }
  throw new Error(`too long for a tar archive: ${path}`)
}
