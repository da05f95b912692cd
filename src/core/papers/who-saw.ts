import { rolesText } from '../audit/actions.ts'
import type { TrailEntry } from '../audit/trail.ts'
import { centralLibrary } from '../network/network.ts'
import type { createLogQueries } from '../oversight/log.queries.ts'
import type { LoggedPerson } from '../oversight/persons.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { drawEntry } from './event-log.ts'
import {
  drawFact,
  drawHeading,
  drawPages,
  drawParagraph,
  drawTitle,
  numberPages,
  russianDate,
  russianMoment,
} from './page.ts'
import type { Paper } from './slips.ts'

interface WhoSawPaper {
  person: LoggedPerson
  trail: readonly TrailEntry[]
  at: Date
  operator: string
  zone: string
}

export function createWhoSaw(deps: { db: Database; log: ReturnType<typeof createLogQueries> }) {
  const { db, log } = deps
  return {
    /** «Кто видел этого читателя», for the reader himself or an inspector. @throws notFound */
    async paper(actor: Authorised<'audit.read'>, readerId: string): Promise<Paper> {
      const found = await log.whoSaw(actor, readerId)
      const { name, address } = await centralLibrary(db)
      const zone = (await readSettings(db))['region.timeZone']
      const operator = [name, address].filter(Boolean).join(', ')
      return { pdf: await renderWhoSaw({ ...found, operator, zone }), name: `kto-videl-${readerId}.pdf` }
    },
  }
}

function renderWhoSaw({ person, trail, at, operator, zone }: WhoSawPaper): Promise<Buffer> {
  return drawPages('Кто видел этого читателя', dateIn(zone, at), (page) => {
    drawTitle(page, 'Кто видел этого читателя')
    drawFact(page, 'Оператор', operator)
    drawFact(page, 'Читатель', person.fullName ?? 'персональные данные уничтожены')
    if (person.birthDate) drawFact(page, 'Дата рождения', russianDate(person.birthDate))
    drawFact(page, 'Читательский билет', person.cardNumbers.join(', '))
    drawFact(page, 'Библиотека', person.libraryName)
    drawFact(page, 'Составлено', russianMoment(at, zone))
    drawHeading(page, 'Кто')
    for (const each of viewers(trail))
      drawParagraph(
        page,
        each.count === 1
          ? `${each.who} — одна запись: ${russianMoment(each.first, zone)}`
          : `${each.who} — записей ${each.count}: первая ${russianMoment(each.first, zone)}, последняя ${russianMoment(each.last, zone)}`,
      )
    drawHeading(page, `Что и когда: ${trail.length}`)
    for (const entry of trail) drawEntry(page, entry, zone)
    numberPages(page, 'Кто видел этого читателя')
  })
}

interface Viewer {
  who: string
  count: number
  first: Date
  last: Date
}

/** Staff members in the order of their first look, with the libraries where they work; then who isn't staff. */
export function viewers(trail: readonly TrailEntry[]): Viewer[] {
  const found = new Map<string, Viewer>()
  for (const { actorKind, actorId, actorName, roles, libraries, at } of trail) {
    const who =
      actorKind === 'staff'
        ? [actorName ?? 'сотрудник', rolesText(roles), ...libraries].join(', ')
        : actorKind === 'reader'
          ? 'сам читатель'
          : 'система'
    const key = actorId ?? actorKind
    const known = found.get(key)
    found.set(key, { who, count: (known?.count ?? 0) + 1, first: known?.first ?? at, last: at })
  }
  return [...found.values()]
}
