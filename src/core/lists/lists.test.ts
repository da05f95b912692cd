import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { questionnaire } from '../../../tests/support/app.ts'
import { mappingForm, uploaded, workOff } from '../../../tests/support/lists.ts'
import { encodeWindows1251 } from '#protocols/sheet/text-encoding.ts'
import type { TextEncoding } from '#protocols/text/decode-text.ts'
import { authorise } from '../staff/actors.ts'
import {
  app,
  checked,
  columns,
  csv,
  faultsOf,
  form,
  librarian,
  network,
  nobody,
  operator,
  run,
  shown,
  useLists,
  waiting,
} from './lists.fixtures.ts'

useLists()

describe('a list of questionnaires', () => {
  it('becomes questionnaires in the queue, each with its consent, and keeps nothing of them', async () => {
    const [one, two] = [nobody(), nobody()]
    const id = await checked(csv(`${one};05.03.1990;+7 910 123-45-67;a@ya.ru;;`, `${two};1985-01-02;;;;`))
    expect((await shown(id)).counts).toMatchObject({ good: 2, faulty: 0 })
    expect(await waiting(one)).toEqual([])
    await run(id)
    expect(await shown(id)).toMatchObject({ state: 'done', counts: { done: 2, good: 0 } })
    const [sent] = await waiting(one)
    expect(sent).toMatchObject({
      state: 'sent',
      library_id: network.bui,
      birth_date: '1990-03-05',
      phone: '+79101234567',
      email: 'a@ya.ru',
      created_by: network.librarian.staffId,
    })
    const consents = await app.db
      .selectFrom('consents')
      .selectAll()
      .where('application_id', '=', sent?.id ?? '')
      .execute()
    expect(consents).toMatchObject([
      { kind: 'processing', text_version: network.consentVersion, basis: 'self', channel: 'paper' },
    ])
    expect(consents[0]?.taken_at.toISOString()).toBe('2026-11-20T09:00:00.000Z')
    const rows = await app.db.selectFrom('list_rows').selectAll().where('list_id', '=', id).execute()
    expect(rows.map(({ cells, person_key }) => [cells, person_key])).toEqual([
      [null, null],
      [null, null],
    ])
  })

  it('names every fault of every row, and takes the good rows only', async () => {
    const [good, child, old] = [nobody(), nobody(), nobody()]
    const id = await checked(
      csv(
        `${good};05.03.1990;;;;`,
        `${nobody()};31.02.1990;12;x@;;`,
        `;05.03.1990;;;;`,
        `${child};05.03.2020;;;;`,
        `${old};05.03.1850;;;;`,
        `${nobody()};05.03.2030;;;;`,
        `${nobody()};05.03.2020;;;Спискова Ада;мать`,
        `Mixедова Анна;3/5/1990;4-96-12 4-96-15;;;`,
      ),
    )
    expect(await faultsOf(id)).toEqual({
      3: [
        { field: 'email', code: 'email_unreadable' },
        { field: 'birthDate', code: 'birth_date_unreadable' },
        { field: 'phone', code: 'phone_short' },
      ],
      4: [{ field: 'fullName', code: 'full_name_missing' }],
      5: [{ field: 'guardianName', code: 'consents.guardian_missing' }],
      6: [{ field: 'birthDate', code: 'applications.birth_date_old' }],
      7: [{ field: 'birthDate', code: 'applications.birth_date_future' }],
      // What a form would ask, a file can't be asked.
      9: [
        { field: 'phone', code: 'phone_several' },
        { field: 'birthDate', code: 'birth_date_order' },
        { field: 'fullName', code: 'full_name_mixed' },
      ],
    })
    await run(id)
    expect(await shown(id)).toMatchObject({ counts: { done: 2, faulty: 6 } })
    expect(await waiting(child)).toEqual([])
    const file = await app.lists.faultyRows(librarian(), id)
    expect(file.rows.map(({ number }) => number)).toEqual([3, 4, 5, 6, 7, 9])
    expect(file.rows[2]?.cells[0]).toBe(child)
  })

  it('finds the same person twice within the file, and whose questionnaire waits already', async () => {
    const [twice, waits] = [nobody(), nobody()]
    await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { fullName: waits, birthDate: '1990-03-05' }),
    )
    const [surname = '', ...rest] = twice.split(' ')
    const turned = [...rest, surname.toUpperCase()].join(' ')
    const id = await checked(
      csv(`${twice};05.03.1990;;;;`, `${turned};5.3.1990;;;;`, `${waits};05.03.1990;;;;`),
    )
    expect(await faultsOf(id)).toEqual({
      3: [{ field: 'fullName', code: 'lists.same_row', row: 2 }],
      4: [{ field: 'fullName', code: 'lists.waits_already' }],
    })
  })

  it('brought in a second time, it makes nothing twice', async () => {
    const name = nobody()
    const text = csv(`${name};05.03.1990;;;;`)
    await run(await checked(text))
    const again = await checked(text)
    expect((await shown(again)).counts).toMatchObject({ good: 0, faulty: 1 })
    expect(await waiting(name)).toHaveLength(1)
  })

  it('is one list per form, however often that is sent', async () => {
    const formKey = randomUUID()
    const [name, text] = ['раз.csv', csv(`${nobody()};05.03.1990;;;;`)]
    const first = await uploaded(app, librarian(), text, { libraryId: network.bui, formKey, name })
    expect(await uploaded(app, librarian(), text, { libraryId: network.bui, formKey, name })).toBe(first)
    await expect(
      uploaded(app, librarian(), `${text}\n`, { libraryId: network.bui, formKey, name }),
    ).rejects.toThrow('lists.form_used')
  })

  it('says so of rows that somebody else has sent between check and run', async () => {
    const name = nobody()
    const number = '7700110001'
    const { batchId } = await app.cards.takeOver(authorise(network.operator, 'cards.manage'), {
      formKey: randomUUID(),
      libraryId: network.bui,
      first: number,
      last: number,
      check: 'none',
    })
    expect(batchId).toBeTruthy()
    const text = `ФИО;Дата рождения;Билет\n${name};05.03.1990;${number}`
    const id = await uploaded(app, librarian(), text, { libraryId: network.bui })
    const cardForm = mappingForm(['fullName', 'birthDate', 'cardNumber'], network.consentVersion)
    await app.lists.check(librarian(), id, cardForm)
    await workOff(app, id, 'checkBatch')
    expect((await shown(id)).counts.good).toBe(1)
    await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { fullName: nobody(), stockCard: number }),
    )
    await run(id)
    expect(await faultsOf(id)).toEqual({ 2: [{ field: 'row', code: 'cards.stock_card_taken' }] })
    expect(await waiting(name)).toEqual([])
  })

  it('without the word that consents are signed isn’t even checked', () => {
    expect(() => mappingForm(columns, network.consentVersion, { consentGiven: '' })).toThrow('list_consent')
  })

  it('of a consent text that the region doesn’t have, or signed tomorrow, is refused', async () => {
    const id = await uploaded(app, librarian(), csv(`${nobody()};05.03.1990;;;;`), { libraryId: network.bui })
    await expect(app.lists.check(librarian(), id, mappingForm(columns, 99_999))).rejects.toThrow(
      'consents.text_unknown',
    )
    await expect(app.lists.check(librarian(), id, form({ signedOn: '01.12.2026' }))).rejects.toThrow(
      'lists.signed_in_future',
    )
    expect((await shown(id)).state).toBe('mapping')
  })

  it('remembers its columns for the library’s next file of the same layout', async () => {
    const text = (name: string) => `А;Б;В\n${name};x;05.03.1990`
    const id = await uploaded(app, librarian(), text(nobody()), { libraryId: network.bui })
    expect((await shown(id)).mapping).toEqual({})
    await app.lists.check(librarian(), id, mappingForm(['fullName', '', 'birthDate'], network.consentVersion))
    const next = await uploaded(app, librarian(), text(nobody()), { libraryId: network.bui })
    expect((await shown(next)).mapping).toEqual({ fullName: 0, birthDate: 2 })
    const elsewhere = authorise(network.otherLibrarian, 'lists.questionnaires')
    const other = await uploaded(app, elsewhere, text(nobody()), { libraryId: network.galich })
    expect((await shown(other)).mapping).toEqual({})
  })

  it('of many libraries names each by its code, and only an operator may bring it', async () => {
    const name = nobody()
    const text = `ФИО;Дата рождения;Код библиотеки\n${name};05.03.1990;3\n${nobody()};05.03.1990;777`
    await expect(uploaded(app, librarian(), text)).rejects.toThrow('staff.not_allowed')
    const id = await uploaded(app, operator(), text)
    const byCode = mappingForm(['fullName', 'birthDate', 'libraryCode'], network.consentVersion)
    await app.lists.check(operator(), id, byCode)
    await workOff(app, id, 'checkBatch')
    expect(await faultsOf(id)).toEqual({ 3: [{ field: 'libraryCode', code: 'lists.library_unknown' }] })
    await app.lists.start(operator(), id)
    await workOff(app, id, 'runBatch')
    expect(await waiting(name)).toMatchObject([{ library_id: network.galich }])
  })

  it('whose encoding nobody can tell isn’t taken under wrong names: a person sees its line in each, and chooses', async () => {
    const name = nobody().toUpperCase()
    const file = encodeWindows1251(`КТО;КОГДА\r\n${name};05.03.1990`)
    await expect(uploaded(app, librarian(), file, { libraryId: network.bui })).rejects.toMatchObject({
      code: 'file.encoding',
      values: { 'windows-1251': 'КТО;КОГДА', 'koi8-r': 'йрн;йнцдю' },
    })
    const first = async (encoding: TextEncoding) =>
      (await shown(await uploaded(app, librarian(), file, { libraryId: network.bui, encoding }))).first[0]
        ?.cells[0]
    expect(await first('windows-1251')).toBe(name)
    expect(await first('ibm866')).not.toBe(name)
  })

  it('sent again by the same form in another encoding isn’t the list that it has made', async () => {
    const file = encodeWindows1251(`КТО;КОГДА\r\n${nobody().toUpperCase()};05.03.1990`)
    const formKey = randomUUID()
    const send = (encoding: TextEncoding) =>
      uploaded(app, librarian(), file, { libraryId: network.bui, formKey, encoding })
    const id = await send('windows-1251')
    expect(await send('windows-1251')).toBe(id)
    await expect(send('ibm866')).rejects.toThrow('lists.form_used')
  })

  it('is nobody’s but its library’s and the operators’', async () => {
    const id = await checked(csv(`${nobody()};05.03.1990;;;;`))
    const other = authorise(network.otherLibrarian, 'lists.questionnaires')
    for (const act of [
      () => app.lists.one(other, id),
      () => app.lists.progress(other, id),
      () => app.lists.faultyRows(other, id),
      () => app.lists.check(other, id, form()),
      () => app.lists.start(other, id),
      () => app.lists.discard(other, id),
    ])
      await expect(act()).rejects.toThrow('lists.gone')
    expect(await app.lists.list(other)).not.toContainEqual(expect.objectContaining({ id }))
    expect(await app.lists.list(librarian())).toContainEqual(expect.objectContaining({ id }))
  })
})
