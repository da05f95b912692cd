import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { runChild } from './children.fixtures.ts'
import { commandLineOf, isAlive, startTimeOf, until } from './processes.ts'

describe('processes', () => {
  it('are known by command line and start time while they live, and not after', async () => {
    const child = runChild(`say('here'); await go()`)
    await child.line()
    expect(isAlive(child.pid)).toBe(true)
    expect(await commandLineOf(child.pid)).toContain('--input-type=module')
    const startedAt = await startTimeOf(child.pid)
    expect(startedAt).toBeTruthy()
    expect(await startTimeOf(child.pid)).toBe(startedAt)
    await child.kill('SIGKILL')
    expect(isAlive(child.pid)).toBe(false)
    expect(await commandLineOf(child.pid)).toBeUndefined()
    expect(await startTimeOf(child.pid)).toBeUndefined()
  })

  it('are not alive when they have ended and nobody takes note of it, as in a container', async () => {
    const careless = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'])
    const pid = await new Promise<number>((resolve) => {
      careless.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())))
    })
    expect(await until(() => !isAlive(pid), 10_000)).toBe(true)
    careless.kill('SIGKILL')
  })

  it('are waited for no longer than allowed', async () => {
    expect(await until(() => false, 50)).toBe(false)
    expect(await until(() => true, 0)).toBe(true)
  })
})
