import { keepAlive, pace } from './load.ts'
import type { Region } from './region.ts'
import { readerCount } from './large-region.ts'
import type { Row } from './rows.ts'
import { figure, milliseconds } from './rows.ts'

const lanes = 8

export async function signInRows(region: Region): Promise<Row[]> {
  const { ask, close } = keepAlive()
  const { perSecond, p95 } = await pace({ lanes, milliseconds: 10_000 }, (turn) =>
    region.signIn(turn % readerCount, ask),
  )
  close()
  return [
    {
      what: 'sign-ins of readers',
      measured: `${figure(perSecond)}/s, p95 ${milliseconds(p95)}`,
      how: `the sign-in form, ${lanes} at a time, each another reader behind one address; argon2id, 19 MiB, 2 passes`,
    },
  ]
}
