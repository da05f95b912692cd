import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readQuestionnaires } from '#protocols/questionnaire/read.ts'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import type { MailOptions } from '../../../tests/support/letters.ts'
import { authservId, formTable, formText, proven, rawMail } from '../../../tests/support/letters.ts'
import { erase } from '../destructions/erasing.ts'
import { draftFieldsSchema } from '../applications/drafts.ts'
import { parseMail } from '../intake/mail.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { createConfirming } from './confirming.commands.ts'
import { letterFingerprint } from './letters.ts'
import { confirmSchema } from './letters.schemas.ts'
import { createLetterHandler } from './receiving.ts'

let app: TestApp
let network: TestNetwork
const bui = 'library002@library.test'
const galich = 'library003@library.test'

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())
beforeEach(async () => {
  app.setTime(testStart)
  for (const table of ['messages', 'drafts', 'consents', 'application_events'] as const)
    await app.db.deleteFrom(table).execute()
  await app.db.deleteFrom('applications').execute()
  await app.db.deleteFrom('mailed_letters').execute()
})

const handler = (read = readQuestionnaires) =>
  createLetterHandler({
    db: app.db,
    clock: app.clock,
    audit: app.audit,
    read,
    authservIds: [authservId],
    ownAddress: 'books@library.test',
  })

/** What becomes of a mail in the mailbox. */
async function receive(options: MailOptions) {
  const mail = await parseMail(Buffer.from(rawMail(options).replaceAll('\n', '\r\n')))
  const prepared = await handler().prepare?.(mail)
  return await inTransaction(app.db, (tx) => handler().handle(tx, mail, prepared))
}

const letters = () => app.db.selectFrom('mailed_letters').selectAll().orderBy('id').execute()
const drafts = () => app.db.selectFrom('drafts').selectAll().orderBy('letter_place').execute()
const applications = () => app.db.selectFrom('applications').selectAll().orderBy('sent_at').execute()
const answers = () =>
  app.db.selectFrom('messages').select(['event', 'recipient', 'letter_id']).orderBy('id').execute()
const librarian = () => authorise(network.librarian, 'letters.confirm')
const reading = () => authorise(network.librarian, 'letters.read')
const operator = () => authorise(network.operator, 'letters.decide')

/** Presses the button with everything ticked that the page lets one tick. */
async function confirm(id: string, more: Record<string, string> = {}) {
  const { rows } = await app.letters.open(reading(), id)
  const form: Record<string, string> = {
    consentGiven: 'on',
    consentVersion: String(network.consentVersion),
    ...more,
  }
  for (const { draftId, revision, sure } of rows) if (sure) form[`take-${draftId}`] = String(revision)
  return app.letters.confirm(librarian(), id, confirmSchema.parse(form))
}

