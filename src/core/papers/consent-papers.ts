import { z } from 'zod'
import { readBirthDate } from '#protocols/person/birth-dates.ts'
import { fillConsentText } from '../consents/consent-text.ts'
import { basisOn, ownConsentAge } from '../consents/coming-of-age.ts'
import type { ConsentKind } from '../consents/consents.ts'
import { consentKinds, consentTextOf, currentConsentText, newestConsentText } from '../consents/consents.ts'
import { centralLibrary, libraryById, listLibraries } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { wholeNumber } from '../shared/form-fields.ts'
import { kept } from '../shared/kept.ts'
import type { Authorised } from '../staff/actors.ts'
import { notAllowed } from '../staff/actors.ts'
import type { ConsentPaper } from './consent.ts'
import { renderConsent } from './consent.ts'
import type { Paper } from './slips.ts'

const known = z.string().trim().max(200).catch('')

const edition = wholeNumber.optional().catch(undefined)

/** What is typed so far, whole or not: a line that can't be filled in is left for the pen. */
export const consentPaperSchema = z.object({
  kind: z.enum(consentKinds).catch('processing'),
  libraryId: z.uuid(),
  fullName: known,
  birthDate: known.transform((typed) => {
    const date = readBirthDate(typed)
    return typeof date === 'string' ? date : ''
  }),
  guardianName: known,
  guardianRelation: known,
  /** The edition that the form records: another one may be in force by the time it is printed. */
  version: edition,
  consentVersion: edition,
  handoverVersion: edition,
})

/** A document of each library, of both kinds, for a network of a hundred. */
const mostBlanks = 200

const signing = { self: 'no', guardian: 'yes', both: 'both' } as const

export function createConsentPapers(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps
  const blanks = kept<Buffer>(mostBlanks)
  return {
    /**
     * The consent document to be signed: in the version that its form records, else in the one in force.
     * @throws notAllowed, consentMissing, consentTextUnknown
     */
    async print(
      actor: Authorised<'applications.write'>,
      typed: z.output<typeof consentPaperSchema>,
    ): Promise<Paper> {
      const { libraryId, birthDate } = typed
      if (actor.libraries !== 'all' && !actor.libraries.includes(libraryId)) throw notAllowed()
      const version =
        typed.version ?? (typed.kind === 'handover' ? typed.handoverVersion : typed.consentVersion)
      const text = version
        ? await consentTextOf(db, typed.kind, version)
        : await currentConsentText(db, typed.kind)
      const [central, district] = [await centralLibrary(db), await libraryById(db, libraryId)]
      const settings = await readSettings(db)
      const today = dateIn(settings['region.timeZone'], clock())
      const from14 = settings['consents.from14']
      const guardian = birthDate === '' ? 'unknown' : signing[basisOn(birthDate, today, from14)]
      const pdf = await renderConsent({
        body: fillConsentText(text.body, central, district),
        version: text.version,
        fullName: typed.fullName || undefined,
        birthDate: birthDate || undefined,
        guardian,
        aloneFrom: ownConsentAge(from14),
        ...(guardian === 'no'
          ? {}
          : { guardianName: typed.guardianName, guardianRelation: typed.guardianRelation }),
        printedOn: today,
      })
      return { pdf, name: `soglasie-${text.version}.pdf` }
    },

    /**
     * The document in force with lines for the pen: it lies beside the form, for everybody.
     * @throws notFound, consentMissing
     */
    async blank(libraryId: string, kind: ConsentKind): Promise<Paper> {
      const text = await currentConsentText(db, kind)
      const [central, district] = [await centralLibrary(db), await libraryById(db, libraryId)]
      const settings = await readSettings(db)
      const paper: ConsentPaper = {
        body: fillConsentText(text.body, central, district),
        version: text.version,
        fullName: undefined,
        birthDate: undefined,
        guardian: 'unknown',
        aloneFrom: ownConsentAge(settings['consents.from14']),
        printedOn: dateIn(settings['region.timeZone'], clock()),
      }
      // Drawing takes a while, and anybody may ask: each is drawn once a day.
      const pdf = await blanks(JSON.stringify(paper), () => renderConsent(paper))
      return { pdf, name: `soglasie-${text.version}.pdf` }
    },

    /** Which documents there are to be signed, in the order in which they are asked. */
    async kindsInForce(): Promise<ConsentKind[]> {
      const texts = await Promise.all(consentKinds.map((kind) => newestConsentText(db, kind)))
      return consentKinds.filter((_, index) => texts[index] !== undefined)
    },

    /** A text as it would be printed, before it is put into force or after. */
    async preview(
      _actor: Authorised<'consents.read' | 'consents.publish'>,
      text: { body: string; version: number | undefined },
    ): Promise<Paper> {
      const libraries = await listLibraries(db)
      const central = await centralLibrary(db)
      const settings = await readSettings(db)
      const pdf = await renderConsent({
        body: fillConsentText(
          text.body,
          central,
          libraries.find(({ kind }) => kind === 'district') ?? central,
        ),
        version: text.version,
        fullName: undefined,
        birthDate: undefined,
        guardian: 'unknown',
        aloneFrom: ownConsentAge(settings['consents.from14']),
        printedOn: dateIn(settings['region.timeZone'], clock()),
      })
      return { pdf, name: `soglasie-${text.version ?? 'chernovik'}.pdf` }
    },
  }
}
