import { expect } from 'vitest'
import { createAuditLog } from '../../src/core/audit/audit.ts'
import { openDatabase, openPool } from '../../src/core/shared/db.ts'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { masterKey } from '../../src/core/shared/key-files.ts'
import { createSealer } from '../../src/core/shared/sealing.ts'
import type { RunningSystem } from './system.ts'

/** Fails when the log of a running system has a gap, a change or a wrong link. */
export async function expectWholeLog({ dataDir }: RunningSystem): Promise<void> {
  const db = openDatabase(openPool((await runningPostgres(dataDir)) ?? '', 1))
  const audit = createAuditLog(createSealer(await masterKey(dataDir)))
  const broken = await audit.verify(db).finally(() => db.destroy())
  expect(broken, 'the first broken entry of the log').toBeUndefined()
}
