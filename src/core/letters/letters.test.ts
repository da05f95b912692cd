import { describe, expect, it } from 'vitest'
import { questionnaire } from '../../../tests/support/app.ts'
import { formTable, formText } from '../../../tests/support/letters.ts'
import { draftFieldsSchema } from '../applications/drafts.ts'
import { authorise } from '../staff/actors.ts'
import { createConfirming } from './confirming.commands.ts'
import { letterFingerprint } from './letters.ts'
import { confirmSchema } from './letters.schemas.ts'
import {
  answers,
  app,
  applications,
  bui,
  confirm,
  drafts,
  letters,
  librarian,
  network,
  parsed,
  reading,
  receive,
  useLetters,
} from './letters.fixtures.ts'

useLetters()

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

  it.each(['0', '1.5', '2147483648', '1e300', 'x', ''])(
    'isn’t confirmed by a forged form that names the version %s',
    (consentVersion) => {
      expect(confirmSchema.safeParse({ consentGiven: 'on', consentVersion }).success).toBe(false)
      const forged = { consentGiven: 'on', consentVersion: '1', handoverVersion: consentVersion }
      expect(confirmSchema.safeParse(forged).success).toBe(false)
    },
  )

  it('that differs from another in its HTML alone is another letter', async () => {
    const both = (fullName: string) =>
      parsed(`From: ${bui}
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Письмо в формате HTML
--b
Content-Type: text/html; charset=utf-8

${formTable([{ fullName }])}
--b--
`)
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
