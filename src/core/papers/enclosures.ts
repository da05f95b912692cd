import type { Enclosure } from '../messages/driver.ts'
import type { Enclose } from '../messages/messages.commands.ts'
import type { createConsentPapers } from './consent-papers.ts'
import type { createLibraryLetters } from './library-letters.ts'
import type { createQuestionnaireForms } from './questionnaire-forms.ts'

const enclosure = (file: { name: string; mediaType: string; bytes: Buffer }): Enclosure => ({
  name: file.name,
  contentType: file.mediaType,
  content: file.bytes,
})

/**
 * The files that go with letters to libraries. An answer to a letter in which nothing was found brings the form along,
 * filled in with its library; an invitation brings the letter on paper and the consents, too.
 */
export function createEnclosures(papers: {
  forms: ReturnType<typeof createQuestionnaireForms>
  consents: ReturnType<typeof createConsentPapers>
  letters: ReturnType<typeof createLibraryLetters>
}): Enclose {
  const form = async (library: string) =>
    enclosure(await papers.forms.write({ library, format: 'docx', readers: 'one' }))

  async function consents(libraryId: string): Promise<Enclosure[]> {
    const files: Enclosure[] = []
    for (const kind of await papers.consents.kindsInForce()) {
      const { pdf, name } = await papers.consents.blank(libraryId, kind)
      files.push(enclosure({ name, mediaType: 'application/pdf', bytes: pdf }))
    }
    return files
  }

  return async ({ event, libraryId, staffId }) => {
    if (!libraryId) return []
    if (event === 'library.letter-unreadable' || event === 'library.letter-too-large')
      return [await form(libraryId)]
    if (event !== 'library.invitation' || !staffId) return []
    const letter = enclosure(await papers.letters.letter(libraryId, staffId, 'pdf'))
    return [letter, await form(libraryId), ...(await consents(libraryId))]
  }
}
