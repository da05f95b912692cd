import { describe, expect, it } from 'vitest'
import { testStart } from '../../../tests/support/app.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { after, days } from '../shared/clock.ts'
import { authorise } from '../staff/actors.ts'
import {
  app,
  book,
  decider,
  network,
  openBook,
  openOf,
  origin,
  useDestructions,
} from './destructions.fixtures.ts'

useDestructions()

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
