import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgeMark } from '#core/catalogue/age.ts'
import type { NewLicence } from '#core/licences/licences.ts'
import { writeZip } from '#protocols/zip/write-zip.ts'
import { epubFiles } from './epub.ts'
import { fb2File } from './fb2.ts'
import { weatherChronicle } from './long.ts'
import type { Manuscript } from './manuscript.ts'
import { readManuscripts } from './manuscript.ts'

export interface DemoBook {
  path: string
  title: string
  ageMark: AgeMark | null
  licence: NewLicence | null
}

/** Writes the demonstration's publications as files; the same texts give the same bytes. */
export async function buildDemoBooks(folder: string): Promise<DemoBook[]> {
  const manuscripts = [...(await readManuscripts()), weatherChronicle()]
  return Promise.all(
    manuscripts.map(async (manuscript) => {
      const fb2 = manuscript.format.startsWith('fb2')
      const path = join(folder, `${manuscript.slug}.${fb2 ? 'fb2' : 'epub'}`)
      if (fb2) await writeFile(path, await fb2File(manuscript))
      else await writeZip(await epubFiles(manuscript), path)
      return { path, title: manuscript.title, ageMark: ageOf(manuscript), licence: licenceOf(manuscript) }
    }),
  )
}

const ageOf = ({ age }: Manuscript): AgeMark | null => (age === 'none' ? null : (Number(age) as AgeMark))

function licenceOf({ licence }: Manuscript): NewLicence | null {
  if (licence === 'none') return null
  return licence === 'open' ? { kind: 'open' } : { kind: 'copies', copies: Number(licence) }
}
