import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { until } from '../../src/core/shared/postgres/processes.ts'
import { freePort } from '../../tests/support/system.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface BareFramework {
  origin: string
  close(): Promise<void>
}

/** What SvelteKit itself puts around a page of one component, about. */
const shellBytes = 1550

/**
 * SvelteKit with its own Node server and nothing else: each page is one component that holds its markup as it
 * is, so that it loads no data and renders nothing. Built and run outside the project, out of its packages.
 * @param pages markup of whole pages by name; the answer at `/name` is about as long
 */
export async function startBareFramework(pages: Readonly<Record<string, string>>): Promise<BareFramework> {
  const folder = await mkdtemp(join(tmpdir(), 'smart-bare-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await writeProject(folder, pages)
    const builder = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    await promisify(execFile)(process.execPath, [builder, 'build', '--logLevel', 'error'], { cwd: folder })
    const server = await serve(folder)
    return {
      origin: server.origin,
      async close() {
        await server.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

async function writeProject(folder: string, pages: Readonly<Record<string, string>>): Promise<void> {
  const write = async (path: string, text: string) => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await linkPackages(folder)
  await write('package.json', JSON.stringify({ name: 'bare', private: true, type: 'module' }))
  await write(
    'vite.config.js',
    `import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
export default { plugins: [sveltekit({ adapter: adapter() })] }`,
  )
  await write(
    'src/app.html',
    '<!doctype html><html lang="ru"><head><meta charset="utf-8" />%sveltekit.head%</head><body>%sveltekit.body%</body></html>',
  )
  for (const [name, markup] of Object.entries(pages)) {
    await write(`src/${name}.js`, `export const markup = ${JSON.stringify(inShell(markup))}`)
    await write(
      `src/routes/${name}/+page.svelte`,
      `<script>import { markup } from '../../${name}.js'</script>{@html markup}`,
    )
  }
}

/** Each package by itself: SvelteKit writes its types beside them, and ours are to stay ours. */
async function linkPackages(folder: string): Promise<void> {
  const packages = join(root, 'node_modules')
  await mkdir(join(folder, 'node_modules'))
  for (const name of await readdir(packages)) {
    if (name !== '$app') await symlink(join(packages, name), join(folder, 'node_modules', name))
  }
}

/** A page's body without its scripts, brought to such a length that the whole is as long again. */
function inShell(page: string): string {
  const [, body = ''] = /<body[^>]*>([\s\S]*)<\/body>/.exec(page) ?? []
  const markup = body.replace(/<script[\s\S]*?<\/script>/g, '')
  const missing = Buffer.byteLength(page) - shellBytes - Buffer.byteLength(markup)
  return `${markup}<!--${'.'.repeat(Math.max(0, missing))}-->`
}

async function serve(folder: string): Promise<{ origin: string; stop(): Promise<void> }> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [join(folder, 'build', 'index.js')], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], PORT: String(port), HOST: '127.0.0.1', NODE_ENV: 'production' },
  })
  const leave = () => child.kill('SIGKILL')
  process.once('exit', leave)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  const stop = async () => {
    leave()
    process.off('exit', leave)
    await ended
  }
  const answers = () =>
    fetch(origin).then(
      () => true,
      () => false,
    )
  if (await until(answers, 30_000)) return { origin, stop }
  await stop()
  throw new Error('the bare framework did not start')
}