describe('a letter from a library', () => {
  it('becomes questionnaires that wait; its registered address is told; the mail is done with', async () => {
    expect(await receive({ from: bui })).toBe('taken')
    const [letter] = await letters()
    expect(letter).toMatchObject({ library_id: network.bui, state: 'open', found: 1, sure: 1, doubt: null })
    expect(await drafts()).toMatchObject([
      {
        origin: 'mail',
        library_id: network.bui,
        letter_id: letter?.id,
        letter_place: 1,
        fields: { fullName: 'Соколова Мария Ивановна', birthDate: '1990-03-05', phone: '+79101234567' },
      },
    ])
    expect(await answers()).toEqual([
      { event: 'library.letter-received', recipient: bui, letter_id: letter?.id },
    ])
    expect(await applications()).toEqual([])
  })

  it('that differs from another in its HTML alone is another letter', async () => {
    const both = (fullName: string) =>
      parseMail(
        Buffer.from(`From: ${bui}
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Письмо в формате HTML
--b
Content-Type: text/html; charset=utf-8

${formTable([{ fullName }])}
--b--
`),
      )
    const [one, other] = [await both('Соколова Мария'), await both('Орлов Пётр')]
    expect(one.text).toBe(other.text)
    expect(letterFingerprint(one).equals(letterFingerprint(other))).toBe(false)
    expect(letterFingerprint(one).equals(letterFingerprint(await both('Соколова Мария')))).toBe(true)
  })

  it('with many forms is confirmed at one press: each becomes a questionnaire with its own consent', async () => {
    const html = formTable([
      { fullName: 'Соколова Мария Ивановна', birthDate: '05.03.1990', phone: '8 910 123-45-67' },
      { fullName: 'Орлов Пётр Ильич', birthDate: '17.11.1975', email: 'orlov@mail.ru' },
    ])
    await receive({ from: bui, html })
    const [letter] = await letters()
    expect(letter).toMatchObject({ found: 2, sure: 2 })
    expect(letter?.body).toContain('ФИО | Орлов Пётр Ильич\n')
    expect(await confirm(letter?.id ?? '')).toEqual({ sent: 2, left: [] })
    expect(await applications()).toMatchObject([
      {
        full_name: 'Соколова Мария Ивановна',
        birth_date: '1990-03-05',
        state: 'sent',
        letter_id: letter?.id,
      },
      { full_name: 'Орлов Пётр Ильич', email: 'orlov@mail.ru', letter_id: letter?.id },
    ])
    const consents = await app.db
      .selectFrom('consents')
      .select(['channel', 'taken_by', 'text_version'])
      .execute()
    const given = {
      channel: 'paper',
      taken_by: network.librarian.staffId,
      text_version: network.consentVersion,
    }
    expect(consents).toEqual([given, given])
    expect(await drafts()).toEqual([])
  })

  it('sends nothing without the word that the consents are signed, and nothing twice', async () => {
    await receive({ from: bui })
    const [letter] = await letters()
    const [draft] = await drafts()
    const input = (more: object) =>
      confirmSchema.parse({
        consentVersion: String(network.consentVersion),
        [`take-${draft?.id}`]: '1',
        ...more,
      })
    const press = (more: object) => app.letters.confirm(librarian(), letter?.id ?? '', input(more))
    await expect(press({})).rejects.toThrow('consents.missing')
    expect(await applications()).toEqual([])
    const both = await Promise.all([press({ consentGiven: 'on' }), press({ consentGiven: 'on' })])
    expect(both).toEqual([
      { sent: 1, left: [] },
      { sent: 1, left: [] },
    ])
    expect(await press({ consentGiven: 'on' })).toEqual({ sent: 1, left: [] })
    expect(await applications()).toHaveLength(1)
  })

  it('sends nothing that was removed while the button was being pressed', async () => {
    await receive({ from: bui })
    const [letter] = await letters()
    const [draft] = await drafts()
    const removing = createConfirming({
      db: app.db,
      async send(...sent) {
        await app.drafts.discard(authorise(network.librarian, 'applications.write'), draft?.id ?? '')
        return app.applications.send(...sent)
      },
    })
    const form = {
      consentGiven: 'on',
      consentVersion: String(network.consentVersion),
      [`take-${draft?.id}`]: '1',
    }
    const { sent, left } = await removing.confirm(librarian(), letter?.id ?? '', confirmSchema.parse(form))
    expect([sent, left.map(({ error }) => error.code)]).toEqual([0, ['shared.not_found']])
    expect(await applications()).toEqual([])
  })

  it('keeps a child’s questionnaire back until the representative is named, and sends the others', async () => {
    const html = formTable([
      { fullName: 'Соколова Мария Ивановна', birthDate: '05.03.1990' },
      { fullName: 'Соколов Тимофей Андреевич', birthDate: '05.03.2018' },
    ])
    await receive({ from: bui, html })
    const [letter] = await letters()
    const id = letter?.id ?? ''
    const first = await confirm(id)
    expect([first.sent, first.left.map(({ error }) => error.code)]).toEqual([
      1,
      ['consents.guardian_missing'],
    ])
    const [child] = await drafts()
    const named = {
      [`guardianName-${child?.id}`]: 'Соколова Мария',
      [`guardianRelation-${child?.id}`]: 'мать',
    }
    expect(await confirm(id, named)).toEqual({ sent: 1, left: [] })
    const consents = await app.db.selectFrom('consents').select(['basis', 'guardian_name']).execute()
    expect(consents).toContainEqual({ basis: 'guardian', guardian_name: 'Соколова Мария' })
  })

  it('that comes a second time makes nothing, and is told only to somebody who has sent it again', async () => {
    const mail = { from: bui, messageId: '<one@mail.test>' }
    expect(await receive(mail)).toBe('taken')
    expect(await receive({ ...mail, head: 'Received: by another way' })).toBe('taken')
    expect([await letters(), await drafts(), await answers()].map(({ length }) => length)).toEqual([1, 1, 1])
    expect(await receive({ ...mail, messageId: '<two@mail.test>' })).toBe('taken')
    expect([await letters(), await drafts(), await answers()].map(({ length }) => length)).toEqual([1, 1, 2])
  })

  it.each(['sent', 'registered'])(
    'about somebody whose questionnaire is %s is marked, not doubled',
    async (state) => {
      const { id } = await app.applications.send(
        authorise(network.librarian, 'applications.write'),
        network.bui,
        questionnaire(network, { fullName: 'Соколова Мария Ивановна', birthDate: '1990-03-05' }),
      )
      if (state === 'registered')
        await app.applications.register(authorise(network.operator, 'applications.decide'), id, {
          revision: 1,
          providerNumber: '',
          providerPassword: '',
          anotherPerson: false,
        })
      await receive({ from: bui, text: formText({ fullName: 'СОКОЛОВА Мария Ивановна' }) })
      const [letter] = await letters()
      const { rows } = await app.letters.open(reading(), letter?.id ?? '')
      expect(rows).toMatchObject([{ sure: false, like: { applicationId: id } }])
      await app.db.deleteFrom('readers').execute()
    },
  )

  it('about the same person as another letter’s is marked, the later of the two', async () => {
    await receive({ from: bui })
    app.setTime('2026-11-24T10:00:00Z')
    await receive({ from: bui, text: `Ещё раз.\n${formText()}` })
    const [first, second] = await letters()
    expect((await app.letters.open(reading(), first?.id ?? '')).rows).toMatchObject([{ sure: true }])
    const { rows } = await app.letters.open(reading(), second?.id ?? '')
    expect(rows).toMatchObject([{ sure: false, like: { letterId: first?.id } }])
    expect(await confirm(second?.id ?? '').catch((error: Error) => error.message)).toBe(
      'letters.nothing_chosen',
    )
  })

  it('with a doubtful field keeps what stood there, and isn’t sent before a person has changed it', async () => {
    await receive({ from: bui, text: formText({ birthDate: '05.03.90' }) })
    const [letter] = await letters()
    const [draft] = await drafts()
    const id = letter?.id ?? ''
    expect(letter).toMatchObject({ found: 1, sure: 0 })
    const [row] = (await app.letters.open(reading(), id)).rows
    expect(row).toMatchObject({ sure: false, fields: { birthDate: '05.03.90' } })
    expect(row?.doubts).toMatchObject({ birthDate: { raw: '05.03.90', doubts: ['ambiguous'] } })
    expect(row?.doubts).not.toHaveProperty('fullName')
    const forced = confirmSchema.parse({
      consentGiven: 'on',
      consentVersion: String(network.consentVersion),
      [`take-${draft?.id}`]: '1',
    })
    const refused = await app.letters.confirm(librarian(), id, forced)
    expect([refused.sent, refused.left[0]?.error.code]).toEqual([0, 'letters.not_sure'])

    const writer = authorise(network.librarian, 'applications.write')
    const opened = await app.drafts.open(writer, draft?.id ?? '')
    expect(opened).toMatchObject({ draft: { letter: { id, doubts: { birthDate: { raw: '05.03.90' } } } } })
    const fields = { ...draftFieldsSchema.parse(row?.fields), birthDate: '05.03.1990' }
    const formKey = draft?.id ?? ''
    await app.drafts.save(writer, network.bui, { ...fields, formKey, draftRevision: 1 })
    expect(await confirm(id)).toEqual({ sent: 1, left: [] })
    expect(await applications()).toMatchObject([{ birth_date: '1990-03-05' }])
  })

  it('isn’t seen by another library’s people', async () => {
    await receive({ from: bui })
    const [letter] = await letters()
    const id = letter?.id ?? ''
    const other = authorise(network.otherLibrarian, 'letters.read')
    await expect(app.letters.open(other, id)).rejects.toThrow('shared.not_found')
    await expect(app.letters.download(other, id, 0)).rejects.toThrow('shared.not_found')
    expect((await app.letters.list(other)).letters).toEqual([])
    const confirming = app.letters.confirm(
      authorise(network.otherLibrarian, 'letters.confirm'),
      id,
      confirmSchema.parse({ consentGiven: 'on', consentVersion: '1', [`take-${id}`]: '1' }),
    )
    await expect(confirming).rejects.toThrow('shared.not_found')
  })

  it('gives its files and itself as they came', async () => {
    const content = Buffer.from('ФИО;Дата рождения\nОрлов Пётр Ильич;17.11.1975\n')
    await receive({ from: bui, files: [{ name: 'Анкеты.csv', contentType: 'text/csv', content }] })
    const [letter] = await letters()
    const id = letter?.id ?? ''
    expect((await app.letters.open(reading(), id)).parts).toEqual([
      { name: 'Анкеты.csv', contentType: 'text/csv', bytes: content.length },
    ])
    expect(await app.letters.download(reading(), id, 1)).toEqual({ name: 'Анкеты.csv', content })
    expect((await app.letters.download(reading(), id, 0)).content.toString()).toContain('Subject: ')
    await expect(app.letters.download(reading(), id, 2)).rejects.toThrow('shared.not_found')
  })

  it('from a staff member of one library is that library’s', async () => {
    const { email } = await app.db
      .selectFrom('staff')
      .select('email')
      .where('id', '=', network.librarian.staffId)
      .executeTakeFirstOrThrow()
    await receive({ from: email })
    expect(await letters()).toMatchObject([{ library_id: network.bui, state: 'open' }])
    expect(await answers()).toMatchObject([{ recipient: bui }])
  })
})

