import { once } from 'node:events'
import type { WriteStream } from 'node:fs'
import { createWriteStream } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { getRequest } from '@sveltejs/kit/node'
import { describe, expect, it } from 'vitest'
import { outageOf } from '#core/shared/outage.ts'
import { expectedIn } from './errors.ts'
import { formValues } from './forms.ts'
import { receiveUpload } from './uploads.ts'

const boundary = 'b0undary'
const form = (...lines: string[]) =>
  new Request('http://library.test/staff/catalogue/import', {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: lines.join('\r\n'),
  })
const file = [
  `--${boundary}`,
  'content-disposition: form-data; name="books"; filename="book.epub"',
  'content-type: application/epub+zip',
  '',
  'the bytes of a book',
]

describe('an upload', () => {
  it('gives fields and files', async () => {
    const upload = await receiveUpload(
      form(
        `--${boundary}`,
        'content-disposition: form-data; name="ageMark"',
        '',
        '12',
        ...file,
        `--${boundary}--`,
        '',
      ),
    )
    expect(upload.fields).toEqual({ ageMark: '12' })
    expect(upload.files.map(({ name }) => name)).toEqual(['book.epub'])
    await upload.discard()
  })

  it('whose text is longer than a field may be says so, instead of taking a part for the whole', async () => {
    const name = 'content-disposition: form-data; name="districts"'
    const sent = (text: string) => receiveUpload(form(`--${boundary}`, name, '', text, `--${boundary}--`, ''))
    const [whole, cut] = [await sent('я'.repeat(400_000)), await sent('я'.repeat(600_000))]
    expect(whole.fault).toBeUndefined()
    expect(whole.fields['districts']).toHaveLength(400_000)
    expect(cut.fault?.code).toBe('upload.text_too_long')
    await Promise.all([whole.discard(), cut.discard()])
  })

  it('on a full disk keeps the fields on both sides of the files, and no file', async () => {
    const field = (name: string, value: string) => [
      `--${boundary}`,
      `content-disposition: form-data; name="${name}"`,
      '',
      value,
    ]
    const paths: string[] = []
    const upload = await receiveUpload(
      form(...field('ageMark', '12'), ...file, ...file, ...field('licence', 'open'), `--${boundary}--`, ''),
      (path) => {
        paths.push(path)
        // The kernel's own full disk.
        return createWriteStream('/dev/full')
      },
    )
    expect(upload.fault?.code).toBe('shared.disk_full')
    expect(upload.fields).toEqual({ ageMark: '12', licence: 'open' })
    expect(upload.files).toEqual([])
    expect(await readdir(dirname(paths[0] ?? ''))).toEqual([])
    await upload.discard()
  })

  it('keeps the fields where the full disk takes no more folder either', async () => {
    const name = 'content-disposition: form-data; name="ageMark"'
    const upload = await receiveUpload(
      form(...file, `--${boundary}`, name, '', '12', ...file, `--${boundary}--`, ''),
      undefined,
      async () => {
        await writeFile('/dev/full', 'x')
        return 'never'
      },
    )
    expect(upload).toMatchObject({ fields: { ageMark: '12' }, files: [] })
    expect(upload.fault?.code).toBe('shared.disk_full')
    await upload.discard()
  })

  it('that is cut off leaves nothing on the disk, and nothing open', async () => {
    const targets: WriteStream[] = []
    const open = (path: string) => {
      const target = createWriteStream(path)
      targets.push(target)
      return target
    }
    await expect(receiveUpload(form(...file), open)).rejects.toThrow('shared.unreadable')
    expect(targets.map(({ closed }) => closed)).toEqual([true])
    await expect(readdir(dirname(String(targets[0]?.path)))).rejects.toThrow('ENOENT')
  })

  // Vitest fails a run in which a rejection went unhandled: in the server it would end the process.
  it('that is cut off fails, and nothing is left without a listener', async () => {
    await expect(receiveUpload(form(...file))).rejects.toThrow('shared.unreadable')
  })

  it('that is no form at all fails', async () => {
    const request = new Request('http://library.test/', { method: 'POST', body: 'x' })
    await expect(receiveUpload(request)).rejects.toThrow()
  })
})

describe('a body whose sender hangs up', () => {
  it.each([
    ['an upload', 'multipart/form-data; boundary=b0undary', receiveUpload],
    ['a form with files', 'multipart/form-data; boundary=b0undary', formValues],
    ['a form', 'application/x-www-form-urlencoded', formValues],
  ])('is no outage of the database: %s', async (_what, type, read) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    const part = [...file, 'and more'].join('\r\n')
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 9999\r\n\r\n${part}`)
    const [req, res] = (await once(server, 'request')) as [IncomingMessage, ServerResponse]
    const request = getRequest({ request: req, response: res, base: 'http://x' })
    const failure = Promise.resolve(read(request)).catch((error: unknown) => error)
    // The reading has begun once a part of it was taken.
    if (req.readableFlowing === null) await once(req, 'resume')
    socket.resetAndDestroy()
    const error = await failure
    expect(error).toBeInstanceOf(Error)
    expect(outageOf(error)).toBeUndefined()
    expect(expectedIn(error)?.code).toBe('shared.cut_off')
    server.close()
  })
})
