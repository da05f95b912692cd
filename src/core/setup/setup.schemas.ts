import { z } from 'zod'
import { isTimeZone } from '../shared/calendar.ts'
import { checkbox } from '../shared/form-fields.ts'
import { emailField } from '../shared/form-fields.ts'
import { chosenPasswordField } from '../staff/staff.schemas.ts'

const requiredText = z.string().trim().min(1, 'required').max(200, 'name_long')

/** The set-up page: the region, its central library, and who administers it. */
export const setupSchema = z.object({
  regionName: requiredText,
  timeZone: z.string().refine(isTimeZone, 'time_zone_unknown'),
  libraryName: requiredText,
  libraryAddress: z.string().trim().max(300, 'text_long').default(''),
  libraryPhone: z.string().trim().max(100, 'text_long').default(''),
  libraryEmail: emailField.transform((email) => email ?? ''),
  fullName: requiredText,
  email: emailField.refine((email) => email !== null, 'email_unreadable').transform((email) => email ?? ''),
  password: chosenPasswordField,
  /** Roles besides the administrator's, so that one person can begin alone. */
  operator: checkbox,
  curator: checkbox,
})
export type SetupInput = z.infer<typeof setupSchema>
