import { z } from 'zod'
import { checkKinds } from '#protocols/card/check-digits.ts'
import { hasLetters, numberOf } from '#protocols/card/scheme.ts'
import type { AuditLog } from '../audit/audit.ts'
import { cardSchemeSchema, checkScheme, schemeFields } from '../settings/card-scheme.ts'
import { changeSettings } from '../settings/changing.ts'
import { readSettings, settingsOf, writeSetting } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { checkbox, wholeField } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import { spacedCardNumber } from './cards.ts'

export const lowStockField = wholeField(0, 1000, 'card_low_stock')

/** The settings of a region about its cards, as one form. */
export const numberingSchema = z
  .object({
    prefix: schemeFields.prefix,
    libraryCode: checkbox,
    serialDigits: wholeField(0, undefined, 'card_serial_digits').pipe(schemeFields.serialDigits),
    check: z.enum(checkKinds),
    lowStock: lowStockField,
    validYears: wholeField(0, 50, 'card_valid_years'),
  })
  .superRefine(checkScheme)
export type Numbering = z.output<typeof numberingSchema>

/** What makes a number. */
export const schemeNames = ['prefix', 'libraryCode', 'serialDigits', 'check'] as const

const countSettings = { lowStock: 'cards.lowStock', validYears: 'cards.validYears' } as const

export function createNumbering(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db } = deps
  return {
    /** As it is, with a number as the central library's next card would have it. */
    async numbering(_actor: Authorised<'cards.number'>): Promise<Numbering & { example: string }> {
      const settings = await readSettings(db)
      const scheme = settings['cards.scheme']
      const example = numberOf(scheme, '001', 123) ?? ''
      return {
        ...scheme,
        lowStock: settings['cards.lowStock'],
        validYears: settings['cards.validYears'],
        example: spacedCardNumber(example),
      }
    },

    /** Holds for numbers given, and for cards given or renewed, from now on. A scheme is given whole or not at all. */
    async changeNumbering(actor: Authorised<'cards.number'>, input: Partial<Numbering>): Promise<void> {
      await inTransaction(db, async (tx) => {
        const scheme = 'prefix' in input ? cardSchemeSchema.parse(input) : undefined
        if (scheme && hasLetters(scheme)) await writeSetting(tx, 'cards.letters', true)
        await changeSettings(tx, deps, actor, {
          ...(scheme && { 'cards.scheme': scheme }),
          ...settingsOf(countSettings, input),
        })
      })
    },
  }
}
