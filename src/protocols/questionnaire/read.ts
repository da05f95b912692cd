import { readMime } from '../mail/mime.ts'
import { decodeText, mendText, type Decoded } from '../text/decode-text.ts'
import type { Block, ReadDocument } from './document.ts'
import { questionnairesIn } from './documents.ts'
import { readCompound } from './formats/compound.ts'
import { readCsv, readPlain, tablesAmong } from './formats/csv.ts'
import { readDocx } from './formats/docx.ts'
import { readHtml } from './formats/html.ts'
import { readOpenDocument } from './formats/odt.ts'
import { openOffice } from './formats/office-zip.ts'
import { readPdf } from './formats/pdf.ts'
import { readRtf } from './formats/rtf.ts'
import { faultOf, Unreadable } from './formats/unreadable.ts'
import { readXlsx } from './formats/xlsx.ts'
import { letterLines } from './letter-text.ts'
import { questionnaireLimits, type LetterPart, type LetterToRead, type ReadParts } from './questionnaire.ts'
import { mergeParts } from './merge.ts'
import type { ZipArchive } from '../zip/zip.ts'

/**
 * Reads every questionnaire out of a letter and its files: DOCX, DOC, ODT, RTF, XLSX, XLS, ODS, CSV, PDF with
 * text, HTML, plain text, and letters (EML) and ZIP archives of these. Never throws: a part that can't be read is a fault, the rest goes
 * on. Runs no macro, follows no link. Takes processor time: servers call it through
 * `core/intake/questionnaire-reader.ts`, which keeps it to its limits on a thread of its own.
 * @param today calendar date `YYYY-MM-DD`, by which ages are judged
 */
export async function readQuestionnaires(letter: LetterToRead, today: string): Promise<ReadParts> {
  const read = [readBody(letter, today)]
  for (const part of letter.parts.slice(0, questionnaireLimits.files)) read.push(await readPart(part, today))
  if (letter.parts.length > questionnaireLimits.files)
    read.push({ questionnaires: [], faults: [{ part: '', code: 'too_many' }] })
  return mergeParts(read)
}

/** The letter itself. That it has no questionnaire is no fault: most letters only say what is attached. */
export function readBody({ text, html, subject, unsure }: LetterToRead, today: string): ReadParts {
  try {
    const mended = (read: string): Decoded => {
      const { sure, ...decoded } = mendText(read.slice(0, questionnaireLimits.characters))
      return { ...decoded, sure: sure && !unsure }
    }
    const page = html === undefined ? undefined : mended(html)
    const shown = page && tablesIn(page.text)
    const tables = shown && questionnairesIn({ blocks: shown, unsure: !page.sure }, '', today)
    if (shown && tables?.questionnaires.length)
      return { ...tables, faults: [], shown: asText(shown).slice(0, questionnaireLimits.shown) }
    const plain = mended(text)
    const lines = tablesAmong(letterLines(plain.text, subject && mendText(subject).text))
    // Whoever compares must be able to read it, too.
    const readable = plain.text === text ? {} : { shown: plain.text.slice(0, questionnaireLimits.shown) }
    return { ...questionnairesIn({ blocks: lines, unsure: !plain.sure }, '', today), faults: [], ...readable }
  } catch (error) {
    return { questionnaires: [], faults: [{ part: '', code: faultOf(error) }] }
  }
}

/** HTML whose questionnaires stand in tables: its plain text has lost them. */
function tablesIn(html: string): Block[] | undefined {
  const blocks = readHtml(html)
  return blocks.some(({ kind }) => kind === 'table') ? blocks : undefined
}

/** Row by row: as plain text the cells run together. */
const asText = (blocks: readonly Block[]): string => blocks.flatMap(textLines).join('\n')

const textLines = (block: Block): string[] =>
  block.kind === 'line'
    ? [block.text]
    : block.rows.flatMap((cells) => [
        cells.map(({ text }) => text.replaceAll('\n', ' ')).join(' | '),
        ...cells.flatMap(({ tables }) => tables.flatMap(textLines)),
      ])

/** One file, or all files of an archive. Never throws. */
export const readPart = (part: LetterPart, today: string): Promise<ReadParts> => readOne(part, today, false)

async function readOne(part: LetterPart, today: string, inArchive: boolean): Promise<ReadParts> {
  try {
    if (part.content.length > questionnaireLimits.fileBytes) throw new Unreadable('too_large')
    const archive = isZip(part.content) ? await openOffice(part.content) : undefined
    if (!archive && isLetter(part)) return await readLetterFile(part, today, inArchive)
    if (!archive) return questionnairesIn(await readFile(part), part.name, today)
    try {
      const office = await readOffice(archive)
      if (office) return questionnairesIn(office, part.name, today)
      // Whatever its name says.
      if (inArchive) throw new Unreadable('nested_archive')
      return await readArchive(archive, part.name, today)
    } finally {
      await archive.close()
    }
  } catch (error) {
    return { questionnaires: [], faults: [{ part: part.name, code: faultOf(error) }] }
  }
}

/** A letter that was passed on as a file. */
const isLetter = ({ name, contentType }: LetterPart): boolean =>
  contentType.startsWith('message/rfc822') || /\.eml$/iu.test(name)

