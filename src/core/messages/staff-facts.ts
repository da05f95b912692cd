import { departmentContacts } from '../settings/department.ts'
import type { Settings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { linkAddress, standingLink } from '../staff/links.ts'
import { DeliveryFault } from './driver.ts'
import type { MessageEvent } from './messages.ts'
import type { MessageFacts } from './placeholders.ts'
import type { Language } from './template-ids.ts'

/** Letters that carry a one-time link, and what the link must be for. */
const linkFor: Partial<Record<MessageEvent, 'invitation' | 'reset'>> = {
  'staff.invitation': 'invitation',
  'library.invitation': 'invitation',
  'staff.reset': 'reset',
}

const formatOf: Record<Language, string> = { ru: 'ru-RU', en: 'en-GB' }

/** A day in words, in the region's zone: «1 декабря 2026 г.». */
export const dayInWords = (moment: Date, language: Language, timeZone: string): string =>
  new Intl.DateTimeFormat(formatOf[language], {
    timeZone,
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(moment)

/**
 * What a letter to a staff member says of himself, of who invites him, and his way in.
 * @throws DeliveryFault when the link was used, cancelled or has run out: nobody is helped by it
 */
export async function staffFacts(
  db: Database,
  { event, staffId }: { event: MessageEvent; staffId: string },
  { sealer, origin, now, settings }: { sealer: Sealer; origin: string; now: Date; settings: Settings },
): Promise<Pick<MessageFacts, 'readerName' | 'wayIn'>> {
  const person = await db
    .selectFrom('staff as s')
    .leftJoin('staff_links as k', 'k.staff_id', 's.id')
    .leftJoin('staff as m', 'm.id', 'k.made_by')
    .select(['s.full_name', 'm.full_name as by'])
    .where('s.id', '=', staffId)
    .executeTakeFirst()
  if (!person) throw new DeliveryFault('link_gone', false)
  const link = await standingLink(db, now, staffId)
  const purpose = linkFor[event]
  if (purpose && link?.purpose !== purpose) throw new DeliveryFault('link_gone', false)
  const central = await db
    .selectFrom('libraries')
    .select('name')
    .where('kind', '=', 'central')
    .executeTakeFirst()
  return {
    readerName: person.full_name,
    wayIn: {
      link: purpose && link ? linkAddress(sealer, origin, link) : '',
      until: link
        ? dayInWords(link.expiresAt, settings['messages.libraryLanguage'], settings['region.timeZone'])
        : '',
      by: person.by ?? '',
      centralName: central?.name ?? '',
      contacts: departmentContacts(settings),
    },
  }
}
