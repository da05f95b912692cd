import { z } from 'zod'

/** A password that a staff member chooses (OWASP ASVS 6.2.1: length, no rules of composition). */
export const chosenPasswordField = z.string().min(10, 'password_short').max(200, 'password_long')
