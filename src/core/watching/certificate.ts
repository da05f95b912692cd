import { isIP } from 'node:net'
import { connect } from 'node:tls'
import type { Clock } from '../shared/clock.ts'
import { seconds } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'

export interface CertificateFacts {
  at: Date
  /** Undefined when nothing answered, or it couldn't be reached from here. */
  validUntil: Date | undefined
  /** Why browsers don't trust it, or why it wasn't seen; a stable code. */
  fault: string | undefined
}

const answerLimit = seconds(10)

/**
 * Looks at the certificate of an https address, as a browser is shown it. Nothing is sent: the handshake is
 * all. It isn't refused for being wrong, since that is what is to be found out.
 */
export function certificateOf(origin: string): Promise<Omit<CertificateFacts, 'at'>> {
  const { hostname, port } = new URL(origin)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port) || 443,
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: false,
    })
    const end = (found: Omit<CertificateFacts, 'at'>) => {
      socket.destroy()
      resolve(found)
    }
    const unseen = (fault: string) => end({ validUntil: undefined, fault })
    socket.setTimeout(answerLimit, () => unseen('no_answer'))
    socket.once('error', (error: NodeJS.ErrnoException) => unseen(error.code ?? 'unreachable'))
    socket.once('secureConnect', () => {
      const until = new Date(socket.getPeerCertificate().valid_to)
      if (Number.isNaN(until.getTime())) return unseen('no_certificate')
      const { authorized, authorizationError } = socket
      end({ validUntil: until, fault: authorized ? undefined : String(authorizationError) })
    })
  })
}

/** The job that looks at the certificate of the own address, where there is one. */
export function createCertificateLook(deps: { db: Database; clock: Clock; origin: string | undefined }) {
  const { db, clock, origin } = deps
  return async (): Promise<void> => {
    if (!origin?.startsWith('https:')) return
    const { validUntil, fault } = await certificateOf(origin)
    const seen = { at: clock(), origin, valid_until: validUntil ?? null, fault: fault ?? null }
    await db
      .insertInto('certificate_check')
      .values({ singleton: true, ...seen })
      .onConflict((conflict) => conflict.column('singleton').doUpdateSet(seen))
      .execute()
  }
}

/** @returns undefined when this address was never looked at */
export async function lastCertificateLook(
  db: Database,
  origin: string | undefined,
): Promise<CertificateFacts | undefined> {
  if (!origin) return undefined
  const row = await db
    .selectFrom('certificate_check')
    .select(['at', 'valid_until', 'fault'])
    .where('origin', '=', origin)
    .executeTakeFirst()
  return row && { at: row.at, validUntil: row.valid_until ?? undefined, fault: row.fault ?? undefined }
}
