import type { PersonFiles } from '../person-file/person-file.ts'
import { readSettings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import type { ReaderActor } from '../staff/actors.ts'
import { renderPersonFile } from './person-file.ts'

export function createPersonPapers(db: Database, files: PersonFiles) {
  return {
    profile: files.profile,

    /** «Мои данные файлом»: for programs, or for people. @throws tooManyAttempts */
    async own(actor: ReaderActor, as: 'json' | 'pdf'): Promise<{ bytes: Buffer; type: string }> {
      const file = await files.whole(actor)
      if (as === 'json')
        return { bytes: Buffer.from(JSON.stringify(file, null, 2)), type: 'application/json; charset=utf-8' }
      const zone = (await readSettings(db))['region.timeZone']
      return { bytes: await renderPersonFile(file, zone), type: 'application/pdf' }
    },
  }
}
