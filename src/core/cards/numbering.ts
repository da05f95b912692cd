import { z } from 'zod'
import { checkKinds } from '#protocols/card/check-digits.ts'
import type { CardScheme } from '#protocols/card/scheme.ts'
import { hasLetters, numberOf } from '#protocols/card/scheme.ts'
import type { AuditLog } from '../audit/audit.ts'
import { byStaff } from '../audit/audit.ts'
import { checkScheme, schemeFields } from '../settings/card-scheme.ts'
import { readSettings, writeSetting } from '../settings/settings.ts'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import { checkbox } from '../shared/form-fields.ts'
import type { Authorised } from '../staff/actors.ts'
import { spacedCardNumber } from './cards.ts'

const whole = (message: string) => z.coerce.number(message).int(message)

export const lowStockField = whole('card_low_stock').min(0, 'card_low_stock').max(1000, 'card_low_stock')

/** The settings of a region about its cards, as one form. */
export const numberingSchema = z
  .object({
    prefix: schemeFields.prefix,
    libraryCode: checkbox,
    serialDigits: whole('card_serial_digits').pipe(schemeFields.serialDigits),
    check: z.enum(checkKinds),
    lowStock: lowStockField,
    validYears: whole('card_valid_years').min(0, 'card_valid_years').max(50, 'card_valid_years'),
  })
  .superRefine(checkScheme)
export type Numbering = z.output<typeof numberingSchema>

export function createNumbering(deps: { db: Database; clock: Clock; audit: AuditLog }) {
  const { db, clock, audit } = deps
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

    /** Holds for numbers given, and for cards given or renewed, from now on. */
    async changeNumbering(actor: Authorised<'cards.number'>, input: Numbering): Promise<void> {
      const { lowStock, validYears, ...scheme } = input
      await inTransaction(db, async (tx) => {
        const before = await readSettings(tx)
        const changed = [
          ...(sameScheme(before['cards.scheme'], scheme) ? [] : ['cards.scheme']),
          ...(before['cards.lowStock'] === lowStock ? [] : ['cards.lowStock']),
          ...(before['cards.validYears'] === validYears ? [] : ['cards.validYears']),
        ]
        if (changed.length === 0) return
        await writeSetting(tx, 'cards.scheme', scheme)
        await writeSetting(tx, 'cards.lowStock', lowStock)
        await writeSetting(tx, 'cards.validYears', validYears)
        if (hasLetters(scheme)) await writeSetting(tx, 'cards.letters', true)
        await audit.append(tx, {
          at: clock(),
          actor: byStaff(actor.staffId),
          action: 'settings.change',
          subject: { kind: 'settings', id: null },
          details: { settings: changed },
        })
      })
    },
  }
}

const sameScheme = (a: CardScheme, b: CardScheme) =>
  a.prefix === b.prefix &&
  a.libraryCode === b.libraryCode &&
  a.serialDigits === b.serialDigits &&
  a.check === b.check