async function readLetterFile(
  { name, content }: LetterPart,
  today: string,
  inArchive: boolean,
): Promise<ReadParts> {
  if (inArchive) throw new Unreadable('nested_archive')
  const mail = await readMime(Buffer.from(content), questionnaireLimits.characters)
  const { text, html, subject, unsure, attachments } = mail
  const letter = { text: text ?? '', subject: subject ?? '', unsure, ...(html ? { html } : {}), parts: [] }
  const { shown: _shown, ...body } = readBody(letter, today)
  const own = body.questionnaires.map((each) => ({ ...each, source: { ...each.source, part: name } }))
  const read: ReadParts[] = [{ ...body, questionnaires: own }]
  for (const part of attachments.slice(0, questionnaireLimits.files)) {
    const inside = `${name}/${part.filename ?? ''}`
    read.push(
      await readOne({ name: inside, contentType: part.contentType, content: part.content }, today, true),
    )
  }
  const all = mergeParts(read)
  const nothing = all.questionnaires.length === 0 && all.faults.length === 0
  return nothing ? { ...all, faults: [{ part: name, code: 'no_questionnaire' }] } : all
}

const starts = (bytes: Uint8Array, signature: string): boolean =>
  Buffer.from(bytes.subarray(0, signature.length)).toString('latin1') === signature

const isZip = (bytes: Uint8Array): boolean => starts(bytes, 'PK\x03\x04') || starts(bytes, 'PK\x05\x06')

/** What an archive is if it is an office document; undefined for any other. */
async function readOffice(archive: ZipArchive): Promise<ReadDocument | undefined> {
  if (archive.entryAnyCase('xl/workbook.xml')) return readXlsx(archive)
  if (
    archive.entryAnyCase('[Content_Types].xml') &&
    archive.entries.some(({ name }) => /^word\//iu.test(name))
  )
    return readDocx(archive)
  if (archive.entry('content.xml') && archive.entry('mimetype')) return readOpenDocument(archive)
  return undefined
}

async function readArchive(archive: ZipArchive, name: string, today: string): Promise<ReadParts> {
  const read: ReadParts[] = []
  const files = archive.entries.filter((entry) => !/(^|\/)(__MACOSX\/|\.|thumbs\.db$)/iu.test(entry.name))
  for (const entry of files.slice(0, questionnaireLimits.files)) {
    const part = `${name}/${entry.name}`
    try {
      const content = await archive.readEntry(entry.name, questionnaireLimits.fileBytes)
      read.push(await readOne({ name: part, contentType: '', content }, today, true))
    } catch (error) {
      read.push({ questionnaires: [], faults: [{ part, code: faultOf(error) }] })
    }
  }
  if (files.length > questionnaireLimits.files)
    read.push({ questionnaires: [], faults: [{ part: name, code: 'too_many' }] })
  if (files.length === 0) throw new Unreadable('no_questionnaire')
  return mergeParts(read)
}

const packed = ['Rar!', '7z\xbc\xaf', '\x1f\x8b', 'BZh', '\xfd7zXZ']
const pictures = ['\x89PNG', '\xff\xd8\xff', 'GIF8', 'BM', 'II*\0', 'MM\0*', 'RIFF']

/** By its content; names and media types lie too often. They only tell kinds of text apart. */
async function readFile({ name, contentType, content }: LetterPart): Promise<ReadDocument> {
  if (content.length === 0) throw new Unreadable('no_text')
  if (starts(content, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return readCompound(content)
  if (starts(content, '{\\rtf')) return readRtf(content)
  if (Buffer.from(content.subarray(0, 1024)).includes('%PDF-')) return readPdf(content)
  if (pictures.some((each) => starts(content, each)) || /^.{4}ftyphei/su.test(head(content)))
    throw new Unreadable('no_text')
  if (packed.some((each) => starts(content, each))) throw new Unreadable('unknown_format')
  const { text, sure } = readText(content)
  const unsure = !sure
  if (/^\s*(<!doctype html|<html|<\?xml[^>]*\?>\s*<html|<table|<meta|<div|<body)/iu.test(text))
    return { blocks: readHtml(text), unsure }
  if (/^\s*<\?xml/u.test(text)) throw new Unreadable('unknown_format')
  const isCsv = /\.(csv|tsv)$/iu.test(name) || /^text\/(csv|tab-separated)/u.test(contentType)
  return {
    blocks: isCsv ? readCsv(text) : readPlain(text),
    cut: content.length > questionnaireLimits.characters * 4,
    unsure,
  }
}

const head = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 16)).toString('latin1')

/** @throws Unreadable where control characters say that it is no text at all */
function readText(content: Uint8Array): Decoded {
  const decoded = decodeText(content.subarray(0, questionnaireLimits.characters * 4))
  const text = decoded.text.slice(0, questionnaireLimits.characters)
  const sample = text.slice(0, 5_000)
  const odd = sample.match(/[^\P{Cc}\t\n\v\f\r]|\ufffd/gu)?.length ?? 0
  if (odd > sample.length / 100) throw new Unreadable('unknown_format')
  return { text: text.replace(/^\ufeff/u, '').replace(/\r\n?/gu, '\n'), sure: decoded.sure }
}
