import { z } from 'zod'
import { foldGenerated, passwordAlphabet } from '../readers/passwords.ts'
import { expected } from '../shared/errors.ts'
import { checkbox, wholeNumber } from '../shared/form-fields.ts'
import type { Sealer } from '../shared/sealing.ts'
import { questionnaireSchema } from './applications.schemas.ts'

/** Which wording of the agreement to the 14 days is on the page; a changed sentence gets the next number. */
export const homeTermsVersion = 1

export const homeNotAgreed = expected('home.not_agreed', 422)
export const homeTermsChanged = expected('home.terms_changed', 409)
/** The field that people don't see was filled in. */
export const homeByMachine = expected('home.by_machine', 422)
/** The same form with another person in it: Back was pressed. */
export const homeKeyReused = expected('home.key_reused', 409)
/** No such code: mistyped, sent, withdrawn or expired; it isn't told which. */
export const wrongCode = expected('home.wrong_code', 404)

/** The questionnaire as a reader or parent fills it in at home. */
export const homeSchema = questionnaireSchema.extend({
  formKey: z.uuid(),
  guardianName: z.string().trim().max(200, 'guardian_long').default(''),
  guardianRelation: z.string().trim().max(100, 'guardian_long').default(''),
  /** Where it is convenient to come: shown back, binds nobody. */
  libraryId: z
    .uuid()
    .or(z.literal(''))
    .default('')
    .transform((id) => id || null),
  agreed: checkbox,
  termsVersion: wholeNumber,
  /** Invisible to people. */
  website: z.string().default(''),
})
export type HomeInput = z.output<typeof homeSchema>

export const codeSchema = z.object({
  code: z.string().trim().min(1, 'home_code_missing').max(60, 'home_code_missing'),
})

const codeLength = 8

/**
 * The code of a form, always the same one for the same form: it can be shown again after a reload, though it
 * is stored nowhere. Without the master key nobody makes it out of the form's key.
 * @param turn another code, where somebody else's form has this one already
 */
export function homeCode(sealer: Sealer, formKey: string, turn: number): string {
  const bytes = sealer.blind(`home code ${turn} ${formKey}`)
  return Array.from(
    { length: codeLength },
    (_, place) => passwordAlphabet[bytes.readUInt32BE(place * 4) % passwordAlphabet.length],
  ).join('')
}

/** What is stored of a code, however it is typed: case, spaces and look-alike Cyrillic letters don't matter. */
export const homeCodeHash = (sealer: Sealer, typed: string): Buffer =>
  sealer.blind(`home code typed ${foldGenerated(typed.replace(/[.,_–—]/g, ''))}`)

/** The code of a kept form, by what is stored of it; undefined when it was made under another key. */
export const keptCode = (sealer: Sealer, formKey: string, hash: Buffer): string | undefined =>
  // Another turn was taken only where a code was in use already.
  Array.from({ length: 100 }, (_, turn) => homeCode(sealer, formKey, turn)).find((each) =>
    homeCodeHash(sealer, each).equals(hash),
  )

/** As it is shown: `K7DM-4XPE`. */
export const codeForPeople = (code: string): string =>
  `${code.slice(0, 4)}-${code.slice(4)}`.toLocaleUpperCase('en')

/** Thirty classmates behind one school's address, then one in two minutes. */
export const homeBuckets = (address: string) => [
  { key: `home form ${address}`, capacity: 40, perMinute: 0.5 },
]

/**
 * Mistyped codes are forgiven, a search through them isn't.
 * @param staffId whoever calls a code up at a desk; left out for readers at home, of whom a stranger's wrong
 * codes must stop nobody
 */
export const codeBuckets = (address: string, staffId?: string) => [
  { key: `home code ${staffId ?? 'at home'} ${address}`, capacity: 10, perMinute: 2 },
  ...(staffId ? [{ key: `home code ${staffId}`, capacity: 20, perMinute: 4 }] : []),
  { key: `home code at ${address}`, capacity: 60, perMinute: 10 },
]
