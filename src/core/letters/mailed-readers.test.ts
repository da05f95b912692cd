import { describe, expect, it } from 'vitest'
import { formTable, formText } from '../../../tests/support/letters.ts'
import { erase } from '../destructions/erasing.ts'
import { inTransaction } from '../shared/db.ts'
import { authorise } from '../staff/actors.ts'
import { confirmSchema } from './letters.schemas.ts'
import {
  answers,
  app,
  applications,
  bui,
  confirm,
  drafts,
  galich,
  letters,
  network,
  operator,
  reading,
  receive,
  useLetters,
} from './letters.fixtures.ts'

useLetters()

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
