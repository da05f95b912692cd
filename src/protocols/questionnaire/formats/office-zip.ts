import { openZip, type ZipArchive } from '../../zip/zip.ts'
import { parseXml, type XmlElement } from '../../xml/xml.ts'
import { questionnaireLimits } from '../questionnaire.ts'

/** A text of two hundred pages has some 100 000 elements. */
const xmlLimits = { maxDepth: 200, maxElements: 400_000, maxLength: 24 * 1024 * 1024 }

/** Opens an office document, an archive within limits. @throws BookFault */
export const openOffice = (bytes: Uint8Array): Promise<ZipArchive> =>
  openZip(bytes, {
    maxEntries: 5_000,
    maxEntryBytes: questionnaireLimits.fileBytes,
    maxTotalBytes: 2 * questionnaireLimits.fileBytes,
  })

/** One of its XML files; undefined when there is none. @throws BookFault */
export async function xmlEntry(archive: ZipArchive, name: string): Promise<XmlElement | undefined> {
  const entry = archive.entryAnyCase(name)
  return entry && parseXml(await archive.readEntry(entry.name), { limits: xmlLimits })
}
