import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDocx } from '#protocols/questionnaire/formats/docx.ts'
import { openZip } from '#protocols/zip/zip.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { codesOn, pageCount, textOf } from '../../../tests/support/pdf.ts'
import { saveTextSchema } from '../messages/text-editing.schemas.ts'
import { authorise } from '../staff/actors.ts'
import { createStaffLinks } from '../staffing/links.commands.ts'
import { inviteLibrarianSchema } from '../staffing/staffing.schemas.ts'
import { createEnclosures } from './enclosures.ts'
import { createConsentPapers } from './consent-papers.ts'

let app: TestApp
let network: TestNetwork
let libraryId: string
let staffId: string
let link: string

const manager = () => authorise(network.methodologist, 'network.manage')
const admin = () => authorise(network.admin, 'staff.manage')

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  await app.network.changeDepartment(manager(), {
    name: 'Методический отдел',
    phone: '+7 4942 31-00-00',
    email: 'metod@library.test',
  })
  const contacts = { address: '', phone: '', email: '' }
  libraryId = (await app.network.add(manager(), { name: 'Нейская районная библиотека', ...contacts })).id
  const input = { fullName: 'Первая Анна Петровна', email: 'neya@library.test', days: '14' }
  staffId = (await app.staffing.inviteLibrarian(manager(), libraryId, inviteLibrarianSchema.parse(input)))
    .staffId
  link = await app.staffing.showLink(admin(), staffId)
})
afterAll(() => app.dispose())

/** Lines of a DOCX, as the project's own reader of letters sees them. */
async function linesOf(docx: Buffer): Promise<string[]> {
  const { blocks } = await readDocx(await openZip(docx))
  return blocks.flatMap((block) => (block.kind === 'line' ? [block.text] : []))
}

