import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { zipBytes } from '../zip/write-zip.ts'
import { readPart, readQuestionnaires } from './read.ts'
import { docxOf, docxParagraph, docxTable, odtOf, pdfOf, rtfOf, xlsxOf } from './samples.fixtures.ts'

const today = '2026-11-24'
const faults = async (content: Uint8Array, name = 'file') =>
  (await readPart({ name, contentType: '', content }, today)).faults.map(({ code }) => code)
const form = [
  ['ФИО', 'Кузнецова Ольга'],
  ['Дата рождения', '05.03.2009'],
]
const sound = () => docxOf(docxTable(form))

/** A compound file's first sector and nothing behind it. */
const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])

describe('a file that can’t or mustn’t be read', () => {
  it.each<[string, () => Uint8Array | Promise<Uint8Array>, string, string?]>([
    ['empty', () => Buffer.alloc(0), 'no_text'],
    ['a picture', () => Buffer.from('\xff\xd8\xff\xe0JFIF', 'latin1'), 'no_text'],
    ['a scan in a PDF', () => pdfOf([['']]), 'no_text'],
    [
      'a program',
      () => Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0'.repeat(20), 'latin1'),
      'unknown_format',
    ],
    ['a RAR archive', () => Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'), 'unknown_format'],
    ['a compound file cut off', () => compound, 'damaged'],
    ['a zip cut off', async () => (await sound()).subarray(0, 200), 'damaged'],
    ['a PDF cut off', async () => (await pdfOf(form)).subarray(0, 300), 'damaged'],
    ['a document without text', () => docxOf(''), 'no_questionnaire'],
    [
      'entities',
      () =>
        docxOf('').then(() =>
          withDocument('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document/>'),
        ),
      'damaged',
    ],
    ['elements too deep', () => docxOf('<w:sdt>'.repeat(500)), 'bomb'],
    [
      'elements too many',
      () => withDocument(Array.from({ length: 450_000 }, (_, at) => `<w:p id="${at}"/>`).join('')),
      'too_large',
    ],
    ['a bomb of zeros', () => withDocument(`<w:document>${' '.repeat(30_000_000)}</w:document>`), 'bomb'],
    ['tables too deep in HTML', () => Buffer.from(`<html>${'<table><tr><td>'.repeat(1000)}`), 'bomb'],
    ['groups too deep in RTF', () => Buffer.from(`{\\rtf1 ${'{'.repeat(100_000)}`), 'damaged'],
  ])('%s', async (_, content, code, name) => {
    expect(await faults(await content(), name)).toEqual([code])
  })

  it('over fifty megabytes isn’t looked at', async () => {
    expect(await faults(Buffer.alloc(50 * 1024 * 1024 + 1, 'a'))).toEqual(['too_large'])
  })

  it('asks for a password: PDF, ODT, zip', async () => {
    const odt = await zipBytes([
      { name: 'mimetype', bytes: Buffer.from('application/vnd.oasis.opendocument.text'), stored: true },
      { name: 'content.xml', bytes: Buffer.from('no xml') },
      {
        name: 'META-INF/manifest.xml',
        bytes: Buffer.from('<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'),
      },
    ])
    const zip = Buffer.from(await zipBytes([{ name: 'a.txt', bytes: Buffer.from('x'), stored: true }]))
    for (const signature of ['PK\x03\x04', 'PK\x01\x02']) {
      const at = zip.indexOf(signature, 0, 'latin1') + (signature === 'PK\x03\x04' ? 6 : 8)
      zip.writeUInt16LE(zip.readUInt16LE(at) | 1, at)
    }
    expect([await faults(odt), await faults(zip)]).toEqual([['encrypted'], ['encrypted']])
  })

  it('is an archive inside an archive: it stays closed, the files beside it are read', async () => {
    const inner = await zipBytes([{ name: 'a.docx', bytes: await sound() }])
    const outer = await zipBytes([
      { name: 'inner.zip', bytes: inner },
      { name: 'a.docx', bytes: await sound() },
    ])
    const read = await readPart({ name: 'o.zip', contentType: '', content: outer }, today)
    expect(read.faults).toEqual([{ part: 'o.zip/inner.zip', code: 'nested_archive' }])
    expect(read.questionnaires.map(({ fullName }) => fullName.value)).toEqual(['Кузнецова Ольга'])
  })

  it('named an office document hides no archive either', async () => {
    const inner = await zipBytes([{ name: 'a.docx', bytes: await sound() }])
    const outer = await zipBytes([{ name: 'inner.docx', bytes: inner }])
    const read = await readPart({ name: 'o.zip', contentType: '', content: outer }, today)
    expect([read.questionnaires.length, read.faults.map(({ code }) => code)]).toEqual([0, ['nested_archive']])
  })

  it('hides nothing from the limits: a sheet whose last row is the millionth is read to its limit, and says so', async () => {
    const sheet = await xlsxOf([['ФИО', 'Дата рождения'], ...form.slice(0, 1)])
    expect(await faults(sheet)).toEqual([])
    const rows = Array.from({ length: 5_100 }, (_, at) => [`Кузнецова Анна`, `${(at % 28) + 1}.03.2009`])
    expect(await faults(await xlsxOf([['ФИО', 'Дата рождения'], ...rows]))).toContain('too_large')
  })

  it('beside sound ones takes nothing from them', async () => {
    const part = async (content: Uint8Array | Promise<Uint8Array>) => ({
      name: 'f',
      contentType: '',
      content: await content,
    })
    const parts = await Promise.all([part(compound), part(sound()), part(Buffer.from('%PDF-1.7 broken'))])
    const read = await readQuestionnaires({ text: '', parts }, today)
    expect(read.questionnaires).toHaveLength(1)
    expect(read.faults.map(({ code }) => code)).toEqual(['damaged', 'damaged'])
  })

  it('runs into no limit of files unseen', async () => {
    const parts = Array.from({ length: 60 }, () => ({
      name: 'a.txt',
      contentType: '',
      content: Buffer.from('x'),
    }))
    const read = await readQuestionnaires({ text: '', parts }, today)
    expect(read.faults.at(-1)).toEqual({ part: '', code: 'too_many' })
  })
})

const withDocument = (xml: string) =>
  zipBytes([
    { name: '[Content_Types].xml', bytes: Buffer.from('<Types/>') },
    { name: 'word/document.xml', bytes: Buffer.from(xml) },
  ])

describe('whatever comes', () => {
  it('nothing throws: any bytes, and sound files with bytes changed', async () => {
    const samples = [
      await sound(),
      await odtOf(form),
      await xlsxOf(form),
      rtfOf(form),
      await pdfOf(form),
      Buffer.from(docxParagraph('ФИО: Кузнецова Ольга')),
    ]
    const spoilt = fc
      .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 20 }))
      .map(([sample, changes]) => {
        const bytes = Buffer.from(sample)
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        return bytes
      })
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 2000 }), spoilt),
        fc.string(),
        async (content, text) => {
          const parts = [{ name: text, contentType: text, content }]
          const read = await readQuestionnaires({ text, html: text, subject: text, parts }, today)
          expect(Array.isArray(read.questionnaires)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})
