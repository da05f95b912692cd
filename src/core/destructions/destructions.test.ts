import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { addBook } from '../../../tests/support/people-and-books.ts'
import type { RegisteredReader } from '../../../tests/support/registered-reader.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { after, days, seconds } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'

let app: TestApp
let network: TestNetwork
let book: string

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
  book = await addBook(app, {}, { licence: { kind: 'copies', copies: 1 } })
})
afterAll(() => app.dispose())

/** A book of its own, which everybody may have at once. */
const openBook = () => addBook(app, { metadata: `<dc:title>Книга ${randomUUID()}</dc:title>` })
const origin = { address: '203.0.113.5', userAgent: 'Firefox' }
const decider = () => authorise(network.operator, 'destructions.decide')
const openOf = async ({ actor }: RegisteredReader) => {
  const row = await app.db
    .selectFrom('destructions')
    .selectAll()
    .where('reader_id', '=', actor.readerId)
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return row
}
const exists = async ({ actor }: RegisteredReader) =>
  (await app.db.selectFrom('readers').select('id').where('id', '=', actor.readerId).execute()).length === 1

/** Where a text stands: every column of every table, the job queue's too. */
async function tablesWith(...texts: string[]): Promise<string[]> {
  const { rows: tables } = await app.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'`,
  )
  expect(tables.length).toBeGreaterThan(25)
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await app.pool.query<{ text: string }>(`select t::text as text from ${name} t`)
    const all = rows
      .map(({ text }) => text)
      .join('\n')
      .toLowerCase()
    for (const text of texts) if (all.includes(text.toLowerCase())) found.push(`${name}: ${text}`)
  }
  return found
}

describe('a revocation', () => {
  it('ends everything at once: sessions, card, sign-in, loans, waiting messages, consents', async () => {
    const reader = await registeredReader(app, network)
    const signIn = () =>
      app.sessions.signInReader({ cardNumber: reader.card, password: reader.password }, origin)
    const { token } = await signIn()
    await app.circulation.borrow(reader.actor, book)
    const { dueAt } = await app.destructions.revokeOwn(reader.actor)

    expect(dueAt).toEqual(after(new Date(testStart), days(30)))
    expect(await app.sessions.actor(token)).toBeUndefined()
    await expect(signIn()).rejects.toThrow('wrong_credentials')
    const card = await app.db
      .selectFrom('cards')
      .select('state')
      .where('number', '=', reader.card)
      .executeTakeFirstOrThrow()
    expect(card.state).toBe('blocked')
    // The one copy is free again.
    await app.circulation.borrow((await registeredReader(app, network)).actor, book)
    await expect(app.circulation.borrow(reader.actor, await openBook())).rejects.toThrow('consents.revoked')
    const messages = await app.db
      .selectFrom('messages')
      .select(['event', 'state', 'fault'])
      .where('reader_id', '=', reader.actor.readerId)
      .execute()
    expect(messages.filter(({ event }) => event === 'reader.registered')).toEqual([
      { event: 'reader.registered', state: 'failed', fault: 'no_consent' },
      { event: 'reader.registered', state: 'failed', fault: 'no_consent' },
    ])
    expect((await app.consents.given(reader.actor)).every(({ revokedAt }) => revokedAt)).toBe(true)
  })

  it('wants the reader’s password typed again, and a wrong one changes nothing', async () => {
    const reader = await registeredReader(app, network)
    await expect(app.sessions.confirmReader(reader.actor, 'wrong', origin)).rejects.toThrow('wrong_password')
    await app.sessions.confirmReader(reader.actor, reader.password.toUpperCase(), origin)
    for (let round = 0; round < 5; round += 1)
      await app.sessions.confirmReader(reader.actor, 'wrong', origin).catch(() => {})
    await expect(app.sessions.confirmReader(reader.actor, reader.password, origin)).rejects.toThrow(
      'too_many_attempts',
    )
  })

  it('isn’t a child’s: whoever gave the consent ends it, on paper; nor is the end of handing over', async () => {
    const child = await registeredReader(app, network, {
      birthDate: '2012-11-25',
      guardianName: 'Кузнецова Вера',
      guardianRelation: 'мама',
      handoverGiven: true,
      handoverVersion: network.handoverVersion,
    })
    await expect(app.destructions.revokeOwn(child.actor)).rejects.toThrow('representative_revokes')
    await expect(app.consents.refuseHandover(child.actor)).rejects.toThrow('representative_revokes')
    expect(await app.consents.standing(child.actor)).toMatchObject({ spokenFor: true, revoked: false })
    await app.destructions.revokeOnPaper(
      authorise(network.librarian, 'destructions.ask'),
      child.actor.readerId,
    )
    expect(await app.consents.standing(child.actor)).toMatchObject({ revoked: true })
  })

  it('twice, also at once, is one, and it is in the log', async () => {
    const reader = await registeredReader(app, network)
    const begun = await Promise.all([1, 2, 3].map(() => app.destructions.revokeOwn(reader.actor)))
    expect(new Set(begun.map(({ id }) => id)).size).toBe(1)
    const entries = await app.db
      .selectFrom('audit_log')
      .select('actor_kind')
      .where('action', '=', 'destructions.begin')
      .where('subject_id', '=', reader.actor.readerId)
      .execute()
    expect(entries).toEqual([{ actor_kind: 'reader' }])
  })

  it('lets no loan slip through that is made at the same moment', async () => {
    for (let round = 0; round < 10; round += 1) {
      const reader = await registeredReader(app, network)
      const open = await openBook()
      await Promise.allSettled([
        app.circulation.borrow(reader.actor, open),
        app.destructions.revokeOwn(reader.actor),
      ])
      const running = await app.db
        .selectFrom('loans')
        .select('id')
        .where('reader_id', '=', reader.actor.readerId)
        .where('ended_at', 'is', null)
        .execute()
      expect(running).toEqual([])
    }
  })

  it('on paper is taken by the reader’s library or an operator, by nobody else', async () => {
    const reader = await registeredReader(app, network)
    const stranger = authorise(network.otherLibrarian, 'destructions.ask')
    await expect(app.destructions.revokeOnPaper(stranger, reader.actor.readerId)).rejects.toThrow('not_found')
    await app.destructions.revokeOnPaper(
      authorise(network.librarian, 'destructions.ask'),
      reader.actor.readerId,
    )
    expect((await openOf(reader)).asked_by_staff).toBe(network.librarian.staffId)
    for (const actor of [network.curator, network.methodologist, network.admin, reader.actor]) {
      expect(() => authorise(actor, 'destructions.ask')).toThrow('not_allowed')
      expect(() => authorise(actor, 'destructions.decide')).toThrow('not_allowed')
    }
    expect(() => authorise(network.librarian, 'destructions.decide')).toThrow('not_allowed')
  })
})