describe('the letter that invites a library', () => {
  it('as PDF is one page with the steps, the contacts, the link, and its QR code', async () => {
    const { bytes, name, mediaType } = await app.network.letters.print(manager(), libraryId, 'pdf')
    expect([name, mediaType]).toEqual(['priglashenie-004.pdf', 'application/pdf'])
    expect(pageCount(bytes)).toBe(1)
    const words = textOf(bytes)
    for (const part of [
      'Нейская районная библиотека',
      'Первая Анна Петровна',
      'Порядок действий',
      'Методический отдел +7 4942 31-00-00 metod@library.test',
      'Областная библиотека',
      'Действует до 8 декабря 2026 г.',
    ])
      expect(words).toContain(part)
    expect(words.replaceAll(' ', '')).toContain(link)
    expect(await codesOn(bytes)).toEqual([{ format: 'QRCode', text: link }])
  })

  it('as DOCX says the same, with the code as a picture', async () => {
    const { bytes, name } = await app.network.letters.print(manager(), libraryId, 'docx')
    expect(name).toBe('priglashenie-004.docx')
    const lines = await linesOf(bytes)
    expect(lines[0]).toBe('Приглашение в Смарт-библиотеку')
    expect(lines).toContain('Порядок действий')
    expect(lines.find((line) => line.startsWith('1. '))).toContain('Первая Анна Петровна')
    expect(lines).toContain('+7 4942 31-00-00')
    expect(lines).toContain(link)
    const archive = await openZip(bytes)
    const picture = await archive.readEntry('word/media/qr.png')
    expect([...picture.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  })

  it('holds a way in, so each print is in the log; once the invitation is accepted there is none', async () => {
    await app.network.letters.print(manager(), libraryId, 'pdf')
    const entry = await app.db
      .selectFrom('audit_log')
      .select(['action', 'subject_id', 'library_id', 'details'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    expect(entry).toEqual({
      action: 'network.print-letter',
      subject_id: staffId,
      library_id: libraryId,
      details: { format: 'pdf' },
    })
    await expect(app.network.letters.print(manager(), network.bui, 'pdf')).rejects.toThrow('not_found')
  })

  it('carries no way into another role: whoever has one besides isn’t the department’s to invite', async () => {
    const held = { role: 'admin', libraryId: network.central } as const
    await app.staffing.giveRole(admin(), staffId, held)
    await expect(app.network.letters.print(manager(), libraryId, 'pdf')).rejects.toThrow('not_found')
    await app.staffing.takeRole(admin(), staffId, held)
    await app.network.letters.print(manager(), libraryId, 'pdf')
  })

  it('says what the region wrote, with its values; a long one goes on to a second page, its code whole', async () => {
    const id = { channel: 'paper', event: 'library.invitation', language: 'ru' } as const
    const body = `Дорогие коллеги, {библиотека}!\n\n${'- Пункт, который надо прочесть\n'.repeat(60)}`
    const writer = authorise(network.methodologist, 'messages.write-texts')
    const save = (typed: object) =>
      app.messages.texts.save(writer, id, saveTextSchema.parse({ basedOn: '0', ...typed }))
    await expect(save({ subject: 'Письмо', body: 'Нет такого: {билет}' })).rejects.toThrow('text_unknown')
    await expect(save({ subject: '{ссылка для входа}', body })).rejects.toThrow('text_unknown')
    await save({ subject: 'Наше письмо', body })
    const { bytes } = await app.network.letters.print(manager(), libraryId, 'pdf')
    expect(textOf(bytes)).toContain('Дорогие коллеги, Нейская районная библиотека!')
    expect(pageCount(bytes)).toBe(2)
    expect(await codesOn(bytes, 1)).toEqual([{ format: 'QRCode', text: link }])
    await app.messages.texts.restore(writer, id, { version: 0, basedOn: 1 })
  })

  it('goes along with the e-mail, together with the form and the consents', async () => {
    const {
      questionnaireForms: forms,
      network: { letters },
    } = app
    const enclose = createEnclosures({ forms, letters, consents: createConsentPapers(app) })
    const message = { event: 'library.invitation', libraryId, staffId } as const
    const files = await enclose(message)
    expect(files.map(({ name }) => name)).toEqual([
      'priglashenie-004.pdf',
      'anketa-004.docx',
      `soglasie-${network.consentVersion}.pdf`,
      `soglasie-${network.handoverVersion}.pdf`,
    ])
    expect(textOf(files[0]?.content ?? Buffer.of())).toContain('Первая Анна Петровна')
    expect(await enclose({ ...message, event: 'library.returned' })).toEqual([])
  })

  it('as a sample has made-up names and a link that opens nothing', async () => {
    const { bytes } = await app.network.letters.sample(manager(), 'pdf')
    expect(textOf(bytes)).toContain('Образцова Анна Петровна')
    const [code] = await codesOn(bytes)
    const key = new URL(code?.text ?? '').searchParams.get('key') ?? ''
    await expect(app.staffing.openLink('invitation', key)).rejects.toThrow('wrong_link')
  })

  it('is the way in where no letters go at all: nothing is queued, and the printed code signs in', async () => {
    const { bytes } = await app.network.letters.print(manager(), libraryId, 'pdf')
    const [code] = await codesOn(bytes)
    const key = new URL(code?.text ?? '').searchParams.get('key') ?? ''
    const { limits } = { limits: { book: async () => {}, refund: async () => {} } }
    const links = createStaffLinks({ ...app, limits, mail: false })
    expect(await links.useLink('invitation', key, 'Сирень у крыльца')).toEqual({ email: 'neya@library.test' })
    const shown = await links.reset(admin(), staffId)
    expect(shown).toMatch(/^http:\/\/library\.test\/staff\/new-password\?key=[\w-]{43}$/)
    await links.sendLink(staffId)
    const events = await app.db
      .selectFrom('messages')
      .select('event')
      .where('staff_id', '=', staffId)
      .execute()
    expect(events.map(({ event }) => event)).toEqual(['library.invitation'])
    await expect(app.network.letters.print(manager(), libraryId, 'pdf')).rejects.toThrow('not_found')
  })
})
