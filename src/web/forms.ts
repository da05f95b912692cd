import { fail } from '@sveltejs/kit'
import type { z } from 'zod'
import { unreadable } from '#core/shared/errors.ts'
import { isCutOff } from '#core/shared/outage.ts'
import { storable } from '#core/shared/storable.ts'
import { errorText, expectedIn, fieldText } from './errors.ts'
import { logRefusal } from './refusals.ts'
import type { Upload } from './uploads.ts'
import { receiveUpload } from './uploads.ts'

/** What a form gets back when it could not be taken: what was typed, and what is wrong with it. */
export interface FormFault {
  /** Fields as they were typed; passwords are left out. */
  values: Record<string, string>
  /** A sentence per field. */
  faults: Record<string, string>
  /** A sentence about the whole form. */
  fault?: string
  code?: string
  /** What the error says besides, such as the id of another questionnaire. */
  about?: Readonly<Record<string, string | number>>
}

/** Passwords. */
export const neverSentBack: ReadonlySet<string> = new Set([
  'password',
  'newPassword',
  'providerPassword',
  'staffPassword',
])

const withoutPasswords = (typed: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => !neverSentBack.has(name)))

/** A sentence per field out of what its schema says; of several the first. */
export function fieldFaults({ issues }: z.ZodError): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const issue of issues) faults[String(issue.path[0])] ??= fieldText(issue.message)
  return faults
}

/** @throws unreadable when the body is no form: anybody can send such, it is no fault of ours */
export async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData()
  } catch (error) {
    throw error instanceof TypeError && !isCutOff(error) ? unreadable() : error
  }
}

/** The text fields of a form, without signs that no database keeps: a forged form is answered as any other. */
export async function formValues(request: Request): Promise<Record<string, string>> {
  const form = await formOf(request)
  const values: Record<string, string> = {}
  for (const [name, value] of form) if (typeof value === 'string') values[name] = storable(value)
  return values
}

/**
 * Takes a form: reads it, checks it by its schema, runs the use case. A wrong field or an expected error
 * comes back as a `FormFault` with all that was typed; unexpected errors go on.
 */
export async function takeForm<Schema extends z.ZodType, Result>(
  request: Request,
  schema: Schema,
  work: (input: z.output<Schema>) => Promise<Result>,
): Promise<Result | ReturnType<typeof fail<FormFault>>> {
  const typed = await formValues(request)
  const values = withoutPasswords(typed)
  const checked = schema.safeParse(typed)
  if (!checked.success) return fail(422, { values, faults: fieldFaults(checked.error) })
  try {
    return await work(checked.data)
  } catch (error) {
    const known = expectedIn(error)
    if (!known) throw error
    logRefusal(known)
    return fail(known.status, {
      values,
      faults: {},
      fault: errorText(known),
      code: known.code,
      about: known.values,
    })
  }
}

/**
 * Takes a form with a file: receives it, runs the use case, removes what lies on disk. What couldn't be received,
 * and an expected error, come back as a `FormFault` at the file's field, with all that was typed.
 * @param field the file's
 */
export async function takeUpload<Result>(
  request: Request,
  field: string,
  work: (upload: Upload) => Promise<Result>,
): Promise<Result | ReturnType<typeof fail<FormFault>>> {
  const upload = await receiveUpload(request)
  try {
    if (upload.fault) throw upload.fault
    return await work(upload)
  } catch (error) {
    const known = expectedIn(error)
    if (!known) throw error
    logRefusal(known)
    return fail(known.status, {
      values: withoutPasswords(upload.fields),
      faults: { [field]: errorText(known) },
      code: known.code,
      about: known.values,
    })
  } finally {
    await upload.discard()
  }
}
