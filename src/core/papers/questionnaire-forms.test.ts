import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readQuestionnaires } from '#protocols/questionnaire/read.ts'
import { openZip } from '#protocols/zip/zip.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { createQuestionnaireForms, type FormChoice } from './questionnaire-forms.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const choice = (change: Partial<FormChoice> = {}): FormChoice => ({
  library: network.bui,
  format: 'docx',
  readers: 'one',
  ...change,
})
const wordsOf = async (docx: Buffer) => {
  const archive = await openZip(docx)
  return (await archive.readEntry('word/document.xml')).toString().replace(/<[^>]+>/gu, ' ')
}

describe('the form as a file', () => {
  it('is of one library: its name and code are in it, its code is in the file’s name', async () => {
    const { bytes, name, mediaType } = await app.questionnaireForms.write(choice())
    expect(await wordsOf(bytes)).toMatch(/Буйская районная библиотека .* 002 /u)
    expect([name, mediaType]).toEqual(['anketa-002.docx', expect.stringContaining('wordprocessingml')])
    const parts = [{ name, contentType: mediaType, content: bytes }]
    expect((await readQuestionnaires({ text: '', parts }, '2026-11-24')).libraryCode).toBe('002')
    expect((await app.questionnaireForms.write(choice({ format: 'odt', readers: 'many' }))).name).toBe(
      'ankety-002.odt',
    )
  })

  it('goes to the mailbox that is read; where its name is no address, to the central library', async () => {
    const goesTo = (intakeImapUrl: string | undefined) =>
      createQuestionnaireForms({ db: app.db, intakeImapUrl }).address()
    expect(await goesTo('imaps://anketa%40lib.test:secret@imap.lib.test/INBOX')).toBe('anketa@lib.test')
    for (const url of ['imaps://anketa:secret@imap.lib.test/INBOX', undefined])
      expect(await goesTo(url)).toBe('library001@library.test')
    const forms = createQuestionnaireForms({
      db: app.db,
      intakeImapUrl: 'imaps://a%40lib.test:secret@h/INBOX',
    })
    const words = await wordsOf((await forms.write(choice())).bytes)
    expect([words.includes('a@lib.test'), words.includes('secret')]).toEqual([true, false])
  })

  it('of a library that isn’t there isn’t found', async () => {
    const library = '00000000-0000-4000-8000-000000000000'
    await expect(app.questionnaireForms.write(choice({ library }))).rejects.toMatchObject({ status: 404 })
    await expect(app.consents.blank(library, 'processing')).rejects.toMatchObject({ status: 404 })
  })

  it('has the consents in force beside it, with lines for the pen', async () => {
    expect(await app.consents.kindsInForce()).toEqual(['processing', 'handover'])
    const { pdf, name } = await app.consents.blank(network.bui, 'processing')
    expect(name).toBe(`soglasie-${network.consentVersion}.pdf`)
    expect(await textOf(pdf)).toContain('фамилия, имя, отчество')
    // Drawn once: anybody may ask.
    expect((await app.consents.blank(network.bui, 'processing')).pdf).toBe(pdf)
  })
})
