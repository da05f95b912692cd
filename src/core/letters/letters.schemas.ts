import { z } from 'zod'
import { checkbox, wholeNumber } from '../shared/form-fields.ts'

/** One questionnaire of a letter, as it was shown and ticked. */
export interface ChosenRow {
  draftId: string
  /** The revision that the page showed. */
  revision: number
  guardianName: string
  guardianRelation: string
}

const rowName = /^take-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/**
 * «Согласия подписаны на бумаге», one button for all readers of a letter. Per reader: `take-<draft>` with the
 * revision that was shown, `guardianName-<draft>`, `guardianRelation-<draft>`.
 */
export const confirmSchema = z
  .object({
    consentGiven: checkbox,
    consentVersion: wholeNumber,
    handoverGiven: checkbox.optional(),
    handoverVersion: wholeNumber.optional(),
  })
  .catchall(z.string().trim().max(300))
  .transform((form) => {
    const { consentGiven, consentVersion, handoverGiven, handoverVersion, ...typed } = form
    const rows = Object.entries(typed).flatMap(([name, value]): ChosenRow[] => {
      const draftId = rowName.exec(name)?.[1]
      const revision = wholeNumber.safeParse(value).data
      if (!draftId || revision === undefined) return []
      return [
        {
          draftId,
          revision,
          guardianName: (typed[`guardianName-${draftId}`] ?? '').slice(0, 200),
          guardianRelation: (typed[`guardianRelation-${draftId}`] ?? '').slice(0, 100),
        },
      ]
    })
    return { consentGiven, consentVersion, handoverGiven, handoverVersion, rows }
  })
export type ConfirmInput = z.output<typeof confirmSchema>

/** Whose letter it is, by an operator's word. */
export const acceptSchema = z.object({ libraryId: z.uuid('library_missing') })
export type AcceptInput = z.output<typeof acceptSchema>

export const dismissSchema = z.object({ reason: z.string().trim().min(1, 'reason_missing').max(1000) })
export type DismissInput = z.output<typeof dismissSchema>
