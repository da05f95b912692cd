import { z } from 'zod'
import type { Transaction } from '../shared/db.ts'
import { wholeField } from '../shared/form-fields.ts'

/** The right to lend a publication: to everybody at once, or so many copies at a time. */
export type NewLicence = { kind: 'open' } | { kind: 'copies'; copies: number }

/** As a form or a command line gives it: kind, and the number of copies where it counts. */
export const licenceSchema = z
  .object({
    licence: z.enum(['none', 'open', 'copies']),
    copies: wholeField(1, 100_000, 'copies_unreadable')
      .optional()
      .or(z.literal('').transform(() => undefined)),
  })
  .refine((input) => input.licence !== 'copies' || input.copies !== undefined, {
    message: 'copies_unreadable',
    path: ['copies'],
  })

export function licenceOf(input: z.output<typeof licenceSchema>): NewLicence | null {
  if (input.licence === 'none') return null
  if (input.licence === 'open' || input.copies === undefined) return { kind: 'open' }
  return { kind: 'copies', copies: input.copies }
}

export async function addLicence(
  tx: Transaction,
  publicationId: string,
  licence: NewLicence,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('licences')
    .values({
      publication_id: publicationId,
      kind: licence.kind,
      copies: licence.kind === 'copies' ? licence.copies : null,
      added_at: at,
    })
    .execute()
}