describe('a reader who came by mail', () => {
  const register = async () => {
    const [application] = await applications()
    return app.applications.register(
      authorise(network.operator, 'applications.decide'),
      application?.id ?? '',
      {
        revision: 1,
        providerNumber: '',
        providerPassword: '',
        anotherPerson: false,
      },
    )
  }

  it('and is perhaps on record already: the library is told so, once', async () => {
    await receive({ from: galich })
    const [first] = await letters()
    const other = authorise(network.otherLibrarian, 'letters.confirm')
    const [draft] = await drafts()
    const consent = { consentGiven: 'on', consentVersion: String(network.consentVersion) }
    await app.letters.confirm(
      other,
      first?.id ?? '',
      confirmSchema.parse({ ...consent, [`take-${draft?.id}`]: '1' }),
    )
    const { readerId } = await register()
    await app.db.deleteFrom('messages').execute()
    await app.db
      .updateTable('applications')
      .set({ sent_at: new Date('2030-01-01') })
      .execute()

    await receive({ from: bui })
    const [, letter] = await letters()
    await confirm(letter?.id ?? '')
    for (const _press of ['first', 'second'])
      await expect(register()).rejects.toThrow('applications.possible_duplicate')
    expect((await answers()).map(({ event, recipient }) => [event, recipient])).toEqual([
      ['library.letter-received', bui],
      ['library.possible-duplicate', bui],
    ])
    await app.db.deleteFrom('application_events').execute()
    await app.db.deleteFrom('consents').execute()
    await app.db.deleteFrom('messages').execute()
    await app.db.deleteFrom('applications').execute()
    await app.db.deleteFrom('readers').where('id', '=', readerId).execute()
  })

  it('and is erased is found in no letter any more', async () => {
    const text = `Орлова-Заречная Анна:\n${formText({ fullName: 'Орлова-Заречная Анна' })}`
    await receive({ from: bui, text, subject: 'Орлова-Заречная' })
    const [letter] = await letters()
    await confirm(letter?.id ?? '')
    const { readerId } = await register()
    await inTransaction(app.db, (tx) => erase(tx, { readerId, askedAt: app.clock(), zone: 'Europe/Moscow' }))
    const [left] = await letters()
    expect(left).toMatchObject({ id: letter?.id, original: null, found: 1 })
    expect(JSON.stringify(left)).not.toContain('Орлова')
    expect(await applications()).toEqual([])
  })

  it('and is erased leaves the letter’s other readers their days, and no longer', async () => {
    const html = formTable([
      { fullName: 'Орлова-Заречная Анна', birthDate: '05.03.1990', phone: '8 910 123-45-68' },
      { fullName: 'Сойкин Пётр Ильич', birthDate: '17.11.1975', email: 'soikin@gmail.con' },
    ])
    await receive({ from: bui, html })
    const [letter] = await letters()
    expect(await confirm(letter?.id ?? '')).toMatchObject({ sent: 1 })
    const { readerId } = await register()
    await inTransaction(app.db, (tx) => erase(tx, { readerId, askedAt: app.clock(), zone: 'Europe/Moscow' }))
    expect([await app.letters.days.expire(), (await drafts()).length]).toEqual([0, 1])
    app.setTime('2026-12-24T09:00:01Z')
    expect([await app.letters.days.expire(), (await drafts()).length]).toEqual([1, 0])
  })
})

