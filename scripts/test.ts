/** What `npm test` runs: every check there is, one after the other, and a closing line that counts them. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules', '.bin')
const reports = await mkdtemp(join(tmpdir(), 'smart-reports-'))
const total = { passed: 0, failed: 0 }

// Each uses one core: side by side they take as long as the longer one.
await Promise.all([formattingAndBuild(), types()])
await tests('core')
await tests('browser')

await rm(reports, { recursive: true, force: true })
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0)

async function formattingAndBuild(): Promise<void> {
  await check('formatting', ['prettier', '--check', '--log-level', 'warn', '.'])
  await check('lint', ['oxlint', '--deny-warnings', '--quiet'])
  await check('production build', ['node', join(root, 'scripts', 'build.ts')])
}

async function types(): Promise<void> {
  const texts = ['--project', './project.inlang', '--outdir', './src/paraglide', '--silent']
  await check('texts compile', ['paraglide-js', 'compile', ...texts])
  await check('framework types', ['svelte-kit', 'sync'])
  await check('types', ['svelte-check', '--fail-on-warnings', '--output', 'human'])
}

/** A check that either holds or doesn't; it counts as one. */
async function check(name: string, command: string[]): Promise<void> {
  const started = performance.now()
  const ok = (await run(command)) === 0
  total[ok ? 'passed' : 'failed'] += 1
  report(name, ok, started)
}

/** A project of Vitest; each of its tests counts. A run without a readable result counts as one failure. */
async function tests(project: string): Promise<void> {
  const started = performance.now()
  const output = join(reports, `${project}.json`)
  const words = [
    'vitest',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${output}`,
  ]
  const status = await run(words)
  const result = await readFile(output, 'utf8').then(
    (text) => JSON.parse(text) as { numPassedTests: number; numFailedTests: number; numPendingTests: number },
    () => ({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 }),
  )
  total.passed += result.numPassedTests
  // A suite that breaks before its first test, or a skipped test, is a failure too.
  const silent = status !== 0 && result.numFailedTests === 0 ? 1 : 0
  total.failed += result.numFailedTests + result.numPendingTests + silent
  report(`${project} tests`, status === 0, started)
}

function report(name: string, ok: boolean, started: number): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
}

function run([program = '', ...words]: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, NODE_ENV: 'test' },
    })
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
