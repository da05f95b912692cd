import { z } from 'zod'
import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { fillConsentText } from '../consents/consent-text.ts'
import { currentConsentText, needsGuardian } from '../consents/consents.ts'
import { centralLibrary, libraryById } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import { renderConsent } from './consent.ts'
import type { Paper } from './slips.ts'

const known = z.string().trim().max(200).catch('')

/** What is typed so far, whole or not: a line that can't be filled in is left for the pen. */
export const consentPaperSchema = z.object({
  libraryId: z.uuid(),
  fullName: known,
  birthDate: known.transform((typed) => {
    const date = readBirthDate(typed)
    return typeof date === 'string' ? date : ''
  }),
  guardianName: known,
  guardianRelation: known,
})

export function createConsentPapers(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps
  return {
    /** The consent document to be signed, in the version in force. @throws notAllowed, consentMissing */
    async print(
      actor: Authorised<'applications.write'>,
      typed: z.output<typeof consentPaperSchema>,
    ): Promise<Paper> {
      const { libraryId, birthDate } = typed
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const text = await currentConsentText(db)
      const [central, district] = [await centralLibrary(db), await libraryById(db, libraryId)]
      const today = dateIn((await readSettings(db))['region.timeZone'], clock())
      const young = birthDate === '' ? 'unknown' : needsGuardian(birthDate, today) ? 'yes' : 'no'
      const pdf = await renderConsent({
        body: fillConsentText(text.body, central, district),
        version: text.version,
        fullName: typed.fullName || undefined,
        birthDate: birthDate || undefined,
        guardian: young,
        ...(young === 'no'
          ? {}
          : { guardianName: typed.guardianName, guardianRelation: typed.guardianRelation }),
        printedOn: today,
      })
      return { pdf, name: `soglasie-${text.version}.pdf` }
    },
  }
}
