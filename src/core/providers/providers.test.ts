import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionnaire } from '../../../tests/support/app.ts'
import { textOf } from '../../../tests/support/pdf.ts'
import { registeredReader } from '../../../tests/support/registered-reader.ts'
import { mayMoveTo, providerMoves, providerStates } from '../readers/provider-states.ts'
import { authorise } from '../staff/actors.ts'
import { providerSettingsSchema } from './provider-settings.ts'
import type { Row } from './providers.fixtures.ts'
import {
  app,
  consenting,
  downloaded,
  messagesOf,
  network,
  numberTitle,
  operator,
  receive,
  sendAll,
  set,
  signed,
  stateOf,
  told,
  useProvider,
} from './providers.fixtures.ts'

useProvider()

describe('how a reader stands at the provider', () => {
  it('goes only the ways of the table; everybody gets to an end from everywhere', () => {
    const state = fc.constantFrom(...providerStates)
    fc.assert(
      fc.property(state, state, (from, to) => {
        expect(mayMoveTo(from, to)).toBe(providerMoves[from].includes(to))
      }),
    )
    fc.assert(
      fc.property(state, fc.array(fc.nat(10), { maxLength: 12 }), (from, steps) => {
        let at = from
        for (const step of steps) at = providerMoves[at][step % providerMoves[at].length] ?? at
        const reached = new Set([at])
        for (const each of reached) for (const next of providerMoves[each]) reached.add(next)
        expect([...reached]).toContain('registered')
        expect([...reached]).toContain('closed')
      }),
    )
    // An account that was closed never comes back by itself.
    expect(mayMoveTo('closed', 'registered')).toBe(false)
  })
})

describe('a registration with the consent to handing over', () => {
  it('asks for an account at the provider; the messages wait for its number, and the slip too', async () => {
    const reader = await consenting()
    expect(await stateOf(reader)).toBe('to_register')
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued provider',
      'email reader.provider queued provider',
      'sms reader.provider queued provider',
    ])
    const slips = authorise(network.librarian, 'slips.open')
    await expect(app.slips.open(slips, reader.applicationId)).rejects.toThrow('awaits_provider')
    await sendAll()
    expect(await app.messages.outbox()).toEqual([])
  })

  it('with both funds, telling at once, tells of the own card now and of the provider’s number later', async () => {
    await set('provider.mode', 'both')
    const reader = await consenting()
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued',
      'email reader.registered queued',
      'sms reader.registered queued',
    ])
    const number = await app.providers.make(operator(), 'register')
    const [row] = await downloaded(number)
    await receive([{ ...row, [numberTitle]: '5001', Пароль: 'Тайна1' }])
    expect(await messagesOf(reader)).toContain('sms reader.provider queued')
  })

  it('with both funds, waiting for the number, one message carries both', async () => {
    await set('provider.mode', 'both')
    await set('provider.tell', 'with_number')
    const reader = await consenting()
    expect(await messagesOf(reader)).toContain('sms reader.registered queued provider')
    const [row] = await downloaded(await app.providers.make(operator(), 'register'))
    await receive([{ ...row, [numberTitle]: '5002', Пароль: 'Тайна2' }])
    await app.db.deleteFrom('demo_outbox').execute()
    await sendAll()
    const [sms = '', ...more] = await told('sms')
    expect(more).toEqual([])
    for (const part of [reader.card, reader.password, '5002', 'Тайна2']) expect(sms).toContain(part)
    const paper = await app.slips.open(authorise(network.librarian, 'slips.open'), reader.applicationId)
    for (const part of [reader.card, reader.password, '5002', 'Тайна2'])
      expect(textOf(paper.pdf)).toContain(part)
  })

  it('without that consent nobody is handed over, and the operator sees how many', async () => {
    const before = (await app.providers.overview(operator())).counts.withoutConsent
    const reader = await registeredReader(app, network)
    expect(await stateOf(reader)).toBeUndefined()
    const { counts, rows } = await app.providers.overview(operator())
    expect([counts.withoutConsent, rows]).toEqual([before + 1, []])
    await expect(app.providers.make(operator(), 'register')).rejects.toThrow('nothing_to_list')
    await expect(app.providers.enrol(operator(), reader.actor.readerId)).rejects.toThrow('not_allowed_there')
  })

  it('a number typed in at the registration lets the messages go at once', async () => {
    const reader = await registeredReader(app, network, signed(), {
      providerNumber: '600',
      providerPassword: 'p',
    })
    expect(await stateOf(reader)).toBe('registered')
    expect(await messagesOf(reader)).toContain('sms reader.provider queued')
  })
})

