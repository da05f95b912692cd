import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire } from '../../../tests/support/app.ts'
import { smsParts } from '../../protocols/message/parts.ts'
import { templateFault } from '../../protocols/message/template.ts'
import { authorise } from '../staff/actors.ts'
import { createMessageTexts } from './stored-texts.ts'
import { bodyCarries, sampleFacts, subjectCarries } from './placeholders.ts'
import { saveTextSchema, templateIdSchema } from './text-editing.schemas.ts'
import type { TemplateId } from './template-ids.ts'
import { templateKey } from './template-ids.ts'
import { builtInTemplate, templateIds, writeMessage } from './texts.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  await app.db.deleteFrom('message_texts').execute()
  await app.db.deleteFrom('audit_log').execute()
})

const sms: TemplateId = { channel: 'sms', event: 'reader.new-password', language: 'ru' }
const admin = () => authorise(network.admin, 'messages.write-texts')
const methodologist = () => authorise(network.methodologist, 'messages.write-texts')
const save = (body: string, basedOn = 0, id = sms, subject = '') =>
  app.messages.texts.save(admin(), id, saveTextSchema.parse({ subject, body, basedOn: String(basedOn) }))

describe.each(templateIds.map((id) => [templateKey(id), id] as const))('the built-in text %s', (_, id) => {
  const region = { origin: 'https://library.example', providerName: '', providerAddress: '', hoursLimit: 48 }
  it('has no fault, and reads well with all facts and with the least', () => {
    const template = builtInTemplate(id)
    expect(templateFault(template.body, bodyCarries(id.channel, id.event))).toBeUndefined()
    if (id.channel === 'email')
      expect(templateFault(template.subject, subjectCarries(id.event))).toBeUndefined()
    for (const all of [true, false]) {
      const { subject, body } = writeMessage(template, id, sampleFacts(id.language, region, all, id.event))
      expect(subject + body).not.toMatch(/[{}[\]]|undefined|\n\n\n| \n|, \./)
      if (id.language === 'en') expect(subject + body).not.toMatch(/[а-яё]/i)
      if (id.channel === 'sms') expect(smsParts(body)).toBeLessThanOrEqual(3)
    }
  })
})

describe('a text of the region’s own', () => {
  it('is what the next messages are written with; going back to the built-in one is a version, too', async () => {
    const current = async () => (await createMessageTexts(app.db).current())(sms).body
    await save('Билет {билет}\r\nпароль {пароль} ')
    expect(await current()).toBe('Билет {билет}\nпароль {пароль}')
    await app.messages.texts.restore(methodologist(), sms, { version: 0, basedOn: 1 })
    expect(await current()).toBe(builtInTemplate(sms).body)
    await app.messages.texts.restore(admin(), sms, { version: 1, basedOn: 2 })
    expect(await current()).toBe('Билет {билет}\nпароль {пароль}')
    const opened = await app.messages.texts.open(admin(), sms)
    expect(opened.history.map(({ version, by }) => [version, by])).toEqual([
      [3, network.admin.fullName],
      [2, network.methodologist.fullName],
      [1, network.admin.fullName],
    ])
  })

  it('is saved once by two clicks; the log says which fields, never the words', async () => {
    await save('Мой {билет} {пароль}')
    await save('Мой {билет} {пароль}')
    const entries = await app.db.selectFrom('audit_log').select(['action', 'details']).execute()
    expect(entries).toEqual([
      { action: 'messages.write-text', details: { version: 1, builtIn: false, fields: ['body'] } },
    ])
  })

  it('isn’t written over by whoever hasn’t seen it', async () => {
    const ends = await Promise.allSettled([save('Один {билет} {пароль}'), save('Два {билет} {пароль}')])
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(ends.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'messages.text_changed', values: { version: 1 } },
    })
    await save('Два {билет} {пароль}', 1)
    expect((await app.messages.texts.open(admin(), sms)).template.body).toBe('Два {билет} {пароль}')
  })

  it.each([
    ['', { code: 'messages.text_empty' }],
    ['{билет}', { code: 'messages.text_missing', values: { name: 'пароль' } }],
    ['{билет} [{пароль}]', { code: 'messages.text_optional', values: { name: 'пароль' } }],
    ['{билет} {пороль}', { code: 'messages.text_misspelt', values: { meant: 'пароль' } }],
    // A gateway gets no reader's name.
    ['{имя} {билет} {пароль}', { code: 'messages.text_unknown', values: { name: 'имя' } }],
    ['{билет} {пароль', { code: 'messages.text_unpaired', values: { sign: '{' } }],
    [`{билет} {пароль} ${'я'.repeat(500)}`, { code: 'messages.text_long', values: { most: 6 } }],
  ])('%j is refused with what is wrong', async (body, fault) => {
    await expect(save(body)).rejects.toMatchObject({ ...fault, status: 422 })
    expect((await app.messages.texts.open(admin(), sms)).version).toBe(0)
  })

  it('shows no secret in a subject, nor goes without one', async () => {
    const id: TemplateId = { ...sms, channel: 'email' }
    const body = '{билет} {пароль}'
    await expect(save(body, 0, id, 'Пароль {пароль}')).rejects.toMatchObject({
      values: { field: 'subject' },
    })
    await expect(save(body, 0, id, ' ')).rejects.toMatchObject({ code: 'messages.text_empty' })
    await save(body, 0, id, 'Пароль\nдля {имя}')
    expect((await app.messages.texts.open(admin(), id)).template.subject).toBe('Пароль для {имя}')
  })

  it('that is no good any more gives way to the built-in one', async () => {
    await save('Мой {билет} {пароль}')
    await app.db.updateTable('message_texts').set({ body: 'Без пароля' }).execute()
    expect((await createMessageTexts(app.db).current())(sms)).toEqual(builtInTemplate(sms))
  })

  it('is the administrator’s and the methodologist’s alone, and there is none that doesn’t exist', () => {
    for (const actor of [network.librarian, network.operator, network.curator, undefined])
      expect(() => authorise(actor, 'messages.write-texts')).toThrow(/staff\./)
    expect(templateIdSchema.safeParse({ ...sms, event: 'library.registered' }).success).toBe(false)
    expect(templateIdSchema.safeParse({ ...sms, language: 'de' }).success).toBe(false)
  })
})

describe('the language of a message', () => {
  it('is the reader’s own, Russian until he chooses', async () => {
    const operator = authorise(network.operator, 'applications.decide')
    const { id } = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network),
    )
    const { readerId } = await app.applications.register(operator, id, {
      revision: 1,
      providerNumber: '',
      providerPassword: '',
      anotherPerson: false,
    })
    const messages = await app.db
      .selectFrom('messages')
      .select(['id', 'channel'])
      .where('reader_id', '=', readerId)
      .execute()
    const idOf = (channel: string) => messages.find((each) => each.channel === channel)?.id ?? ''
    await app.messages.send(idOf('sms'))
    const reader = { kind: 'reader', readerId, fullName: '', birthDate: '1990-03-05' } as const
    await app.readers.language.choose(reader, 'en')
    await app.messages.send(idOf('email'))
    const outbox = await app.messages.outbox()
    expect(outbox.find(({ channel }) => channel === 'sms')?.text).toMatch(/\nПароль \S{8}$/)
    const letter = outbox.find(({ channel, to }) => channel === 'email' && to.startsWith('anna'))
    expect(letter).toMatchObject({ subject: 'Your Smart Library card' })
    expect(letter?.text).toMatch(/\nPassword: \S{8}\n/)
  })
})
