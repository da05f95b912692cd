import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { questionnaire, testStart } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { after, days, seconds } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import {
  app,
  decider,
  exists,
  network,
  openBook,
  openOf,
  origin,
  tablesWith,
  useDestructions,
} from './destructions.fixtures.ts'

useDestructions()

describe('the destruction', () => {
  const person = {
    fullName: 'Незабудкина Аграфена Вольдемаровна',
    birthDate: '2013-02-03',
    email: 'agrafena@forget.test',
    phone: '+79165550011',
    guardianName: 'Незабудкина Клеопатра',
    guardianRelation: 'бабушка',
  }

  it('leaves no trace of the person in any table, keeps the card given for ever and the log whole', async () => {
    const reader = await registeredReader(
      app,
      network,
      { ...person, handoverGiven: true, handoverVersion: network.handoverVersion },
      { providerNumber: 'forget-777', providerPassword: 'forget-secret' },
    )
    const { readerId } = reader.actor
    await app.sessions.signInReader({ cardNumber: reader.card, password: reader.password }, origin)
    for (const { id } of await app.db
      .selectFrom('messages')
      .select('id')
      .where('reader_id', '=', readerId)
      .execute())
      await app.messages.send(id)
    const loan = await app.circulation.borrow(reader.actor, await openBook())
    await app.reading.savePosition(reader.actor, loan.id, {
      locator: 'epubcfi(/6/2!/4/2)',
      fraction: 0.5,
      revision: 0,
    })
    await app.corrections.ask(reader.actor, `Меня зовут ${person.fullName}`)
    await app.mending.mend(authorise(network.librarian, 'readers.mend'), readerId, {
      ...person,
      phone: '+79165550012',
      libraryId: network.bui,
      reason: `${person.fullName} сменила телефон`,
      documentChecked: true,
      changes: 0,
      anotherPerson: false,
    })
    // A questionnaire of hers that became nothing, and one that isn't sent yet.
    const writer = authorise(network.otherLibrarian, 'applications.write')
    await app.applications.send(writer, network.galich, questionnaire(network, { ...person, phone: null }))
    await app.db
      .insertInto('drafts')
      .values({
        ...(await draftDefaults()),
        fields: JSON.stringify({ fullName: person.fullName, birthDate: '', phone: person.phone }),
      })
      .execute()
    // An earlier revocation that was called off, with a reason that names her.
    await app.destructions.revokeOnPaper(authorise(network.librarian, 'destructions.ask'), readerId)
    const first = await openOf(reader)
    await app.destructions.callOff(decider(), { id: first.id, reason: `${person.fullName} передумала` })
    const traces = [
      person.fullName,
      'Незабудкина',
      person.email,
      person.phone,
      '+79165550012',
      person.guardianName,
      'forget-777',
      'forget-secret',
      reader.password,
    ]
    expect((await tablesWith('Незабудкина')).length).toBeGreaterThan(6)

    app.setTime(after(new Date(testStart), days(2)))
    try {
      await app.destructions.revokeOnPaper(authorise(network.operator, 'destructions.ask'), readerId)
      const { id } = await openOf(reader)
      await app.destructions.carryOut(decider(), id)

      expect(await tablesWith(...traces)).toEqual([])
      expect(await app.audit.verify(app.db)).toBeUndefined()
      const card = await app.db
        .selectFrom('cards')
        .select(['reader_id', 'state'])
        .where('number', '=', reader.card)
        .executeTakeFirstOrThrow()
      expect(card).toEqual({ reader_id: null, state: 'blocked' })
      const { destroyed } = await openOf(reader)
      expect(destroyed).toMatchObject({
        readers: [readerId],
        counts: {
          emails: 1,
          phones: 1,
          providerAccounts: 1,
          applications: 2,
          drafts: 1,
          loans: 1,
          positions: 1,
        },
      })
      expect((destroyed as { applications: string[] }).applications).toContain(reader.applicationId)
    } finally {
      app.setTime(testStart)
    }
  })

  it('keeps the loans for statistics with nothing that leads to a person', async () => {
    const reader = await registeredReader(app, network)
    const publicationId = await addBook(app, { metadata: '<dc:title>Учтённая</dc:title>' })
    app.setTime('2026-11-24T19:34:56.789Z')
    const loan = await app.circulation.borrow(reader.actor, publicationId)
    app.setTime(testStart)
    await app.destructions.revokeOwn(reader.actor)
    await app.destructions.carryOut(decider(), (await openOf(reader)).id)
    const [left, ...more] = await app.db
      .selectFrom('loans')
      .selectAll()
      .where('publication_id', '=', publicationId)
      .execute()
    expect(more).toEqual([])
    expect(left).toMatchObject({ reader_id: null, borrowed_at: new Date('2026-11-23T21:00:00Z') })
    expect(left?.id).not.toBe(loan.id)
  })

  it('by a second click, or by two operators at once, is carried out once', async () => {
    const reader = await registeredReader(app, network)
    await app.destructions.revokeOwn(reader.actor)
    const { id } = await openOf(reader)
    const outcomes = await Promise.allSettled([1, 2].map(() => app.destructions.carryOut(decider(), id)))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await expect(app.destructions.carryOut(decider(), id)).rejects.toThrow('destructions.done')
  })

  it('is all or nothing: a fault in the middle leaves everything as it was', async () => {
    const reader = await registeredReader(app, network)
    await app.destructions.revokeOwn(reader.actor)
    const { id } = await openOf(reader)
    const count = async () => (await app.pool.query('select count(*) from consents')).rows[0] as unknown
    const before = await count()
    await app.pool.query(`create function no_entry() returns trigger language plpgsql as
      $$ begin raise exception 'the log is full'; end $$`)
    await app.pool.query(
      `create trigger no_entry before insert on audit_log for each row execute function no_entry()`,
    )
    try {
      await expect(app.destructions.carryOut(decider(), id)).rejects.toThrow('the log is full')
    } finally {
      await app.pool.query('drop trigger no_entry on audit_log')
    }
    expect(await exists(reader)).toBe(true)
    expect(await count()).toEqual(before)
    expect((await openOf(reader)).done_at).toBeNull()
    await app.destructions.carryOut(decider(), id)
    expect(await exists(reader)).toBe(false)
  })

  it('comes by itself at the end of the term, not a day before, and not once it is called off', async () => {
    const [due, early, kept] = [
      await registeredReader(app, network),
      await registeredReader(app, network),
      await registeredReader(app, network),
    ]
    await app.destructions.revokeOwn(due.actor)
    await app.destructions.revokeOwn(kept.actor)
    await app.destructions.callOff(decider(), { id: (await openOf(kept)).id, reason: 'x' })
    app.setTime(after(new Date(testStart), days(1)))
    await app.destructions.revokeOwn(early.actor)
    app.setTime(after(new Date(testStart), days(30)))
    try {
      expect(await app.destructions.carryOutDue()).toBeGreaterThan(0)
      expect(await app.destructions.carryOutDue()).toBe(0)
    } finally {
      app.setTime(testStart)
    }
    expect([await exists(due), await exists(early), await exists(kept)]).toEqual([false, true, true])
    expect(await openOf(due)).toMatchObject({ done_by: null, asked_by_staff: null })
  })

  it('that fails keeps no other past its term, and is tried again', async () => {
    const [stuck, next] = [await registeredReader(app, network), await registeredReader(app, network)]
    await app.destructions.revokeOwn(stuck.actor)
    app.setTime(after(new Date(testStart), seconds(1)))
    await app.destructions.revokeOwn(next.actor)
    app.setTime(after(new Date(testStart), days(31)))
    await app.pool.query(`create function stays() returns trigger language plpgsql as
      $$ begin raise exception 'this one stays'; end $$`)
    await app.pool.query(`create trigger stays before delete on readers for each row
      when (old.id = '${stuck.actor.readerId}') execute function stays()`)
    try {
      await expect(app.destructions.carryOutDue()).rejects.toThrow('1 destructions failed')
      expect([await exists(stuck), await exists(next)]).toEqual([true, false])
    } finally {
      await app.pool.query('drop trigger stays on readers')
    }
    try {
      expect(await app.destructions.carryOutDue()).toBe(1)
      expect(await exists(stuck)).toBe(false)
    } finally {
      app.setTime(testStart)
    }
  })

  it('the same person may register anew afterwards, as a new reader with another card', async () => {
    const mayBe = { fullName: 'Возвращенцева Лия', birthDate: '1985-05-05' }
    const reader = await registeredReader(app, network, mayBe)
    await app.destructions.revokeOwn(reader.actor)
    await expect(registeredReader(app, network, mayBe)).rejects.toThrow('possible_duplicate')
    await app.destructions.carryOut(decider(), (await openOf(reader)).id)
    const anew = await registeredReader(app, network, mayBe)
    expect(anew.actor.readerId).not.toBe(reader.actor.readerId)
    expect(anew.card).not.toBe(reader.card)
  })

  it('takes nothing of a namesake’s, and no questionnaire that came after the revocation', async () => {
    const namesakes = { fullName: 'Тёзкин Лев', birthDate: '1970-07-07' }
    const one = await registeredReader(app, network, namesakes)
    const other = await registeredReader(app, network, namesakes, { anotherPerson: true })
    const lone = await registeredReader(app, network, { fullName: 'Повторов Ян', birthDate: '1970-07-08' })
    await app.destructions.revokeOwn(one.actor)
    await app.destructions.revokeOwn(lone.actor)
    app.setTime(after(new Date(testStart), days(1)))
    const later = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { fullName: 'Повторов Ян', birthDate: '1970-07-08' }),
    )
    app.setTime(testStart)
    await app.destructions.carryOut(decider(), (await openOf(one)).id)
    await app.destructions.carryOut(decider(), (await openOf(lone)).id)
    expect(await exists(other)).toBe(true)
    const left = await app.db
      .selectFrom('applications')
      .select('id')
      .where('id', 'in', [other.applicationId, later.id])
      .execute()
    expect(left).toHaveLength(2)
  })
})