describe('a letter whose sender isn’t sure', () => {
  const forged = `Authentication-Results: ${authservId}; dmarc=fail header.from=library.test\n${proven(bui)}`
  it.each([
    ['from a stranger', { from: 'reader@mail.test' }, 'unknown_sender'],
    ['without the server’s word', { from: bui, trusted: '' }, 'not_authenticated'],
    [
      'with another server’s word',
      { from: bui, trusted: 'Authentication-Results: mx.evil.test; dmarc=pass' },
      'not_authenticated',
    ],
    ['with a forged word below the server’s', { from: bui, trusted: forged }, 'not_authenticated'],
  ] as const)('%s waits for an operator, unanswered and unseen by libraries', async (_, mail, doubt) => {
    expect(await receive(mail)).toBe('taken')
    expect(await letters()).toMatchObject([{ state: 'waiting', doubt, library_id: null }])
    expect(await answers()).toEqual([])
    expect((await app.letters.list(reading())).letters).toEqual([])
    expect(await app.letters.count(authorise(network.operator, 'letters.read'))).toEqual({
      open: 0,
      waiting: 1,
      ending: 0,
    })
  })

  it('is given to a library by an operator; then it is that library’s, which is told at its own address', async () => {
    await receive({ from: 'teacher@school.test' })
    const [letter] = await letters()
    const id = letter?.id ?? ''
    await app.letters.accept(operator(), id, { libraryId: network.bui })
    expect(await letters()).toMatchObject([{ state: 'open', library_id: network.bui, sure: 1 }])
    expect(await answers()).toMatchObject([{ event: 'library.letter-received', recipient: bui }])
    await expect(app.letters.accept(operator(), id, { libraryId: network.galich })).rejects.toThrow(
      'letters.decided',
    )
    expect(await confirm(id)).toEqual({ sent: 1, left: [] })
  })

  it('is dismissed with a reason: its questionnaires go, nobody is told', async () => {
    await receive({ from: 'teacher@school.test' })
    const [letter] = await letters()
    await app.letters.dismiss(operator(), letter?.id ?? '', { reason: 'Реклама' })
    expect([await drafts(), await answers()]).toEqual([[], []])
    expect(await letters()).toMatchObject([{ state: 'dismissed', dismiss_reason: 'Реклама' }])
  })

  it('goes on by itself when the same letter comes with its proof; the library is told in that one’s thread', async () => {
    await receive({ from: bui, trusted: '', messageId: '<first@mail.test>' })
    app.setTime('2026-11-24T10:00:00Z')
    expect(await receive({ from: bui, messageId: '<second@mail.test>' })).toBe('taken')
    const [letter, another] = await letters()
    expect(another).toBeUndefined()
    expect(letter).toMatchObject({
      state: 'open',
      library_id: network.bui,
      sure: 1,
      message_id: '<second@mail.test>',
      asked_at: app.clock(),
    })
    expect(await answers()).toMatchObject([{ event: 'library.letter-received', recipient: bui }])
    expect(await confirm(letter?.id ?? '')).toEqual({ sent: 1, left: [] })
  })

  it('comes once more unproven: it goes on waiting', async () => {
    for (const _time of ['first', 'second']) await receive({ from: bui, trusted: '' })
    expect(await letters()).toMatchObject([{ state: 'waiting' }])
  })

  const strangers = (count: number, from: (index: number) => string) =>
    app.db
      .insertInto('mailed_letters')
      .values(
        Array.from({ length: count }, (_, index) => ({
          state: 'waiting',
          doubt: 'unknown_sender',
          sender: from(index),
          subject: '',
          message_id: '',
          reference_ids: [],
          fingerprint: Buffer.from(String(index)),
          received_at: app.clock(),
          expires_at: new Date('2026-12-24'),
          found: 1,
          sure: 0,
          body: '',
          parts: '[]',
          faults: '[]',
        })),
      )
      .execute()

  it('stays in the mailbox while twenty of its sender’s came within a day, decided or not', async () => {
    await strangers(20, () => 'reader@mail.test')
    await app.db.updateTable('mailed_letters').set({ state: 'dismissed' }).execute()
    expect(await receive({ from: 'reader@mail.test' })).toBe('no room')
    expect(await receive({ from: 'another@mail.test' })).toBe('taken')
    expect(await receive({ from: bui })).toBe('taken')
    expect(await receive({ from: 'reader@mail.test', text: 'Здравствуйте!', subject: 'Привет' })).toBe(
      'not mine',
    )
    app.setTime('2026-11-25T09:00:01Z')
    expect(await receive({ from: 'reader@mail.test' })).toBe('taken')
  })

  it('stays in the mailbox while three hundred wait', async () => {
    await strangers(300, (index) => `reader${index}@mail.test`)
    expect(await receive({ from: 'another@mail.test' })).toBe('no room')
    expect(await receive({ from: bui })).toBe('taken')
    await app.db
      .updateTable('mailed_letters')
      .set({ state: 'dismissed' })
      .where('sender', '=', 'reader7@mail.test')
      .execute()
    expect(await receive({ from: 'another@mail.test' })).toBe('taken')
  })

  it('is told of on the operators’ desk in its last week', async () => {
    await receive({ from: 'reader@mail.test' })
    const desk = authorise(network.operator, 'letters.read')
    app.setTime('2026-12-17T08:59:59Z')
    expect([
      (await app.letters.count(desk)).ending,
      (await app.letters.list(desk)).letters[0]?.ending,
    ]).toEqual([0, false])
    app.setTime('2026-12-17T09:00:00Z')
    expect([
      (await app.letters.count(desk)).ending,
      (await app.letters.list(desk)).letters[0]?.ending,
    ]).toEqual([1, true])
  })

  it('of an address that two libraries have registered waits', async () => {
    await app.db.updateTable('libraries').set({ email: bui }).where('id', '=', network.galich).execute()
    await receive({ from: bui })
    expect(await letters()).toMatchObject([{ state: 'waiting', doubt: 'several_libraries' }])
    await app.db.updateTable('libraries').set({ email: galich }).where('id', '=', network.galich).execute()
  })
})

