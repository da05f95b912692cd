import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp } from '../../../tests/support/app.ts'
import { createTestApp, signInStaff } from '../../../tests/support/app.ts'
import { authorise } from '../staff/actors.ts'
import type { SetupInput } from './setup.schemas.ts'
import { setupSchema } from './setup.schemas.ts'

const typed = {
  regionName: 'Костромская область',
  timeZone: 'Europe/Moscow',
  libraryName: 'Областная библиотека',
  libraryEmail: '',
  fullName: 'Лапин Андрей',
  email: 'Admin@Library.test',
  password: 'десять знаков',
  operator: 'on',
}
const input = (change: Partial<Record<keyof SetupInput, string>> = {}) =>
  setupSchema.parse({ ...typed, ...change })

let app: TestApp
beforeEach(async () => {
  app = await createTestApp()
})
afterEach(() => app.dispose())

const from = { address: '192.0.2.1', userAgent: '' }

describe('the first start', () => {
  it('makes the central library, settings, a consent text and an administrator who can begin at once', async () => {
    await app.setup.run(app.setup.linkKey(), input())
    const { token } = await signInStaff(app, { email: 'admin@library.test', password: typed.password }, from)
    const actor = await app.sessions.actor(token)
    expect(actor?.kind === 'staff' && actor.roles.map(({ role }) => role).toSorted()).toEqual([
      'admin',
      'operator',
    ])
    const libraries = await app.network.within(authorise(actor, 'applications.write').libraries)
    expect(libraries.map(({ code, kind, email }) => [code, kind, email])).toEqual([['001', 'central', '']])
    expect((await app.settings())['region.name']).toBe('Костромская область')
    expect((await app.consents.current()).version).toBe(1)
    expect(await app.audit.verify(app.db)).toBeUndefined()
  })

  it('is opened by the console’s link only, which is the same for every process of the installation', async () => {
    const other = await app.twin()
    expect(other.setup.linkKey()).toBe(app.setup.linkKey())
    for (const key of ['', 'x', `${app.setup.linkKey()}x`, app.setup.linkKey().slice(1)]) {
      await expect(app.setup.check(key)).rejects.toMatchObject({ code: 'setup.wrong_link', status: 403 })
      await expect(app.setup.run(key, input())).rejects.toMatchObject({ code: 'setup.wrong_link' })
    }
    expect(await app.setup.needed()).toBe(true)
  })

  it('takes no administrator whose password is his own address', async () => {
    const own = input({ password: 'admin@library.test' })
    await expect(app.setup.run(app.setup.linkKey(), own)).rejects.toMatchObject({
      code: 'staff.own_name_as_password',
    })
    expect(await app.setup.needed()).toBe(true)
  })

  it('says of what is too long that it is', () => {
    const { error } = setupSchema.safeParse({ ...typed, regionName: 'Я'.repeat(201) })
    expect(error?.issues.map(({ path, message }) => [path[0], message])).toEqual([
      ['regionName', 'name_long'],
    ])
  })

  it('happens once, also when two people press the button at the same moment', async () => {
    const other = await app.twin()
    const outcomes = await Promise.allSettled([
      app.setup.run(app.setup.linkKey(), input()),
      other.setup.run(app.setup.linkKey(), input({ email: 'second@library.test' })),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find((each) => each.status === 'rejected')?.reason).toMatchObject({
      code: 'setup.already_done',
    })
    await expect(app.setup.check(app.setup.linkKey())).rejects.toMatchObject({ code: 'setup.already_done' })
    const staff = await app.db.selectFrom('staff').select('id').execute()
    expect(staff).toHaveLength(1)
  })
})

describe('the set-up form', () => {
  it.each([
    ['regionName', ' ', 'required'],
    ['timeZone', 'Europe/Atlantis', 'time_zone_unknown'],
    ['libraryEmail', 'not mail', 'email_unreadable'],
    ['email', '', 'email_unreadable'],
    ['password', 'короткий1', 'password_short'],
  ] as const)('refuses %s «%s» with a word of its own', (field, value, message) => {
    const { error } = setupSchema.safeParse({ ...typed, [field]: value })
    expect(error?.issues.map((issue) => [issue.path[0], issue.message])).toEqual([[field, message]])
  })
})
