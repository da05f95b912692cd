import { openZip, type ZipArchive } from '../../zip/zip.ts'
import { parseXml, type XmlElement } from '../../xml/xml.ts'
import { questionnaireLimits } from '../questionnaire.ts'
import { Unreadable } from './unreadable.ts'

/** A text of two hundred pages has some 100 000 elements. */
const xmlLimits = { maxDepth: 200, maxElements: 400_000, maxLength: 24 * 1024 * 1024 }

/**
 * Opens an office document, an archive within limits. One with programs inside is refused: nobody's questionnaire
 * needs them, and whoever opens the original would run them.
 * @throws BookFault, Unreadable
 */
export async function openOffice(bytes: Uint8Array): Promise<ZipArchive> {
  const archive = await openZip(bytes, {
    maxEntries: 5_000,
    maxEntryBytes: questionnaireLimits.fileBytes,
    maxTotalBytes: 2 * questionnaireLimits.fileBytes,
  })
  if (!archive.entries.some(({ name }) => program.test(name))) return archive
  await archive.close()
  throw new Unreadable('macro')
}

const program = /^((word|xl)\/vbaProject\.bin|(Basic|Scripts)\/.+)$/iu

/** One of its XML files; undefined when there is none. @throws BookFault */
export async function xmlEntry(archive: ZipArchive, name: string): Promise<XmlElement | undefined> {
  const entry = archive.entryAnyCase(name)
  return entry && parseXml(await archive.readEntry(entry.name), { limits: xmlLimits })
}
