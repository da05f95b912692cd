import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestNetwork } from '../../../tests/support/app.ts'
import { createTestApp, createTestNetwork } from '../../../tests/support/app.ts'
import { authorise } from '../staff/actors.ts'
import { generalSettingsSchema } from './general.ts'
import { placeOf } from './places.ts'
import { settingKeys } from './settings.ts'
import { touched } from './touched.ts'

let app: TestApp
let network: TestNetwork
beforeEach(async () => {
  app = await createTestApp()
  network = await createTestNetwork(app)
})
afterEach(() => app.dispose())

const admin = () => authorise(network.admin, 'settings.change')
const form = {
  regionName: 'Костромская область',
  timeZone: 'Europe/Moscow',
  undoSeconds: 20,
  hoursLimit: 48,
  loanDays: 14,
  loansMost: 5,
}

describe('the settings of a region', () => {
  it('have one page each where they are changed, and the overview shows every one that somebody sets', async () => {
    const shown = (await app.region.overview(admin())).flatMap(({ settings }) =>
      settings.map(({ key }) => key),
    )
    expect(shown.toSorted()).toEqual(settingKeys.filter((key) => placeOf[key] !== 'system').toSorted())
  })

  it('keep who changed what, when, from what to what, and the log has their names', async () => {
    await app.region.changeGeneral(admin(), { ...form, loanDays: 20 })
    app.setTime('2026-11-25T10:00:00Z')
    await app.region.changeGeneral(admin(), { ...form, loanDays: 21 })
    const { changes } = await app.region.history(admin(), undefined)
    expect(changes.map(({ key, was, became }) => [key, was, became])).toEqual([
      ['loans.days', 20, 21],
      ['loans.days', 14, 20],
      ['region.name', 'Смарт-библиотека', 'Костромская область'],
    ])
    expect(changes[0]).toMatchObject({ at: new Date('2026-11-25T10:00:00Z'), by: network.admin.fullName })
    const logged = await app.db.selectFrom('audit_log').select('details').orderBy('seq').execute()
    expect(logged.map(({ details }) => details)).toEqual([
      { settings: ['region.name', 'loans.days'] },
      { settings: ['loans.days'] },
    ])
  })

  it('that a form leaves out stay as somebody else has changed them meanwhile', async () => {
    await app.region.changeGeneral(admin(), form)
    const page = JSON.stringify(await app.region.general(admin()))
    await app.region.changeGeneral(admin(), { timeZone: 'Asia/Omsk', loanDays: 30 })
    const typed = { ...form, regionName: 'Другое имя' }
    await app.region.changeGeneral(admin(), touched(generalSettingsSchema, { ...typed, shown: page }))
    expect(await app.region.general(admin())).toEqual({
      ...typed,
      timeZone: 'Asia/Omsk',
      loanDays: 30,
    })
  })

  it('that are saved as they were leave no trace', async () => {
    await app.region.changeGeneral(admin(), form)
    await app.region.changeGeneral(admin(), form)
    expect((await app.region.history(admin(), undefined)).changes).toHaveLength(1)
  })

  it('have their history whatever page they are changed on', async () => {
    const rules = authorise(network.admin, 'messages.configure')
    await app.messages.rules.change(rules, { ...(await app.messages.rules.read(rules)), partsPerMonth: 900 })
    const cards = authorise(network.admin, 'cards.number')
    const { example: _example, ...numbering } = await app.cards.numbering(cards)
    await app.cards.changeNumbering(cards, { ...numbering, serialDigits: 7, prefix: '21' })
    const consents = authorise(network.admin, 'consents.publish')
    await app.consents.rules.change(consents, {
      ...(await app.consents.rules.read(authorise(network.admin, 'consents.read'))),
      graceDays: 31,
    })
    const { changes } = await app.region.history(admin(), undefined)
    expect(changes.map(({ key }) => key)).toEqual(['consents.graceDays', 'cards.scheme', 'sms.partsPerMonth'])
  })

  it('of which a page gives some leave the others as somebody else has set them meanwhile', async () => {
    const cards = authorise(network.admin, 'cards.number')
    const scheme = { prefix: '21', libraryCode: true, serialDigits: 7, check: 'ean13' } as const
    await app.cards.changeNumbering(cards, scheme)
    await app.cards.changeNumbering(cards, { lowStock: 33 })
    expect(await app.cards.numbering(cards)).toMatchObject({ ...scheme, lowStock: 33 })

    const service = authorise(network.admin, 'providers.configure')
    const { columns } = await app.providers.settings.read(service)
    await app.providers.settings.change(service, { mode: 'both', name: 'Внешняя' })
    await app.providers.settings.change(service, { instructions: 'Установите приложение.' })
    expect(await app.providers.settings.read(service)).toMatchObject({
      mode: 'both',
      name: 'Внешняя',
      instructions: 'Установите приложение.',
      columns,
    })
  })

  it('that two change at once have a history without a gap: each «was» is the «became» before it', async () => {
    const days = [15, 16, 17, 18, 19]
    await Promise.all(days.map((loanDays) => app.region.changeGeneral(admin(), { ...form, loanDays })))
    const { changes } = await app.region.history(admin(), undefined)
    const line = changes.filter(({ key }) => key === 'loans.days').toReversed()
    expect(line.map(({ was }) => was)).toEqual([14, ...line.slice(0, -1).map(({ became }) => became)])
    expect((await app.region.general(admin())).loanDays).toBe(line.at(-1)?.became)
  })

  it('show their history page by page, each line once', async () => {
    for (let days = 30; days < 90; days += 1)
      await app.region.changeGeneral(admin(), { ...form, loanDays: days })
    const first = await app.region.history(admin(), undefined)
    const second = await app.region.history(admin(), first.next)
    expect(first.changes).toHaveLength(50)
    expect(second.next).toBeUndefined()
    const ids = [...first.changes, ...second.changes].map(({ id }) => id)
    expect(new Set(ids).size).toBe(61)
  })

  it.each([
    ['regionName', ' '],
    ['timeZone', 'Europe/Atlantis'],
    ['undoSeconds', '301'],
    ['hoursLimit', '0'],
    ['loanDays', '1.5'],
    ['loansMost', 'много'],
  ])('refuse %s «%s»', (name, value) => {
    const { error } = generalSettingsSchema.safeParse({ ...form, [name]: value })
    expect(error?.issues.map(({ path }) => path[0])).toEqual([name])
  })
})
