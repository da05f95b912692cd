import { z } from 'zod'

/** A form about one loan. */
export const loanSchema = z.object({ loan: z.uuid() })
