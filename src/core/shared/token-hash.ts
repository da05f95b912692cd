import { createHash } from 'node:crypto'

/** What is stored of a random token: a copy of the database opens nothing with it. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest()
