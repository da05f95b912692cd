import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isBookFault } from '../book-fault.ts'
import { writeZip, zipBytes } from './write-zip.ts'
import { damaged, rawZip } from './zip.fixtures.ts'
import { gzipFrame, openZip, verifyZip } from './zip.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-'))
})
afterAll(() => rm(folder, { recursive: true }))

const codeOf = (bytes: Uint8Array, limits = {}) =>
  openZip(bytes, limits).then(
    (zip) => verifyZip(zip).then(() => 'sound', faultCode),
    (error: unknown) => faultCode(error),
  )
const faultCode = (error: unknown) => {
  if (isBookFault(error)) return error.code
  throw error
}

describe('an archive on disk', () => {
  const entries = [
    { name: 'mimetype', bytes: Buffer.from('application/epub+zip'), stored: true },
    { name: 'OPS/Глава 1.xhtml', bytes: Buffer.from('<p>а</p>'.repeat(20_000)) },
    { name: 'OPS/empty.css', bytes: Buffer.alloc(0) },
  ]

  test('gives back what was written, in order', async () => {
    const path = join(folder, 'order.zip')
    await writeZip(entries, path)
    const zip = await openZip(path)
    expect(zip.entries.map(({ name, method }) => [name, method])).toEqual([
      ['mimetype', 'stored'],
      ['OPS/Глава 1.xhtml', 'deflated'],
      ['OPS/empty.css', 'deflated'],
    ])
    for (const { name, bytes } of entries) expect(await zip.readEntry(name)).toEqual(bytes)
    await verifyZip(zip)
    await zip.close()
  })

  test('begins with an uncompressed mimetype at byte 38, as reading systems look for it', async () => {
    const bytes = await zipBytes(entries)
    expect(bytes.subarray(30, 58).toString()).toBe('mimetypeapplication/epub+zip')
  })

  test('has the same bytes for the same entries', async () => {
    expect(await zipBytes(entries)).toEqual(await zipBytes(entries))
  })

  test('lets a running stream end although it is closed meanwhile', async () => {
    const path = join(folder, 'stream.zip')
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251))
    await writeZip([{ name: 'a.jpg', bytes, stored: true }], path)
    const zip = await openZip(path)
    const stream = await zip.rawEntryStream('a.jpg')
    const chunks = stream[Symbol.asyncIterator]()
    const first = await chunks.next()
    await zip.close()
    const received = [first.value]
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) received.push(next.value)
    expect(Buffer.concat(received)).toEqual(bytes)
    await expect(zip.readEntry('a.jpg')).rejects.toThrow()
  })

  test('that is not there is the system’s error, no fault of a book', async () => {
    await expect(openZip(join(folder, 'none.zip'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('says which entry is missing', async () => {
    const zip = await openZip(await zipBytes(entries))
    await expect(zip.readEntry('nothing')).rejects.toMatchObject({ code: 'zip.no_entry', detail: 'nothing' })
    expect(zip.entryAnyCase('ops/EMPTY.css')?.name).toBe('OPS/empty.css')
    expect(zip.entry('ops/EMPTY.css')).toBeUndefined()
  })

  test('reads no more than the caller is ready to hold', async () => {
    const zip = await openZip(await zipBytes(entries))
    await expect(zip.readEntry('OPS/Глава 1.xhtml', 100)).rejects.toMatchObject({ code: 'zip.too_large' })
  })
})

describe('a gzip frame', () => {
  test('around the stored bytes unpacks to the entry, for any content', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        const zip = await openZip(await zipBytes([{ name: 'a', bytes }]))
        const entry = zip.entry('a')
        const frame = entry && gzipFrame(entry)
        if (!frame) throw new Error('not deflated')
        const whole = Buffer.concat([
          frame.header,
          await buffer(await zip.rawEntryStream('a')),
          frame.trailer,
        ])
        expect(whole.length).toBe(frame.length)
        expect(gunzipSync(whole)).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('is not made for an entry that is stored', async () => {
    const zip = await openZip(await zipBytes([{ name: 'a', bytes: Buffer.from('x'), stored: true }]))
    const entry = zip.entry('a')
    expect(entry && gzipFrame(entry)).toBeNull()
  })
})

describe('a hostile archive is refused', () => {
  test.each([
    '../evil',
    'a/../../evil',
    '/etc/passwd',
    'C:/windows',
    'a\\..\\b',
    'a//b',
    'a/./b',
    'a\0b',
    '..',
  ])('for the name %j', async (name) => {
    expect(await codeOf(rawZip([{ name }]))).toBe('zip.path')
  })

  test('for two entries of one name, also when only normalised the same', async () => {
    expect(await codeOf(rawZip([{ name: 'a' }, { name: 'a' }]))).toBe('zip.duplicate')
    expect(await codeOf(rawZip([{ name: 'й' }, { name: 'и\u0306' }]))).toBe('zip.duplicate')
    expect(await codeOf(rawZip([{ name: 'a' }, { name: './a' }]))).toBe('zip.duplicate')
  })

  test('for encryption, weak or strong', async () => {
    expect(await codeOf(rawZip([{ name: 'a', flags: 1 }]))).toBe('zip.encrypted')
    expect(await codeOf(rawZip([{ name: 'a', flags: 0x41 }]))).toBe('zip.encrypted')
  })

  test('for a ratio that no text reaches', async () => {
    const zeros = Buffer.alloc(3_000_000)
    expect(await codeOf(rawZip([{ name: 'bomb', content: zeros }]))).toBe('zip.bomb')
    expect(await codeOf(rawZip([{ name: 'small', content: zeros.subarray(0, 500_000) }]))).toBe('sound')
  })

  test('for more bytes than declared, without unpacking them', async () => {
    const content = Buffer.alloc(3_000_000)
    expect(await codeOf(rawZip([{ name: 'a', content, uncompressedSize: 1_000 }]))).toBe('zip.bomb')
    expect(await codeOf(rawZip([{ name: 'a', content, uncompressedSize: 900_000 }]))).toBe('zip.bomb')
  })

  test('for entries that share their bytes', async () => {
    expect(await codeOf(rawZip([{ name: 'a' }, { name: 'b', offset: 0 }]))).toBe('zip.bomb')
    const inner = rawZip([{ name: 'kernel' }]).subarray(0, 60)
    const quoted = rawZip([
      { name: 'a', content: inner, method: 0 },
      { name: 'b', offset: 31 },
    ])
    expect(await codeOf(quoted)).toBe('zip.bomb')
  })

  test('for too many entries or bytes', async () => {
    const entries = Array.from({ length: 30 }, (_, index) => ({ name: `f${index}` }))
    expect(await codeOf(rawZip(entries), { maxEntries: 20 })).toBe('zip.too_many_entries')
    expect(await codeOf(rawZip(entries), { maxTotalBytes: 200 })).toBe('zip.too_large')
    expect(await codeOf(rawZip(entries), { maxEntryBytes: 10 })).toBe('zip.too_large')
    const declared = 201 * 1024 * 1024
    expect(await codeOf(rawZip([{ name: 'a', uncompressedSize: declared }]))).toBe('zip.too_large')
  })

  test('for a wrong checksum, method, or bytes after the end of an entry', async () => {
    expect(await codeOf(rawZip([{ name: 'a', crc: 1 }]))).toBe('zip.damaged')
    expect(await codeOf(rawZip([{ name: 'a', method: 14 }]))).toBe('zip.method')
    expect(await codeOf(rawZip([{ name: 'a', stored: Buffer.from([3, 0, 1, 2, 3]) }]))).toBe('zip.damaged')
  })
})

describe('whatever the bytes', () => {
  test('reading ends with a fault or with sound entries, never otherwise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(typeof (await codeOf(bytes))).toBe('string')
      }),
    )
  })

  test('a damaged archive is a fault, whichever bytes were hit', async () => {
    const whole = await zipBytes(
      ['a', 'b/c', 'd'].map((name) => ({ name, bytes: Buffer.from(name.repeat(99)) })),
    )
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          at: share,
          bytes: fc.uint8Array({ maxLength: 8 }),
          keep: fc.oneof(fc.constant(1), share),
        }),
        async (damage) => {
          expect(typeof (await codeOf(damaged(whole, damage)))).toBe('string')
        },
      ),
      { numRuns: 500 },
    )
  })

  test('a cut-off file is no archive', async () => {
    const path = join(folder, 'cut.zip')
    await writeFile(path, (await zipBytes([{ name: 'a', bytes: Buffer.alloc(999) }])).subarray(0, 60))
    await expect(openZip(path)).rejects.toMatchObject({ code: 'zip.not_zip' })
  })
})