describe('a mail without questionnaires', () => {
  it('of a library that meant to send some is answered once and stays in the inbox', async () => {
    const mail = { from: bui, text: 'Высылаю анкеты', messageId: '<x@mail.test>' }
    expect(await receive(mail)).toBe('noted')
    expect(await receive(mail)).toBe('noted')
    expect(await letters()).toMatchObject([{ state: 'unreadable', library_id: network.bui, found: 0 }])
    expect(await answers()).toMatchObject([{ event: 'library.letter-unreadable', recipient: bui }])
  })

  it('with a scan is answered too', async () => {
    const content = Buffer.from('89504e470d0a1a0a', 'hex')
    const files = [{ name: 'scan.png', contentType: 'image/png', content }]
    expect(await receive({ from: bui, text: 'Здравствуйте!', subject: 'Письмо', files })).toBe('noted')
    expect(await answers()).toHaveLength(1)
  })

  it.each([
    ['a stranger’s', { from: 'reader@mail.test', text: 'Пришлите анкету' }],
    ['unproven', { from: bui, text: 'Пришлите анкету', trusted: '' }],
    ['about something else', { from: bui, text: 'С Новым годом!', subject: 'Поздравление' }],
    [
      'an answer to ours',
      {
        from: bui,
        text: 'Спасибо за анкеты!',
        head: 'In-Reply-To: <01900000-0000-7000-8000-000000000000@library.test>',
      },
    ],
  ])('%s stays where it is, unanswered', async (_, mail) => {
    expect(await receive(mail)).toBe('not mine')
    expect([await letters(), await answers()]).toEqual([[], []])
  })

  it('that was not read in time isn’t taken for one: it is looked at again', async () => {
    const busy = handler(async () => ({ questionnaires: [], faults: [{ part: '', code: 'too_slow' }] }))
    const mail = await parseMail(Buffer.from(rawMail({ from: bui }).replaceAll('\n', '\r\n')))
    await expect(busy.prepare?.(mail)).rejects.toThrow('in time')
    expect(await receive({ from: bui })).toBe('taken')
  })

  it('is answered five times a day at most', async () => {
    for (let turn = 0; turn < 8; turn += 1) await receive({ from: bui, text: `Анкета ${turn}` })
    expect(await answers()).toHaveLength(5)
  })
})

