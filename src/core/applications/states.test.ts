import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, questionnaire, testStart } from '../../../tests/support/app.ts'
import { after, seconds } from '../shared/clock.ts'
import { isExpected } from '../shared/errors.ts'
import { authorise } from '../staff/actors.ts'
import type { ApplicationState } from './applications.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const people = ['librarian', 'otherLibrarian', 'operator', 'curator'] as const
type Person = (typeof people)[number]
const acts = ['register', 'return', 'refuse', 'withdraw', 'mend', 'undo', 'undoWithdrawal'] as const
type Act = (typeof acts)[number]

/** What somebody tries, and how many seconds after the one before. */
interface Step {
  act: Act
  by: Person
  later: number
  /** How many revisions the page that he acts on is behind. */
  behind: number
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...acts),
  // Mostly by the one who may, so that every state is reached and left again in every way.
  by: fc.oneof({ weight: 2, arbitrary: fc.constant<Person>('operator') }, fc.constantFrom(...people)),
  later: fc.constantFrom(0, 0, 7, 30),
  behind: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
})

/** The rules, told once more and apart from the code: what a questionnaire is, and what was decided last. */
interface Model {
  states: { state: ApplicationState; takesBack: boolean }[]
  undo: { state: ApplicationState; until: number } | undefined
}
const now = (model: Model): ApplicationState => model.states.at(-1)?.state ?? 'sent'

const leadsTo = {
  register: 'registered',
  return: 'returned',
  refuse: 'refused',
  withdraw: 'withdrawn',
} as const

/** The state that a step leads to; undefined when it isn't allowed. */
function allowed(model: Model, { act, by, behind }: Step, at: number): ApplicationState | undefined {
  const state = now(model)
  const own = by === 'librarian' || by === 'operator'
  const central = by === 'operator'
  if (behind > 0) return undefined
  switch (act) {
    case 'register':
    case 'return':
    case 'refuse':
      return central && state === 'sent' ? leadsTo[act] : undefined
    case 'withdraw':
      return own && (state === 'sent' || state === 'returned') ? 'withdrawn' : undefined
    case 'mend':
      return own && state === 'returned' ? 'sent' : undefined
    case 'undo':
      if (!central || !['registered', 'returned', 'refused'].includes(state)) return undefined
      return model.undo && at < model.undo.until ? model.undo.state : undefined
    case 'undoWithdrawal':
      if (!own || state !== 'withdrawn') return undefined
      return model.undo && at < model.undo.until ? model.undo.state : undefined
  }
}

function take(id: string, { act, by }: Step, revision: number): Promise<unknown> {
  const actor = network[by]
  const decider = () => authorise(actor, 'applications.decide')
  const writer = () => authorise(actor, 'applications.write')
  const { applications } = app
  switch (act) {
    case 'register':
      return applications.register(decider(), id, {
        revision,
        providerNumber: '',
        providerPassword: '',
        anotherPerson: true,
      })
    case 'return':
      return applications.return(decider(), id, { revision, reason: 'проверьте' })
    case 'refuse':
      return applications.refuse(decider(), id, { revision, reason: 'живёт в другой области' })
    case 'withdraw':
      return applications.withdraw(writer(), id, { revision, reason: 'передумал' })
    case 'mend':
      return applications.resend(writer(), id, { ...questionnaire(network), revision })
    case 'undo':
      return applications.undo(decider(), id, { revision })
    case 'undoWithdrawal':
      return applications.undoWithdrawal(writer(), id, { revision })
  }
}

const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await work()
    return true
  } catch (error) {
    if (!isExpected(error)) throw error
    return false
  }
}

