import { describe, expect, it } from 'vitest'
import { encodeWindows1251 } from '../sheet/text-encoding.ts'
import { readMime } from './mime.ts'

const text = 'ФИО: Иванова Анна Петровна\nТелефон: 8 910 123-45-67\nПочта: a@b.ru'
const in1251 = encodeWindows1251(text)
const read = (head: string, body: Uint8Array) =>
  readMime(Buffer.concat([Buffer.from(`${head.replaceAll('\n', '\r\n')}\r\n\r\n`), body]), 100_000)

const base64 = 'Content-Transfer-Encoding: base64'
const encoded = Buffer.from(Buffer.from(in1251).toString('base64'))
const named = (charset: string) => `Subject: x\nContent-Type: text/plain; ${charset}; format=flowed`

describe('a mail’s text', () => {
  it.each([
    ['that says utf-8', named('charset=utf-8'), in1251],
    ['that says "UTF-8" in base64', `${named('charset="UTF-8"')}\n${base64}`, encoded],
    ['that says us-ascii, on a line of its own', named('\n charset=us-ascii'), in1251],
    ['that says nothing', 'Subject: x\nContent-Type: text/plain', in1251],
    ['that doesn’t even say that it is text', 'Subject: x', in1251],
    [
      'in one of two parts',
      'Content-Type: multipart/alternative; boundary=b',
      Buffer.concat([
        Buffer.from('--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'),
        in1251,
        Buffer.from('\r\n--b--\r\n'),
      ]),
    ],
  ])('%s, and is windows-1251, is read as that', async (_, head, body) => {
    expect(await read(head, body)).toMatchObject({ text: expect.stringContaining(text), unsure: false })
  })

  it('keeps its other parts as they were, whatever they say', async () => {
    const inner = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nx')
    const head = 'Content-Type: multipart/mixed; boundary=b'
    const body = Buffer.concat([
      Buffer.from('--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'),
      in1251,
      Buffer.from('\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n'),
      inner,
      Buffer.from('\r\n--b--\r\n'),
    ])
    const { attachments } = await read(head, body)
    expect(attachments[0]?.content.equals(inner)).toBe(true)
  })

  it('of which letters are lost isn’t sure', async () => {
    const broken = Buffer.concat([Buffer.from(text), Buffer.of(0xd0), Buffer.from('вна')])
    expect((await read(named('charset=utf-8'), broken)).unsure).toBe(true)
    expect((await read(named('charset=utf-8'), Buffer.from(text))).unsure).toBe(false)
  })
})
