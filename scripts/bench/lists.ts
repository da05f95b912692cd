import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { ask, signIn } from '../../tests/support/http.ts'
import { onServer } from '../../tests/support/server-commands.ts'
import { demoPassword } from '../../tests/support/steps.ts'
import { startSystem } from '../../tests/support/system.ts'
import { highestDuring } from './load.ts'
import { proportionalMemory } from './proportional-memory.ts'
import type { Row } from './rows.ts'
import { figure, megabytes, seconds } from './rows.ts'

const rows = 10_000

/** A list of ten thousand rows of either kind, from the upload to the last record, in a region of its own. */
export async function listRows(): Promise<Row[]> {
  const system = await startSystem({ env: { SMART_DEMO: '1' } })
  try {
    const url = (await runningPostgres(system.dataDir)) ?? ''
    const one = async (command: string, values: unknown[] = []) => {
      const [row] = (await onServer(url, command, values)).rows as Record<string, unknown>[]
      return String(Object.values(row ?? {})[0])
    }
    const credentials = { email: 'operator@demo.test', password: demoPassword }
    const cookie = `staff=${await signIn(system.origin, '/staff/sign-in', credentials)}`
    const libraryId = await one("select id from libraries where code = '002'")
    const consentVersion = await one("select max(version) from consent_texts where kind = 'processing'")
    /** @returns milliseconds until the list's state is this one */
    async function timed(id: string, state: string, work: () => Promise<unknown>): Promise<number> {
      const began = performance.now()
      await work()
      while ((await one('select state from lists where id = $1', [id])) !== state) await setTimeout(100)
      return performance.now() - began
    }
    async function measured(kind: 'questionnaires' | 'readers', surname: string): Promise<Row> {
      const began = performance.now()
      const { location, status } = await ask(
        system.origin,
        {
          path: '/staff/lists/new',
          form: { formKey: randomUUID(), kind, libraryId },
          upload: { field: 'file', name: 'list.csv', bytes: table(surname) },
        },
        cookie,
      )
      if (status !== 303) throw new Error(`the list was not taken: ${status}`)
      const uploaded = performance.now() - began
      const id = location.slice(-36)
      const form = {
        'column-0': 'fullName',
        'column-1': 'birthDate',
        'column-2': 'email',
        consentGiven: 'on',
        consentVersion,
        signedOn: '01.11.2026',
      }
      const press = (action: string, fields: Record<string, string>) =>
        ask(system.origin, { path: `/staff/lists/${id}?/${action}`, form: fields }, cookie)
      let checked = 0
      let run = 0
      const { highest } = await highestDuring(
        async () => {
          await setTimeout(200)
          return proportionalMemory(system.pid)
        },
        async () => {
          checked = await timed(id, 'checked', () => press('check', form))
          run = await timed(id, 'done', () => press('start', {}))
        },
      )
      const done = Number(
        await one("select count(*) from list_rows where list_id = $1 and state = 'done'", [id]),
      )
      if (done !== rows) throw new Error(`${done} of ${rows} rows were taken`)
      return {
        what: `a list of ${figure(rows)} ${kind}, checked and run`,
        measured: `${seconds(uploaded + checked + run)}; memory ${megabytes(highest)} at most`,
        how: `uploaded and read ${seconds(uploaded)}, checked ${seconds(checked)}, run ${seconds(run)} (${figure((rows / run) * 1000)}/s); PSS of node and of every postgres process`,
      }
    }
    return [await measured('questionnaires', 'Анкетный'), await measured('readers', 'Прежний')]
  } finally {
    await system.stop()
    await system.dispose()
  }
}

/** People with names and birth dates of their own. */
function table(surname: string): Uint8Array<ArrayBuffer> {
  const letters = 'абвгдежзик'
  const lines = Array.from({ length: rows }, (_, row) => {
    const word = [...String(row)].map((digit) => letters[Number(digit)]).join('')
    const born = new Date(Date.UTC(1930, 0, 1 + row * 2)).toISOString().slice(0, 10)
    return `${surname}${word} Лев Олегович;${born};reader${row}@reader.test`
  })
  return new TextEncoder().encode(['ФИО;Дата рождения;Почта', ...lines].join('\n'))
}