describe('a questionnaire', () => {
  it('goes only where the rules lead, whoever tries what and when; its history has every step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
        let time = new Date(testStart)
        app.setTime(time)
        const { id } = await app.applications.send(
          authorise(network.librarian, 'applications.write'),
          network.bui,
          questionnaire(network, { fullName: `Кузнецов ${randomUUID().replaceAll(/[^a-f]/g, '')}` }),
        )
        const model: Model = { states: [{ state: 'sent', takesBack: false }], undo: undefined }
        for (const each of steps) {
          time = after(time, seconds(each.later))
          app.setTime(time)
          const to = allowed(model, each, time.getTime())
          const before = now(model)
          const revision = model.states.length - each.behind
          expect(await attempt(() => take(id, each, revision)), JSON.stringify(each)).toBe(to !== undefined)
          if (to === undefined) continue
          const takesBack = each.act === 'undo' || each.act === 'undoWithdrawal'
          model.states.push({ state: to, takesBack })
          model.undo =
            takesBack || each.act === 'mend'
              ? undefined
              : { state: before, until: time.getTime() + seconds(20) }
        }
        const kept = await app.db
          .selectFrom('applications')
          .select(['state', 'revision', 'reader_id'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        const history = await app.db
          .selectFrom('application_events')
          .select(['revision', 'state', 'takes_back as takesBack'])
          .where('application_id', '=', id)
          .orderBy('revision')
          .execute()
        expect(kept).toMatchObject({ state: now(model), revision: model.states.length })
        expect(kept.reader_id !== null).toBe(now(model) === 'registered')
        expect(history).toEqual(model.states.map((each, index) => ({ revision: index + 1, ...each })))
      }),
      { numRuns: 60 },
    )
    expect(await app.audit.verify(app.db)).toBeUndefined()
  }, 120_000)
})

describe('refusing', () => {
  const send = async () => {
    const { id } = await app.applications.send(
      authorise(network.librarian, 'applications.write'),
      network.bui,
      questionnaire(network),
    )
    return id
  }

  it('tells the library by letter, without a name, and where the reason stands', async () => {
    app.setTime(testStart)
    const id = await send()
    await app.applications.refuse(authorise(network.operator, 'applications.decide'), id, {
      revision: 1,
      reason: 'Живёт в другой области',
    })
    const { id: messageId } = await app.db
      .selectFrom('messages')
      .select('id')
      .where('application_id', '=', id)
      .where('event', '=', 'library.refused')
      .executeTakeFirstOrThrow()
    await app.messages.send(messageId)
    const letter = (await app.messages.outbox()).find(({ subject }) => subject === 'По анкете отказ')
    expect(letter).toMatchObject({ to: 'library002@library.test' })
    expect(letter?.text).toContain(`/staff/applications/${id}`)
    expect(letter?.text).not.toContain('Смирнова')
    const { history } = await app.applications.details(authorise(network.librarian, 'applications.read'), id)
    expect(history.at(-1)).toMatchObject({ state: 'refused', reason: 'Живёт в другой области' })
  })

  it('an operator who withdraws says why, a library’s own librarian needn’t', async () => {
    const [one, other] = [await send(), await send()]
    const operator = authorise(network.operator, 'applications.write')
    await expect(app.applications.withdraw(operator, one, { revision: 1, reason: '' })).rejects.toThrow(
      'withdraw_reason',
    )
    await app.applications.withdraw(operator, one, { revision: 1, reason: 'послана дважды' })
    await app.applications.withdraw(authorise(network.librarian, 'applications.write'), other, {
      revision: 1,
      reason: '',
    })
  })

  it('an operator’s withdrawal is told to the library too, its own isn’t, and one taken back is never told', async () => {
    const [one, own, undone] = [await send(), await send(), await send()]
    const operator = authorise(network.operator, 'applications.write')
    const librarian = authorise(network.librarian, 'applications.write')
    const lettersOf = (id: string) =>
      app.db.selectFrom('messages').select(['id', 'event']).where('application_id', '=', id).execute()
    await app.applications.withdraw(operator, one, { revision: 1, reason: 'послана дважды' })
    await app.applications.withdraw(librarian, own, { revision: 1, reason: '' })
    await app.applications.withdraw(operator, undone, { revision: 1, reason: 'не та' })
    await app.applications.undoWithdrawal(operator, undone, { revision: 2 })
    expect([await lettersOf(own), await lettersOf(undone)]).toEqual([[], []])

    const [letter] = await lettersOf(one)
    expect(letter?.event).toBe('library.withdrawn')
    await app.messages.send(letter?.id ?? '')
    const told = (await app.messages.outbox()).find(({ subject }) => subject === 'Анкета снята с очереди')
    expect(told).toMatchObject({ to: 'library002@library.test' })
    expect(told?.text).toContain(`/staff/applications/${one}`)
    expect(told?.text).not.toContain('Смирнова')
  })
})
