import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { createSealer } from '../../src/core/shared/sealing.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'

/**
 * What a system's own output must never say: whatever people typed, and whatever its database knows of them.
 * Words are compared as they stand, in any case.
 */
const typed = new Set<string>()

/** Fields whose content is a person's, or secret. */
const personal =
  /^(fullName|email|phone|guardianName|password|newPassword|providerPassword|staffPassword|staffEmail|currentPassword)$/

/** Keeps what a form of a test sends. */
export function noteTyped(fields: Iterable<readonly [string, unknown]>): void {
  for (const [name, value] of fields) if (personal.test(name) && typeof value === 'string') typed.add(value)
}

/** The fields of a request's body as a browser sends it: urlencoded, multipart or JSON. */
export function fieldsOf(body: string, contentType = ''): [string, string][] {
  if (contentType.startsWith('application/x-www-form-urlencoded')) return [...new URLSearchParams(body)]
  return [...body.matchAll(/name="(\w+)"\r\n\r\n([^\r]*)\r\n|"(\w+)":"([^"\\]*)"/g)].map(
    ([, name = '', value = '', key = name, text = value]) => [key, text],
  )
}

const columns = [
  'select full_name from readers union select full_name from applications union select full_name from staff',
  `select email from readers union select email from applications union select email from staff
   union select email from libraries`,
  'select phone from readers union select phone from applications union select guardian_name from consents',
]

/** What the database of a running system knows of people, the passwords under its seals included. */
async function known(dataDir: string): Promise<string[]> {
  const url = await runningPostgres(dataDir)
  const key = await readFile(join(dataDir, 'secret.key')).catch(() => undefined)
  if (!url || !key) return []
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const found: string[] = []
    for (const text of columns)
      found.push(...(await client.query({ text, rowMode: 'array' })).rows.flat().map(String))
    const sealer = createSealer(key)
    const seals = await client.query<{ context: string; sealed: Buffer }>(
      `select reader_id || '/' || purpose as context, sealed from sealed_passwords`,
    )
    return [...found, ...seals.rows.map(({ context, sealed }) => sealer.open(sealed, context))]
  } catch (error) {
    // Killed in the middle of its first start: there is no such table, or no server that answers.
    const { code = '' } = error as { code?: string }
    if (code.startsWith('42') && code !== '42P01') throw error
    return []
  } finally {
    await client.end()
  }
}

/** Whatever looks so is a person's or secret, whoever it is of: an e-mail address, a phone, a session's token. */
const shapes = /[\w.+-]+@[\w-]+\.\w+|\+7\d{10}|(?<![\w./+-])[\w-]{43}(?![\w./-])/

/**
 * The first line of a system's output that tells of a person or a secret.
 * @param said besides what was typed
 */
export function tellingLine(output: string, said: readonly string[] = []): string | undefined {
  // Short words stand in any sentence; a whole name, an address or a password doesn't.
  const words = [...new Set([...typed, ...said])].filter((word) => word.length >= 8)
  return output.split('\n').find((line) => {
    const lower = line.toLowerCase()
    return shapes.test(line) || words.some((word) => lower.includes(word.toLowerCase()))
  })
}

/** @throws naming the line, when a system's output tells of a person or a secret. Its database may still run. */
export async function expectSilent(output: string, dataDir: string): Promise<void> {
  const line = tellingLine(output, await known(dataDir))
  if (line !== undefined) throw new Error(`the log tells of a person or a secret:\n${line}`)
}
