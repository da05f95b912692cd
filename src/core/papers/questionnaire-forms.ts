import { z } from 'zod'
import { formFormats, formMediaTypes, writeForm } from '#protocols/questionnaire/forms/form.ts'
import { centralLibrary, libraryById } from '../network/network.ts'
import type { Database } from '../shared/db.ts'

/** Rows of a form for many: they fit on one sheet. */
const manyReaders = 15

export const formChoiceSchema = z.object({
  library: z.uuid(),
  format: z.enum(formFormats).catch('docx'),
  readers: z.enum(['one', 'many']).catch('one'),
})
export type FormChoice = z.output<typeof formChoiceSchema>

/** An empty form, as a file. */
export interface FormFile {
  bytes: Buffer
  mediaType: string
  /** For the name of the saved file. */
  name: string
}

/** The mailbox's own address where its sign-in name is one: that is where forms are read. */
function mailboxAddress(imapUrl: string | undefined): string | undefined {
  const name = imapUrl && decodeURIComponent(new URL(imapUrl).username)
  return name?.includes('@') ? name : undefined
}

/** The questionnaire as a file that libraries fill in and send by mail. It holds nobody's data and is for everybody. */
export function createQuestionnaireForms(deps: { db: Database; intakeImapUrl: string | undefined }) {
  const { db } = deps
  const mailbox = mailboxAddress(deps.intakeImapUrl)
  return {
    /** @throws notFound when there is no such library */
    async write({ library, format, readers }: FormChoice): Promise<FormFile> {
      const { code, name } = await libraryById(db, library)
      const address = mailbox ?? (await centralLibrary(db)).email
      const bytes = await writeForm(format, {
        library: { code, name },
        address,
        readers: readers === 'one' ? 'one' : manyReaders,
      })
      const kind = readers === 'one' ? 'anketa' : 'ankety'
      return { bytes, mediaType: formMediaTypes[format], name: `${kind}-${code}.${format}` }
    },

    /** Where filled-in forms are sent. */
    address: async (): Promise<string> => mailbox ?? (await centralLibrary(db)).email,
  }
}