describe('calling off', () => {
  it('makes card, sign-in and consents valid again; what was lent stays returned', async () => {
    const reader = await registeredReader(app, network)
    await app.destructions.revokeOwn(reader.actor)
    const { id } = await openOf(reader)
    await app.destructions.callOff(decider(), { id, reason: 'Передумала, заявление от 25.11' })
    await app.sessions.signInReader({ cardNumber: reader.card, password: reader.password }, origin)
    expect((await app.consents.given(reader.actor)).some(({ revokedAt }) => revokedAt)).toBe(false)
    await app.circulation.borrow(reader.actor, await openBook())
    await expect(app.destructions.carryOut(decider(), id)).rejects.toThrow('called_off')
    await expect(app.destructions.callOff(decider(), { id, reason: 'x' })).rejects.toThrow('called_off')
  })

  it('brings back no consent that had been revoked before', async () => {
    const reader = await registeredReader(app, network, {
      handoverGiven: true,
      handoverVersion: network.handoverVersion,
    })
    await app.consents.refuseHandover(reader.actor)
    app.setTime(after(new Date(testStart), days(1)))
    try {
      await app.destructions.revokeOwn(reader.actor)
      const { id } = await openOf(reader)
      await app.destructions.callOff(decider(), { id, reason: 'x' })
    } finally {
      app.setTime(testStart)
    }
    const kinds = (await app.consents.given(reader.actor)).map(({ kind, revokedAt }) => [
      kind,
      revokedAt !== null,
    ])
    expect(kinds.toSorted()).toEqual([
      ['handover', true],
      ['processing', false],
    ])
  })
})

describe('an account at the provider', () => {
  it('is to be closed from the revocation on, a child’s too, and goes on when that is called off', async () => {
    const { actor } = await registeredReader(
      app,
      network,
      {
        birthDate: '2015-02-03',
        guardianName: 'Кто Угодно',
        guardianRelation: 'мама',
        handoverGiven: true,
        handoverVersion: network.handoverVersion,
      },
      { providerNumber: '4321', providerPassword: 'x' },
    )
    const { id } = await app.destructions.revokeOnPaper(
      authorise(network.librarian, 'destructions.ask'),
      actor.readerId,
    )
    const open = async () =>
      (await app.providerClosings.list(authorise(network.operator, 'providers.close'))).open.map(
        ({ number }) => number,
      )
    expect(await open()).toEqual(['4321'])
    const decider = authorise(network.operator, 'destructions.decide')
    expect((await app.destructions.waiting(decider)).find((each) => each.id === id)?.provider).toMatchObject({
      number: '4321',
    })
    await app.destructions.callOff(decider, { id, reason: 'ошибка' })
    expect(await open()).toEqual([])
  })
})

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
