import { z } from 'zod'
import { checkKinds } from '#protocols/card/check-digits.ts'
import { readingsOf, typedCardNumber } from '#protocols/card/reading.ts'
import { isCardNumber } from '#protocols/card/scheme.ts'
import { wholeField } from '../shared/form-fields.ts'

/** A number as it was scanned or typed; which one was meant, `knownNumber` tells. */
const numberField = z
  .string()
  .max(100, 'card_number')
  .refine((typed) => readingsOf(typed).some(isCardNumber), 'card_number')
  .transform(typedCardNumber)

/** A number that isn't on record yet: nothing tells what Russian letters were meant for. */
const newNumberField = numberField.refine(isCardNumber, 'card_number_letters')

/** The same where it may be left out. */
export const optionalNumberField = z.preprocess(
  (typed) => (typeof typed === 'string' && typed.trim() === '' ? undefined : typed),
  numberField.optional(),
)

export const mostInBatch = 5000
export const mostTakenOver = 10_000
const countField = wholeField(1, mostInBatch, 'card_count')

export const makeBatchSchema = z.object({
  formKey: z.uuid(),
  libraryId: z.uuid(),
  count: countField,
  /** The order that it answers. */
  orderId: z.uuid().optional(),
})
export type MakeBatchInput = z.output<typeof makeBatchSchema>

export const takeOverSchema = z.object({
  formKey: z.uuid(),
  libraryId: z.uuid(),
  first: newNumberField,
  last: newNumberField,
  check: z.enum(checkKinds),
})
export type TakeOverInput = z.output<typeof takeOverSchema>

export const batchSchema = z.object({ batchId: z.uuid() })

export const receiveSchema = z.object({
  libraryId: z.uuid(),
  first: numberField,
  // A scanner ends the first number with Enter, which sends the form: the page then asks for the last one.
  last: z.string().trim().min(1, 'card_last').pipe(numberField),
})
export type ReceiveInput = z.output<typeof receiveSchema>

/** Why a card that nobody has will be nobody's. */
export const writeOffReasons = ['damaged', 'lost', 'other'] as const

export const writeOffSchema = z.object({
  libraryId: z.uuid(),
  first: numberField,
  /** Left out where it is one card. */
  last: optionalNumberField,
  reason: z.enum(writeOffReasons, 'card_reason'),
})
export type WriteOffInput = z.output<typeof writeOffSchema>

export const orderSchema = z.object({
  libraryId: z.uuid(),
  count: countField,
  note: z.string().trim().max(500).default(''),
})
export type OrderInput = z.output<typeof orderSchema>

export const callOffSchema = z.object({ orderId: z.uuid() })