describe('the proof of a destruction', () => {
  it('the act says who, what, where from, why, when and by whom; the log’s extract who saw what', async () => {
    const fullName = 'Забытова Мирра Львовна'
    const reader = await registeredReader(app, network, { fullName, birthDate: '1966-06-06' })
    await app.queue.list(authorise(network.librarian, 'applications.read'), { state: 'registered' })
    await app.readers.open(authorise(network.librarian, 'readers.read'), reader.actor.readerId)
    await app.destructions.revokeOwn(reader.actor)
    const { id } = await openOf(reader)
    await expect(app.destructions.papers.act(decider(), id)).rejects.toThrow('not_found')
    await app.destructions.carryOut(decider(), id)

    const act = textOf((await app.destructions.papers.act(decider(), id)).pdf)
    for (const part of [
      'приказ Роскомнадзора от 28.10.2022 № 179',
      'Областная библиотека',
      reader.card,
      'фамилия, имя, отчество; дата рождения',
      'Смарт-библиотека (http://library.test)',
      'Способ: удаление записей из базы данных',
      'отзыв согласия на обработку персональных данных 24.11.2026 (подан читателем в приложении)',
      'Дата уничтожения: 24.11.2026',
      `Уничтожил(а): ${network.operator.fullName}, оператор`,
      'фамилия, имя, отчество субъекта',
      'подпись, дата',
    ])
      expect(act).toContain(part)
    const log = textOf((await app.destructions.papers.eventLog(decider(), id)).pdf)
    for (const part of [
      'анкета отправлена',
      'читатель зарегистрирован',
      'показан список анкет',
      'открыта запись читателя',
      'согласие отозвано, данные заблокированы — читатель',
      'персональные данные уничтожены',
      `${network.librarian.fullName}, библиотекарь`,
    ])
      expect(log).toContain(part)
    for (const text of [act, log]) expect(text).not.toContain('Забытова')
  })
})

async function draftDefaults() {
  return {
    origin: 'desk',
    library_id: network.bui,
    created_by: network.librarian.staffId,
    created_at: app.clock(),
    changed_at: app.clock(),
    expires_at: after(app.clock(), days(14)),
    id: randomUUID(),
  }
}
