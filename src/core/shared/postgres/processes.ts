import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readFile, readdir, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The command line of a running process, its words joined by spaces; undefined when there is none. */
export async function commandLineOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (fromProc !== undefined) return fromProc.replaceAll('\0', ' ').trim()
  return run('ps', ['-p', String(pid), '-o', 'command=']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}

/** Tells a process from a later one that got the same pid. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // proc(5): the name in brackets may hold anything; starttime is the 20th field after it.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  return run('ps', ['-p', String(pid), '-o', 'lstart=']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
}

/** Whether a process works; one that has ended but keeps its pid doesn't. */
export const isAlive = (pid: number): boolean => isTaken(pid) && !isZombie(pid)

/** Whether a pid belongs to a process, alive or ended. */
export function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ended, but not yet taken note of by its parent; in a container whose first process does that for nobody, for good. */
function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** The processes whose working folder this one is, however it is called by now; none where /proc tells nothing. */
export async function processesIn(folder: string): Promise<number[]> {
  const here = await identity(folder)
  const names = await readdir('/proc').catch(() => [])
  const pids = names.map(Number).filter(Number.isInteger)
  const places = await Promise.all(pids.map((pid) => identity(`/proc/${pid}/cwd`)))
  return pids.filter((_, index) => here !== undefined && places[index] === here)
}

const identity = (path: string) =>
  stat(path).then(
    ({ dev, ino }) => `${dev}/${ino}`,
    () => undefined,
  )

/** Asks again every few milliseconds until something holds, or the time is over. */
export async function until(holds: () => Promise<boolean> | boolean, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds
  for (;;) {
    if (await holds()) return true
    if (performance.now() > deadline) return false
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}