describe('a machine’s mail', () => {
  it.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (vacation)',
    'Return-Path: <>',
    'X-Autoreply: yes',
  ])('%s is neither taken nor answered', async (head) => {
    expect(await receive({ from: bui, head })).toBe('not mine')
    expect(await answers()).toEqual([])
  })

  it.each(['Precedence: bulk', 'List-Id: <books.library.test>', 'X-Auto-Response-Suppress: All'])(
    '%s is never answered, but its questionnaires are kept',
    async (head) => {
      expect(await receive({ from: bui, head })).toBe('taken')
      expect([(await drafts()).length, (await answers()).length]).toEqual([1, 0])
    },
  )

  it('from our own address is left alone', async () => {
    expect(await receive({ from: 'Books@library.test' })).toBe('not mine')
  })
})

describe('the days of a letter', () => {
  it('are counted from when its library was asked, where an operator has said whose it is', async () => {
    await receive({ from: 'reader@mail.test' })
    app.setTime('2026-12-04T09:00:00Z')
    const [letter] = await letters()
    await app.letters.accept(operator(), letter?.id ?? '', { libraryId: network.bui })
    app.setTime('2026-12-11T08:59:59Z')
    expect(await app.letters.days.remind()).toBe(0)
    app.setTime('2026-12-11T09:00:00Z')
    expect(await app.letters.days.remind()).toBe(1)
  })

  it('over, nothing tells whose it was, even where a destruction had emptied it before', async () => {
    await receive({ from: bui })
    await receive({ from: 'reader@mail.test' })
    await app.db.deleteFrom('drafts').execute()
    await app.db.updateTable('mailed_letters').set({ original: null }).where('state', '=', 'open').execute()
    app.setTime('2026-12-24T09:00:01Z')
    expect([await app.letters.days.expire(), await app.letters.days.expire()]).toEqual([2, 0])
    expect((await letters()).map(({ sender }) => sender)).toEqual(['', ''])
  })

  it('remind its library once, and at last remove what was never confirmed, and say so', async () => {
    await receive({ from: bui })
    expect(await app.letters.days.remind()).toBe(0)
    app.setTime('2026-12-02T09:00:00Z')
    expect([await app.letters.days.remind(), await app.letters.days.remind()]).toEqual([1, 0])
    app.setTime('2026-12-23T09:00:00Z')
    expect([await app.letters.days.expire(), (await drafts()).length]).toEqual([0, 1])
    app.setTime('2026-12-24T09:00:01Z')
    expect(await app.drafts.expire()).toBe(0)
    expect([await app.letters.days.expire(), await app.letters.days.expire()]).toEqual([1, 0])
    expect(await drafts()).toEqual([])
    expect(await letters()).toMatchObject([{ original: null, body: '', parts: [] }])
    expect((await answers()).map(({ event }) => event)).toEqual([
      'library.letter-received',
      'library.letter-waiting',
      'library.letter-expired',
    ])
    const [letter] = await letters()
    await expect(app.letters.download(reading(), letter?.id ?? '', 0)).rejects.toThrow('letters.gone')
  })

  it('end the waiting of one that nobody has said anything about', async () => {
    await receive({ from: 'teacher@school.test' })
    const [letter] = await letters()
    app.setTime('2026-12-24T09:00:01Z')
    await app.letters.days.expire()
    expect([await drafts(), await answers()]).toEqual([[], []])
    expect(await letters()).toMatchObject([{ state: 'dismissed', original: null }])
    const accepting = app.letters.accept(operator(), letter?.id ?? '', { libraryId: network.bui })
    await expect(accepting).rejects.toThrow('letters.decided')
  })

  it('of one that was confirmed say nothing', async () => {
    await receive({ from: bui })
    const [letter] = await letters()
    await confirm(letter?.id ?? '')
    app.setTime('2027-01-24T09:00:01Z')
    await app.letters.days.remind()
    await app.letters.days.expire()
    expect((await answers()).map(({ event }) => event)).toEqual(['library.letter-received'])
    expect(await letters()).toMatchObject([{ original: null }])
  })
})
