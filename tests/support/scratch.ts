import { readFileSync, statfsSync } from 'node:fs'

/** Where Linux keeps files in memory. */
const inMemory = '/dev/shm'
const roomNeeded = 4 * 1024 ** 3

/**
 * Tests copy whole databases and keep none: where memory may hold files and programs, and has room, that is
 * their folder for temporary files. A copy takes a tenth of the time there.
 * @returns undefined where the usual one serves
 */
export function scratchInMemory(): string | undefined {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === inMemory)
    const options = mount?.split(' ')[3]?.split(',') ?? ['noexec']
    const { bavail, bsize } = statfsSync(inMemory)
    return !options.includes('noexec') && bavail * bsize >= roomNeeded ? inMemory : undefined
  } catch {
    return undefined
  }
}
