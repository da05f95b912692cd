import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { noteSign } from '../shared/signs.ts'
import type { ConsoleActor } from '../staff/actors.ts'
import type { AuditLog } from '../audit/audit.ts'
import type { AuditHead } from '../audit/chain.ts'
import { chainBegin, storedHead } from '../audit/chain.ts'
import type { AuditFault } from '../audit/verifying.ts'
import { soundHeadAfter, verifyChain } from '../audit/verifying.ts'

const headSchema = z.object({ seq: z.int().min(0), mac: z.base64() })

/**
 * The log's head outside the database: `audit.head` beside the key. Whoever can write the database alone can't take
 * entries off the end of the log so that nobody notices.
 */
export function createOutsideHead(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  sealer: Sealer
  dataDir: string
}) {
  const { db, clock, audit, sealer, dataDir } = deps
  const path = join(dataDir, 'audit.head')

  /** @throws with a sentence when the file can't be read */
  async function read(): Promise<AuditHead | undefined> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (text === undefined) return undefined
    try {
      const { seq, mac } = headSchema.parse(JSON.parse(text))
      return { seq, mac: Buffer.from(mac, 'base64') }
    } catch {
      throw new Error(`Файл ${path} повреждён: в нём должен быть конец журнала.`)
    }
  }

  /** The whole file or the one before, whenever the power goes. */
  async function write({ seq, mac }: AuditHead): Promise<void> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    const draft = `${path}.${randomUUID()}`
    await writeFile(draft, JSON.stringify({ seq, mac: mac.toString('base64') }), { mode: 0o600, flush: true })
    await rename(draft, path)
  }

  return {
    /** Whether there is one yet. */
    exists: async (): Promise<boolean> => (await read()) !== undefined,

    /**
     * Follows the log, as long as the chain leads from the head that is kept to the database's; that it does is noted
     * as a sign.
     * @returns whether it does
     */
    async follow(): Promise<boolean> {
      const kept = await read()
      const head = await soundHeadAfter(db, sealer, kept ?? chainBegin)
      if (!head) return false
      // That the chain leads on holds also where a full disk takes no new head.
      await noteSign(db, 'audit')
      if (head.seq > (kept?.seq ?? -1)) await write(head)
      return true
    },

    /** Walks the whole log; undefined when it is whole and leads to the head that is kept. */
    verify: async (): Promise<AuditFault[] | undefined> => verifyChain(db, sealer, await read()),

    /**
     * Takes the log as it is now for the true one: after the database was restored from a copy that is older than
     * the head. The log itself says so.
     */
    async accept(_actor: ConsoleActor): Promise<AuditHead> {
      const kept = await read()
      const head = await inTransaction(db, async (tx) => {
        await audit.append(tx, {
          at: clock(),
          actor: { kind: 'system' },
          action: 'audit.accept-head',
          subject: { kind: 'audit', id: null },
          details: { before: kept?.seq ?? null },
        })
        return storedHead(tx)
      })
      await write(head)
      return head
    },
  }
}
