import { readdir, readFile } from 'node:fs/promises'

/**
 * Bytes that a process and all its descendants take, memory that they share counted once: the sum of each
 * one's proportional set size.
 */
export async function proportionalMemory(root: number): Promise<number> {
  const shares = await Promise.all((await familyOf(root)).map(proportionalSetSize))
  return shares.reduce((sum, bytes) => sum + bytes, 0)
}

async function familyOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>()
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isInteger)) {
    const parent = await parentOf(pid)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const below = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(below)]
  return below(root)
}

/** Undefined when the process has ended meanwhile. */
async function parentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/** 0 when the process has ended meanwhile. */
async function proportionalSetSize(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return ''
    throw error
  })
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024
}