describe('whom the provider has refused', () => {
  it('with a fund of our own waits for no number when he gets a new password', async () => {
    await set('provider.mode', 'both')
    await set('provider.tell', 'with_number')
    const reader = await consenting()
    const { id = '' } = (await app.providers.standingOf(reader.actor)) ?? {}
    await app.providers.fail(operator(), { id, reason: 'нет почты' })
    const again = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network, { ...signed(), fullName: reader.actor.fullName }),
    )
    await app.applications.same(authorise(network.operator, 'applications.decide'), again.id, {
      revision: 1,
      readerId: reader.actor.readerId,
      replaceEmail: false,
      replacePhone: false,
      moveLibrary: false,
    })
    const held = await app.db
      .selectFrom('messages')
      .select('event')
      .where('reader_id', '=', reader.actor.readerId)
      .where('waits_for', 'is not', null)
      .execute()
    expect(held).toEqual([])
  })
})

describe('a number typed in', () => {
  it('is kept like one out of a file, and may be put right later with a new message', async () => {
    const reader = await consenting()
    const { id = '' } = (await app.providers.standingOf(reader.actor)) ?? {}
    await app.providers.enter(operator(), { id, number: '900', providerPassword: 'один' })
    expect(await stateOf(reader)).toBe('registered')
    await app.providers.enter(operator(), { id, number: '901', providerPassword: 'два' })
    expect(await app.providers.standingOf(reader.actor)).toMatchObject({ number: '901' })
    expect((await messagesOf(reader)).filter((each) => each.startsWith('sms reader.provider'))).toHaveLength(
      2,
    )
    const other = await consenting()
    const { id: second = '' } = (await app.providers.standingOf(other.actor)) ?? {}
    const taken = { id: second, number: '901', providerPassword: 'x' }
    await expect(app.providers.enter(operator(), taken)).rejects.toThrow('number_taken')
  })
})

describe('the settings of the provider', () => {
  const form = {
    mode: 'files',
    name: 'Литбиблиотека',
    address: 'https://lit.test',
    appIos: '',
    appAndroid: '',
    instructions: '',
    keyPlace: '1',
    keyTitle: 'Ключ',
    passwordPlace: '3',
    passwordTitle: 'Код',
    numberPlace: '2',
    numberTitle: 'Билет',
  }
  const faultsOf = (change: Row) =>
    providerSettingsSchema
      .safeParse({ ...form, ...change })
      .error?.issues.map(({ path, message }) => `${String(path[0])} ${message}`)

  it('name the columns in their order', async () => {
    const admin = authorise(network.admin, 'providers.configure')
    const before = await app.providers.settings.read(admin)
    await app.providers.settings.change(admin, providerSettingsSchema.parse(form))
    expect((await app.providers.settings.read(admin)).columns).toEqual([
      { field: 'key', title: 'Ключ' },
      { field: 'number', title: 'Билет' },
      { field: 'password', title: 'Код' },
    ])
    await set('provider.columns', before.columns)
  })

  it('let go what waited for a number, once the region waits for none', async () => {
    const reader = await consenting()
    const admin = authorise(network.admin, 'providers.configure')
    const { columns } = await app.providers.settings.read(admin)
    await app.providers.settings.change(admin, providerSettingsSchema.parse({ ...form, mode: 'both' }))
    await set('provider.columns', columns)
    expect(await messagesOf(reader)).toEqual([
      'email library.registered queued',
      'email reader.registered queued',
      'sms reader.registered queued',
    ])
    await sendAll()
    expect(await messagesOf(reader)).toContain('sms reader.registered sent')
  })

  it('refuse what no list could come back with, and addresses that are none', () => {
    expect(faultsOf({})).toBeUndefined()
    expect(faultsOf({ name: '' })).toEqual(['name provider_name_missing'])
    expect(faultsOf({ keyPlace: '' })).toEqual(['keyPlace provider_column_needed'])
    expect(faultsOf({ numberTitle: 'код' })).toEqual(['passwordTitle provider_title_twice'])
    expect(faultsOf({ numberTitle: '' })).toEqual(['numberTitle provider_title_missing'])
    expect(faultsOf({ address: 'javascript:alert(1)' })).toEqual(['address provider_address'])
  })
})
