import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork, signInStaff, testStart } from '../../../tests/support/app.ts'
import type { App } from '../../app.ts'
import { librariesOf } from '../letters/senders.ts'
import { inTransaction } from '../shared/db.ts'
import type { Role } from '../staff/actors.ts'
import { authorise, consoleActor } from '../staff/actors.ts'
import { inviteLibrarianSchema, inviteSchema } from './staffing.schemas.ts'

let app: TestApp
let network: TestNetwork

beforeAll(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterAll(() => app.dispose())

const origin = { address: '198.51.100.1', userAgent: 'test' }
const password = 'Сирень у крыльца'
const manager = () => authorise(network.admin, 'staff.manage')
const methodologist = () => authorise(network.methodologist, 'network.manage')
let serial = 0
const newEmail = () => `person${(serial += 1)}@library.test`

async function invited(role: Role = 'librarian', libraryId = network.bui, days = '7') {
  const email = newEmail()
  const { staffId } = await app.staffing.invite(
    manager(),
    inviteSchema.parse({ fullName: 'Новикова Ада Львовна', email, role, libraryId, days }),
  )
  return { staffId, email, key: await keyOf(staffId) }
}
const keyIn = (link: string) => new URL(link).searchParams.get('key') ?? ''
const keyOf = async (staffId: string) => keyIn(await app.staffing.showLink(manager(), staffId))

async function working(role: Role = 'librarian', libraryId = network.bui) {
  const email = newEmail()
  const roles = [{ role, libraryId }]
  const staffId = await app.staff.add(consoleActor(), { email, fullName: 'Рабочев Лев', password, roles })
  return { staffId, email }
}
const signIn = (email: string, typed = password, at: App = app) =>
  signInStaff(at, { email, password: typed }, origin)
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  )
const lastAction = async (staffId: string) =>
  app.db
    .selectFrom('audit_log')
    .select(['action', 'actor_id', 'library_id', 'details'])
    .where('subject_id', '=', staffId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
const lettersTo = (email: string) =>
  app.db
    .selectFrom('messages')
    .select(['event', 'id', 'library_id', 'staff_id'])
    .where('recipient', '=', email)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
async function sentTo(email: string) {
  for (const { id } of await lettersTo(email)) await app.messages.send(id)
  return (await app.messages.outbox()).filter(({ to }) => to === email)
}

describe('an invitation', () => {
  it('is accepted once: who invites into which library is shown, and the chosen password signs in', async () => {
    const { staffId, email, key } = await invited()
    expect(await codeOf(signIn(email, ''))).toBe('staff_access.wrong_credentials')
    expect(await app.staffing.openLink('invitation', key)).toMatchObject({
      fullName: 'Новикова Ада Львовна',
      email,
      by: { fullName: network.admin.fullName, libraryName: 'Областная библиотека' },
      roles: [{ role: 'librarian', libraryName: 'Буйская районная библиотека' }],
    })
    expect(await app.staffing.useLink('invitation', key, password)).toEqual({ email })
    const { token } = await signIn(email)
    const actor = await app.sessions.actor(token)
    expect(authorise(actor, 'applications.write').libraries).toEqual([network.bui])
    expect(await codeOf(app.staffing.useLink('invitation', key, 'Другой пароль'))).toBe('staff.wrong_link')
    expect(await codeOf(app.staffing.openLink('invitation', key))).toBe('staff.wrong_link')
    expect(await app.staffing.person(manager(), staffId)).toMatchObject({
      waits: false,
      link: null,
      lastSignedInAt: new Date(testStart),
    })
  })

  it('isn’t used up by a password that is one’s own address', async () => {
    const { email, key } = await invited()
    expect(await codeOf(app.staffing.useLink('invitation', key, email))).toBe('staff.own_name_as_password')
    expect(await codeOf(app.staffing.useLink('invitation', key, password))).toBe('done')
  })

  it('is accepted by one of two who press the button at once', async () => {
    const { key } = await invited()
    const answers = await Promise.all(
      ['Первый пароль', 'Второй пароль'].map((each) => codeOf(app.staffing.useLink('invitation', key, each))),
    )
    expect(answers.toSorted()).toEqual(['done', 'staff.wrong_link'])
  })

  it('goes by a letter with the link; neither database nor log holds the link', async () => {
    const { staffId, email, key } = await invited('curator', network.central)
    const [letter] = await sentTo(email)
    expect(letter?.subject).toBe('Приглашение в Смарт-библиотеку')
    expect(letter?.text).toContain(`http://library.test/staff/invitation?key=${key}`)
    expect(letter?.text).toContain('до 1 декабря 2026 г.')
    const { rows } = await app.pool.query<{ all: string }>(
      `select (select json_agg(l)::text from staff_links l) || (select json_agg(a)::text from audit_log a)
         || (select json_agg(m)::text from messages m) || coalesce((select json_agg(j)::text
         from graphile_worker._private_jobs j), '') as all`,
    )
    expect(rows[0]?.all).toContain(staffId)
    expect(rows[0]?.all).not.toContain(key)
  })

  it('runs out after its days, and can be made again; then only the new link works', async () => {
    const { staffId, email, key } = await invited('librarian', network.bui, '14')
    app.setTime('2026-12-08T08:59:00Z')
    expect((await app.staffing.openLink('invitation', key)).email).toBe(email)
    app.setTime('2026-12-08T09:00:00Z')
    expect(await codeOf(app.staffing.useLink('invitation', key, password))).toBe('staff.wrong_link')
    expect((await app.staffing.person(manager(), staffId)).link).toMatchObject({ expired: true })
    expect(await codeOf(app.staffing.showLink(manager(), staffId))).toBe('staff.nothing_waits')
    await app.staffing.again(manager(), staffId, { days: 7 })
    expect(await codeOf(app.staffing.useLink('invitation', key, password))).toBe('staff.wrong_link')
    await app.staffing.useLink('invitation', await keyOf(staffId), password)
    expect(await codeOf(app.staffing.again(manager(), staffId, { days: 7 }))).toBe('staff.nothing_waits')
    app.setTime(testStart)
  })

  it('that is cancelled opens nothing, and its letter isn’t sent any more; the address is free again', async () => {
    const { staffId, email, key } = await invited()
    await app.staffing.cancel(manager(), staffId)
    expect(await codeOf(app.staffing.useLink('invitation', key, password))).toBe('staff.wrong_link')
    expect(await sentTo(email)).toEqual([])
    expect((await lastAction(staffId))?.action).toBe('staff.cancel-invitation')
    await app.staffing.invite(
      manager(),
      inviteSchema.parse({ fullName: 'Другая', email, role: 'curator', libraryId: network.central }),
    )
  })

  it('isn’t for an address that somebody has, however it is spelled, nor into a closed library', async () => {
    const { email } = await working()
    const input = (change: object) =>
      inviteSchema.parse({
        fullName: 'Двойник',
        email: newEmail(),
        role: 'curator',
        libraryId: network.bui,
        ...change,
      })
    expect(await codeOf(app.staffing.invite(manager(), input({ email: ` ${email.toUpperCase()} ` })))).toBe(
      'staff.email_taken',
    )
    const closed = await app.network.add(methodologist(), {
      name: 'Закрытая библиотека',
      address: '',
      phone: '',
      email: '',
    })
    await app.network.close(methodologist(), closed.id)
    expect(await codeOf(app.staffing.invite(manager(), input({ libraryId: closed.id })))).toBe(
      'network.closed',
    )
  })

  it('a made-up, foreign or empty key opens nothing', async () => {
    const { key } = await invited()
    for (const wrong of ['', 'x'.repeat(43), key.toLowerCase(), `${key}0`])
      expect(await codeOf(app.staffing.openLink('invitation', wrong))).toBe('staff.wrong_link')
    expect(await codeOf(app.staffing.openLink('reset', key))).toBe('staff.wrong_link')
  })
})

describe('the first librarian of a library', () => {
  const input = (change: object = {}) =>
    inviteLibrarianSchema.parse({ fullName: 'Первая Анна', email: newEmail(), ...change })
  const newLibrary = async () =>
    (
      await app.network.add(methodologist(), {
        name: `Новая ${serial} библиотека`,
        address: '',
        phone: '',
        email: '',
      })
    ).id

  it('is invited by the methodologist, who can give no other role and invite no second one', async () => {
    const libraryId = await newLibrary()
    const { staffId } = await app.staffing.inviteLibrarian(methodologist(), libraryId, input())
    expect((await app.staffing.person(manager(), staffId)).roles).toMatchObject([
      { role: 'librarian', libraryId },
    ])
    expect(await codeOf(app.staffing.inviteLibrarian(methodologist(), libraryId, input()))).toBe(
      'network.has_librarian',
    )
    expect(() => authorise(network.methodologist, 'staff.manage')).toThrow('staff.not_allowed')
  })

  it('of two that are invited at once is one', async () => {
    const libraryId = await newLibrary()
    const answers = await Promise.all(
      [input(), input()].map((each) =>
        codeOf(app.staffing.inviteLibrarian(methodologist(), libraryId, each)),
      ),
    )
    expect(answers.toSorted()).toEqual(['done', 'network.has_librarian'])
  })

  it('of another library, or anybody else, is out of the methodologist’s reach', async () => {
    const libraryId = await newLibrary()
    const other = await invited('librarian', network.galich)
    const admin = await invited('admin', libraryId)
    const both = await invited('librarian', libraryId)
    await app.staffing.giveRole(manager(), both.staffId, { role: 'admin', libraryId: network.central })
    await working('librarian', libraryId)
    const second = await invited('librarian', libraryId)
    await expect(app.network.letters.print(methodologist(), libraryId, 'pdf')).rejects.toThrow('not_found')
    for (const { staffId } of [other, admin, both, second]) {
      expect(await codeOf(app.staffing.again(methodologist(), staffId, { days: 7 }, libraryId))).toBe(
        'staff.nothing_waits',
      )
      expect(await codeOf(app.staffing.cancel(methodologist(), staffId, libraryId))).toBe(
        'staff.nothing_waits',
      )
    }
  })

  it('gets nothing by e-mail when the letter goes on paper', async () => {
    const email = newEmail()
    await app.staffing.inviteLibrarian(
      methodologist(),
      await newLibrary(),
      input({ email, onPaper: 'paper' }),
    )
    expect(await lettersTo(email)).toEqual([])
  })
})

describe('dismissing', () => {
  it('shuts out at once, in every process, and signs in nowhere again', async () => {
    const { staffId, email } = await working()
    const other = await app.twin()
    const [here, there] = [await signIn(email), await signIn(email, password, other)]
    await app.staffing.dismiss(manager(), staffId)
    expect(await app.sessions.actor(there.token)).toBeUndefined()
    expect(await other.sessions.actor(here.token)).toBeUndefined()
    expect(await codeOf(signIn(email, password, other))).toBe('staff_access.wrong_credentials')
    expect(await inTransaction(app.db, (tx) => librariesOf(tx, email))).toEqual([])
    const { count } = await app.db
      .selectFrom('sessions')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('staff_id', '=', staffId)
      .executeTakeFirstOrThrow()
    expect(Number(count)).toBe(0)
    expect(await lastAction(staffId)).toMatchObject({
      action: 'staff.dismiss',
      actor_id: network.admin.staffId,
    })
  })

  it('can be undone: the same roles, but a password chosen anew', async () => {
    const { staffId, email } = await working()
    await app.staffing.dismiss(manager(), staffId)
    expect(await codeOf(app.staffing.reset(manager(), staffId))).toBe('staff.dismissed')
    await app.staffing.reinstate(manager(), staffId)
    expect(await codeOf(signIn(email))).toBe('staff_access.wrong_credentials')
    await app.staffing.useLink('invitation', await keyOf(staffId), 'Совсем новый пароль')
    expect(await app.sessions.actor((await signIn(email, 'Совсем новый пароль')).token)).toMatchObject({
      roles: [{ role: 'librarian', libraryId: network.bui }],
    })
  })

  it('of somebody who has worked here keeps what he did, when his way back is cancelled', async () => {
    const { staffId, email } = await working()
    await signIn(email)
    await app.staffing.dismiss(manager(), staffId)
    await app.staffing.reinstate(manager(), staffId)
    await app.staffing.cancel(manager(), staffId)
    expect((await app.staffing.person(manager(), staffId)).dismissedAt).toEqual(new Date(testStart))
  })

  it('a library’s closing shuts out whoever works there alone; its reopening lets him in', async () => {
    const library = await app.network.add(methodologist(), {
      name: 'Временная библиотека',
      address: '',
      phone: '',
      email: '',
    })
    const { email } = await working('librarian', library.id)
    const { token } = await signIn(email)
    await app.network.close(methodologist(), library.id)
    expect(await app.sessions.actor(token)).toBeUndefined()
    await app.network.reopen(methodologist(), library.id)
    expect(await app.sessions.actor(token)).toBeDefined()
  })
})

describe('the last administrator', () => {
  it('can neither be dismissed nor lose the role; of two who dismiss each other one stays', async () => {
    const first = await working('admin', network.central)
    const waiting = await invited('admin', network.central)
    expect(await codeOf(app.staffing.dismiss(manager(), first.staffId))).toBe('staff.last_admin')
    const held = { role: 'admin' as const, libraryId: network.central }
    await app.staffing.giveRole(manager(), first.staffId, { role: 'operator', libraryId: network.central })
    expect(await codeOf(app.staffing.takeRole(manager(), first.staffId, held))).toBe('staff.last_admin')
    // One of two administrator's roles isn't the last.
    await app.staffing.giveRole(manager(), first.staffId, { role: 'admin', libraryId: network.bui })
    expect(await codeOf(app.staffing.takeRole(manager(), first.staffId, held))).toBe('done')

    await app.staffing.useLink('invitation', waiting.key, password)
    const answers = await Promise.all(
      [first, waiting].map(({ staffId }) => codeOf(app.staffing.dismiss(manager(), staffId))),
    )
    expect(answers.toSorted()).toEqual(['done', 'staff.last_admin'])
  })
})

describe('roles', () => {
  it('are several, in several libraries, and count from the next request on', async () => {
    const { staffId, email } = await working()
    const { token } = await signIn(email)
    await app.staffing.giveRole(manager(), staffId, { role: 'librarian', libraryId: network.galich })
    await app.staffing.giveRole(manager(), staffId, { role: 'librarian', libraryId: network.galich })
    await app.staffing.giveRole(manager(), staffId, { role: 'methodologist', libraryId: network.central })
    const actor = await app.sessions.actor(token)
    expect([...authorise(actor, 'applications.write').libraries].toSorted()).toEqual(
      [network.bui, network.galich].toSorted(),
    )
    expect(authorise(actor, 'network.manage').libraries).toBe('all')
    expect(() => authorise(actor, 'staff.manage')).toThrow('staff.not_allowed')
    await app.staffing.takeRole(manager(), staffId, { role: 'librarian', libraryId: network.bui })
    expect(authorise(await app.sessions.actor(token), 'applications.write').libraries).toEqual([
      network.galich,
    ])
    expect(await lastAction(staffId)).toMatchObject({
      action: 'staff.take-role',
      library_id: network.bui,
      details: { roles: ['librarian'] },
    })
  })

  it('end with dismissing: the only one isn’t taken', async () => {
    const { staffId } = await working()
    const held = { role: 'librarian' as const, libraryId: network.bui }
    expect(await codeOf(app.staffing.takeRole(manager(), staffId, held))).toBe('staff.last_role')
    await app.staffing.dismiss(manager(), staffId)
    expect(await codeOf(app.staffing.giveRole(manager(), staffId, { ...held, role: 'curator' }))).toBe(
      'staff.dismissed',
    )
  })

  it('a mended address signs in, and a link that went to the one before is dead; the log has no address', async () => {
    const { staffId, email, key } = await invited()
    const mended = { fullName: 'Новикова Ада Львовна', email: newEmail() }
    await app.staffing.change(manager(), staffId, mended)
    expect(await codeOf(app.staffing.openLink('invitation', key))).toBe('staff.wrong_link')
    expect(await lastAction(staffId)).toMatchObject({ details: { fields: ['email'] } })
    await app.staffing.again(manager(), staffId, { days: 7 })
    await app.staffing.useLink('invitation', await keyOf(staffId), password)
    expect(await codeOf(signIn(email))).toBe('staff_access.wrong_credentials')
    expect(await codeOf(signIn(mended.email))).toBe('done')
    const taken = await working()
    expect(await codeOf(app.staffing.change(manager(), staffId, { ...mended, email: taken.email }))).toBe(
      'staff.email_taken',
    )
  })
})

describe('a forgotten password', () => {
  let stranger = 0
  const from = () => `203.0.113.${(stranger += 1)}`
  const jobs = async () =>
    (
      await app.pool.query<{ payload: { staffId: string } }>(
        `select payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
         where t.identifier = 'staff:send-link' order by j.id`,
      )
    ).rows.map(({ payload }) => payload.staffId)

  it('asked for gives the same answer whether somebody has the address, and a letter only to whom it is', async () => {
    const { staffId, email } = await working()
    const nobody = newEmail()
    const before = (await jobs()).length
    for (const address of [email, nobody]) expect(await app.staffing.askLink(address, from())).toBeUndefined()
    const asked = (await jobs()).slice(before)
    expect(asked).toEqual([staffId, expect.not.stringMatching(staffId)])
    for (const id of asked) await app.staffing.sendLink(id)
    expect(await sentTo(nobody)).toEqual([])
    const [letter] = await sentTo(email)
    const key = keyIn(/http\S+new-password\S+/.exec(letter?.text ?? '')?.[0] ?? '')
    await app.staffing.useLink('reset', key, 'Новый длинный пароль')
    expect(await codeOf(signIn(email))).toBe('staff_access.wrong_credentials')
    expect(await codeOf(signIn(email, 'Новый длинный пароль'))).toBe('done')
    expect((await lettersTo(email)).map(({ event }) => event)).toEqual([
      'staff.reset',
      'staff.password-changed',
    ])
  })

  it('is asked for three times at once, then not for two hours', async () => {
    const { email } = await working()
    for (let n = 0; n < 3; n += 1) await app.staffing.askLink(email, from())
    expect(await codeOf(app.staffing.askLink(email, from()))).toBe('staff.too_many_letters')
  })

  it('asked for by a stranger leaves the link in a printed letter alone', async () => {
    const { staffId, email, key } = await invited()
    await app.staffing.sendLink(staffId)
    expect((await app.staffing.openLink('invitation', key)).email).toBe(email)
    expect((await lettersTo(email)).map(({ event }) => event)).toEqual([
      'staff.invitation',
      'staff.invitation',
    ])
  })

  it('invites nobody anew whose invitation has run out', async () => {
    const { staffId, email } = await invited()
    app.setTime('2026-12-01T09:00:00Z')
    await app.staffing.sendLink(staffId)
    expect(await lettersTo(email)).toHaveLength(1)
    expect((await app.staffing.person(manager(), staffId)).link).toMatchObject({ expired: true })
    app.setTime(testStart)
  })

  it('is no way back for somebody dismissed', async () => {
    const { staffId, email } = await working()
    await app.staffing.dismiss(manager(), staffId)
    await app.staffing.sendLink(staffId)
    expect(await lettersTo(email)).toEqual([])
    expect(await codeOf(app.staffing.resetAtConsole(consoleActor(), email))).toBe('staff.dismissed')
  })

  it('once replaced ends old sessions; a link lasts a day', async () => {
    const { email } = await working()
    const { token } = await signIn(email)
    const old = await app.staffing.resetAtConsole(consoleActor(), email)
    app.setTime('2026-11-25T09:00:00Z')
    expect(await codeOf(app.staffing.useLink('reset', keyIn(old.link), password))).toBe('staff.wrong_link')
    app.setTime(testStart)
    const { link } = await app.staffing.resetAtConsole(consoleActor(), email)
    expect(await app.sessions.actor(token)).toBeDefined()
    await app.staffing.useLink('reset', keyIn(link), 'Новый длинный пароль')
    expect(await app.sessions.actor(token)).toBeUndefined()
  })

  it('is replaced by the administrator: by letter, or by a link on his screen where no letters go', async () => {
    const { staffId, email } = await working()
    expect(await app.staffing.reset(manager(), staffId)).toBeUndefined()
    expect((await lettersTo(email)).map(({ event }) => event)).toEqual(['staff.reset'])
    expect(await lastAction(staffId)).toMatchObject({ action: 'staff.reset' })
  })
})

describe('the list of staff', () => {
  it('is searched by name, address and library', async () => {
    const { staffId, email } = await working('librarian', network.galich)
    const ids = async (search: string) => (await app.staffing.list(manager(), search)).map(({ id }) => id)
    expect(await ids(email.toUpperCase())).toEqual([staffId])
    expect(await ids('галичская рабочев')).toContain(staffId)
    expect(await ids('буйская рабочев')).not.toContain(staffId)
  })
})
