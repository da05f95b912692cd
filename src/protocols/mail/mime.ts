import { Transform } from 'node:stream'
import type { ParsedMail } from 'mailparser'
import { simpleParser } from 'mailparser'
import { decodeText } from '../text/decode-text.ts'

export type Mime = ParsedMail & {
  /** Its text isn't in the character set that it names, and nobody can tell for sure in which it is. */
  unsure: boolean
}

/**
 * Parses a mail. A text that isn't in the character set that its header names, or that names none, is decoded by
 * what it looks like.
 * @param mostHtml characters beyond which HTML isn't made text
 */
export async function readMime(raw: Buffer, mostHtml: number): Promise<Mime> {
  const options = {
    keepDeliveryStatus: true,
    skipImageLinks: true,
    skipTextToHtml: true,
    maxHtmlLengthToParse: mostHtml,
  }
  const mail = await simpleParser(raw, options)
  if (!`${mail.text ?? ''}${mail.html || ''}`.includes('\ufffd')) return { ...mail, unsure: false }
  let unsure = false
  const decode = (bytes: Buffer): Buffer => {
    const { text, sure } = decodeText(bytes)
    unsure ||= !sure
    return Buffer.from(text)
  }
  /** In place of a converter between two encodings that are named, as mailparser takes one. */
  class Guess extends Transform {
    readonly #chunks: Buffer[] = []
    constructor(_from: string, _to: string) {
      super()
    }
    override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
      this.#chunks.push(chunk)
      done()
    }
    override _flush(done: () => void): void {
      this.push(decode(Buffer.concat(this.#chunks)))
      done()
    }
    convert(bytes: Buffer): Buffer {
      return Buffer.from(decodeText(bytes).text)
    }
  }
  const { text = '', html = false } = await simpleParser(namingNone(raw), { ...options, Iconv: Guess })
  return { ...mail, text, html, unsure }
}

/** None of ours: mailparser decodes what is called UTF-8 or nothing by itself, and asks about any other. */
const unnamed = 'charset=x-unnamed'
const ofText = /^content-type:[ \t]*(?:\r?\n[ \t]+)?text\/(?:plain|html)\b[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gim

/** The same mail with texts that name no character set. */
function namingNone(raw: Buffer): Buffer {
  const mail = raw.toString('latin1')
  const end = mail.search(/\r?\n\r?\n/)
  const isBare = !/^content-type:/im.test(end < 0 ? mail : mail.slice(0, end))
  const renamed = mail.replace(
    ofText,
    (field) => `${field.replaceAll(/;\s*charset\*?\d*\*?\s*=\s*("[^"]*"|[^\s;]*)/gi, '')}; ${unnamed}`,
  )
  return Buffer.from(isBare ? `Content-Type: text/plain; ${unnamed}\r\n${renamed}` : renamed, 'latin1')
}
