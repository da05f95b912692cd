import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** Another process of ours, for tests about what several of them do to each other. */
export interface Child {
  pid: number
  /** The next line that it prints. @throws with all it has printed when it ends instead */
  line(): Promise<string>
  /** Lets a child that waits in `await go()` go on. */
  go(): void
  kill(signal: NodeJS.Signals): Promise<void>
  exited: Promise<void>
}

/**
 * Runs a module's text in a process of its own, with the repository as its folder; `say(line)` and
 * `await go()` are there. Its environment is nearly empty, without a language.
 */
export function runChild(
  text: string,
  options: { env?: NodeJS.ProcessEnv; prefix?: readonly string[] } = {},
): Child {
  const tools = `
    const say = (line) => process.stdout.write(line + '\\n')
    const go = () => new Promise((resolve) => {
      process.stdin.ref().once('data', () => resolve(process.stdin.unref()))
    })
  `
  const [program = '', ...words] = [
    ...(options.prefix ?? []),
    process.execPath,
    '--input-type=module',
    '--eval',
    `${tools}${text}`,
  ]
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(program, words, { cwd: root, env: { PATH, NODE_COMPILE_CACHE, ...options.env } })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  return {
    pid: child.pid ?? 0,
    async line() {
      const { done, value } = await lines.next()
      if (done) throw new Error(`the child ended: ${output}`)
      return value
    },
    go: () => void child.stdin.write('go\n'),
    async kill(signal) {
      child.kill(signal)
      await exited
    },
    exited,
  }
}

/**
 * Words that run a program as an ordinary user: none when that is what runs the tests. Where the repository
 * lies below a private folder the user gets the right to pass through it.
 */
export async function asOrdinaryUser(): Promise<{ prefix: string[]; uid: number; gid: number }> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
  if (uid !== 0) return { prefix: [], uid, gid }
  const nobody = 65534
  const plain = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  const reading = [...plain, '--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  const reaches = await promisify(execFile)('setpriv', [
    ...plain.slice(1),
    'test',
    '-r',
    fileURLToPath(import.meta.url),
  ]).then(
    () => true,
    () => false,
  )
  return { prefix: reaches ? plain : reading, uid: nobody, gid: nobody }
}
