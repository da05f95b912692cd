import { z } from 'zod'
import { roles } from '../staff/actors.ts'
import { chosenPasswordField, staffEmailField, staffNameField } from '../staff/staff.schemas.ts'

/** For how many days an invitation may be good: a letter on paper travels for a while. */
export const invitationDays = ['7', '14', '30'] as const

const daysField = z.enum(invitationDays).default('7').transform(Number)

export const inviteSchema = z.object({
  fullName: staffNameField,
  email: staffEmailField,
  role: z.enum(roles, 'role_missing'),
  libraryId: z.uuid('library_missing'),
  days: daysField,
})
export type InviteInput = z.output<typeof inviteSchema>

/** The first librarian of a library. */
export const inviteLibrarianSchema = z.object({
  fullName: staffNameField,
  email: staffEmailField,
  days: daysField,
  /** The letter goes on paper alone. */
  onPaper: z.enum(['email', 'paper']).default('email'),
})
export type InviteLibrarianInput = z.output<typeof inviteLibrarianSchema>

export const againSchema = z.object({ days: daysField })

export const changePersonSchema = z.object({ fullName: staffNameField, email: staffEmailField })
export type ChangePersonInput = z.output<typeof changePersonSchema>

export const heldRoleSchema = z.object({
  role: z.enum(roles, 'role_missing'),
  libraryId: z.uuid('library_missing'),
})
export type HeldRole = z.output<typeof heldRoleSchema>

/** What a link carries: 43 signs of base64url; anything else is no link of ours. */
export const linkKeySchema = z
  .string()
  .regex(/^[\w-]{43}$/)
  .catch('')

export const choosePasswordSchema = z.object({ password: chosenPasswordField })

export const forgottenSchema = z.object({ email: staffEmailField })
