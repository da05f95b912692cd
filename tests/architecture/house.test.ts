import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Source {
  path: string
  text: string
  imports: { target: string; typeOnly: boolean }[]
}

const sources: Source[] = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !path.includes('/paraglide/') && !/\.(test|fixtures|contract)\.ts$/.test(path))
  .map((path) => {
    const text = readFileSync(path, 'utf8')
    return { path: relative(root, path), text, imports: importsOf(path, text) }
  })

/** Static and dynamic imports, resolved to paths from the root where they are our own. */
function importsOf(path: string, text: string) {
  const found = [...text.matchAll(/import\s+(type\s+)?(?:[^'"()]*?\sfrom\s+)?['"]([^'"]+)['"]/g)].map(
    ([, type, target = '']) => ({ target: resolved(path, target), typeOnly: Boolean(type) }),
  )
  const dynamic = [...text.matchAll(/import\(\s*['"]([^'"]+)['"]/g)].map(([, target = '']) => ({
    target: resolved(path, target),
    typeOnly: false,
  }))
  return [...found, ...dynamic]
}

function resolved(from: string, target: string): string {
  if (target.startsWith('.')) return relative(root, resolve(dirname(from), target))
  return target.replace(/^#(core|protocols|ui)\//, 'src/$1/')
}

const within = (folder: string) => sources.filter((source) => source.path.startsWith(folder))
const offences = (list: Source[], wrong: (target: string, source: Source, typeOnly: boolean) => boolean) =>
  list.flatMap((source) =>
    source.imports
      .filter(({ target, typeOnly }) => wrong(target, source, typeOnly))
      .map(({ target }) => `${source.path} → ${target}`),
  )

const featureOf = (path: string) => /^src\/core\/([^/]+)\//.exec(path)?.[1]

describe('the house', () => {
  it('sees its own sources', () => {
    expect(within('src/core/').length).toBeGreaterThan(20)
    expect(within('src/routes/').length).toBeGreaterThan(20)
  })

  it('core and protocols import no framework, no route, no ui', () => {
    const foreign = (target: string) =>
      /^(\$app|\$env|\$lib|svelte|@sveltejs|vite)\b/.test(target) ||
      /^src\/(routes|ui|web|paraglide)\b/.test(target) ||
      target.startsWith('#texts')
    expect(offences([...within('src/core/'), ...within('src/protocols/')], foreign)).toEqual([])
  })

  it('nothing of the product hashes passwords cheaply, as its tests do', () => {
    const cheap = sources.filter(({ text }) => text.includes('hashCheaply')).map(({ path }) => path)
    expect(cheap).toEqual(['src/core/shared/passwords.ts'])
  })

  it('protocols know no feature, no database and no socket', () => {
    const wrong = (target: string) =>
      target.startsWith('src/core/') || /^(pg|kysely|node:(net|http|https|tls|dgram))$/.test(target)
    expect(offences(within('src/protocols/'), wrong)).toEqual([])
  })

  it('core/shared imports no feature', () => {
    const wrong = (target: string) => {
      const feature = featureOf(target)
      return feature !== undefined && feature !== 'shared'
    }
    expect(offences(within('src/core/shared/'), wrong)).toEqual([])
  })

  it('features import each other without circles', () => {
    const edges = new Map<string, Set<string>>()
    for (const source of within('src/core/')) {
      const from = featureOf(source.path)
      for (const { target } of source.imports) {
        const to = featureOf(target)
        if (from && to && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
      }
    }
    expect(circleIn(edges)).toBeUndefined()
  })

  it('components and universal loads import only types from core', () => {
    const client = sources.filter(
      ({ path }) =>
        path.endsWith('.svelte') || path.startsWith('src/ui/') || /\/\+(page|layout)\.ts$/.test(path),
    )
    const wrong = (target: string, _source: Source, typeOnly: boolean) =>
      !typeOnly && /^src\/(core|app|demo)\b/.test(target)
    expect(offences(client, wrong)).toEqual([])
  })

  it('there is no SQL outside core', () => {
    const outside = [...within('src/routes/'), ...within('src/web/'), ...within('src/ui/')]
    expect(
      offences(outside, (target) => /^(pg|kysely)$/.test(target) || target.endsWith('shared/db.ts')),
    ).toEqual([])
    const reaching = outside.filter(({ text }) => /\.(db|pool)\b/.test(text) && /locals|app\b/.test(text))
    expect(reaching.filter(({ text }) => /app\.(db|pool)\b/.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('SQL takes its values as parameters: nothing is put together out of text', () => {
    // The embedded server's database and the migrations have names and texts of ours; a backup goes through all tables
    // by their names.
    const own =
      /^src\/core\/(shared\/(db|migrate|postgres\/embedded)|backups\/(empty-database|loading|making))\.ts$/
    const pasted = /\bsql\.(raw|lit)\b|\.query\(\s*(`[^`]*\$\{|[^)]*['"`]\s*\+)/
    expect(pasted.test('sql.raw(x)') && pasted.test('db.query(`select ${x}`)')).toBe(true)
    expect(pasted.test("db.query('select $1', [x])") || pasted.test('sql`select ${x}`')).toBe(false)
    const wrong = sources.filter(({ path, text }) => !own.test(path) && pasted.test(text))
    expect(wrong.map(({ path }) => path)).toEqual([])
  })

  it('other programs are run by the embedded database alone, and no secret stands in their words', () => {
    const running = sources.filter(({ imports }) =>
      imports.some(({ target }) => target === 'node:child_process'),
    )
    const own = /^src\/core\/shared\/postgres\//
    expect(running.map(({ path }) => path).filter((path) => !own.test(path))).toEqual([])
    // initdb reads the password out of a file.
    expect(running.flatMap(({ text }) => text.match(/\$\{(password|\w*[uU]rl|\w*[kK]ey)\}/g) ?? [])).toEqual(
      [],
    )
  })

  it('pages run no text as code', () => {
    const running = /\{@html|\.innerHTML\b|\beval\(|new Function\(/
    expect(sources.filter(({ text }) => running.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('secrets come from the environment or the key file alone: only their readers look there', () => {
    const readers =
      /^src\/(core\/shared\/(environment|log|points)|main|server|cli)\.ts$|^src\/core\/shared\/postgres\//
    const looking = sources.filter(({ path, text }) => !readers.test(path) && /process\.env\b/.test(text))
    expect(looking.map(({ path }) => path)).toEqual([])
  })

  it('a card’s state is written where the table of its ways is, and nowhere else', () => {
    const writes = /updateTable\('cards'\)\s*\.set\(\{[^}]*\bstate\b|update cards set/
    const table = 'src/core/cards/moves.ts'
    expect(writes.test(within(table)[0]?.text ?? '')).toBe(true)
    const elsewhere = sources.filter(({ path, text }) => path !== table && writes.test(text))
    expect(elsewhere.map(({ path }) => path)).toEqual([])
  })

  it('core takes its time from the clock that is passed in', () => {
    const wrong = within('src/core/').filter(
      ({ path, text }) => path !== 'src/core/shared/clock.ts' && /Date\.now\(\)|new Date\(\)/.test(text),
    )
    expect(
      wrong.filter(({ path }) => !path.startsWith('src/core/shared/postgres/')).map(({ path }) => path),
    ).toEqual([])
  })

  it('a form that carries what its page showed gets no old values from the browser', () => {
    const forms = within('src').flatMap(({ path, text }) =>
      [
        ...text.matchAll(/<form(?<attributes>[^<]*)>\s*<input type="hidden" name="shown" value=\{.*JSON/g),
      ].map(({ groups }) => ({ path, off: groups?.['attributes']?.includes('autocomplete="off"') })),
    )
    expect(forms.length).toBeGreaterThanOrEqual(8)
    expect(forms.filter(({ off }) => !off)).toEqual([])
  })

  it('both languages have the same texts', () => {
    const keys = (locale: string) =>
      Object.keys(
        JSON.parse(readFileSync(join(root, 'locales', `${locale}.json`), 'utf8')) as object,
      ).toSorted()
    expect(keys('en')).toEqual(keys('ru'))
  })

  it('texts have no typewriter’s apostrophes', () => {
    const texts = readFileSync(join(root, 'locales', 'en.json'), 'utf8')
    expect(texts.match(/\w+'\w+/g)).toBeNull()
  })

  it('every expected error has its sentence', () => {
    const texts = JSON.parse(readFileSync(join(root, 'locales', 'ru.json'), 'utf8')) as Record<string, string>
    const codes = within('src/core/').flatMap(({ text }) =>
      [...text.matchAll(/expected\('([a-z_.-]+)'/g)].map(
        ([, code = '']) => `error_${code.replace(/[.-]/g, '_')}`,
      ),
    )
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((key) => !(key in texts))).toEqual([])
  })
})

function circleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>()
  const walk = (at: string, path: string[]): string[] | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at]
    if (done.has(at)) return undefined
    for (const next of edges.get(at) ?? []) {
      const circle = walk(next, [...path, at])
      if (circle) return circle
    }
    done.add(at)
    return undefined
  }
  for (const start of edges.keys()) {
    const circle = walk(start, [])
    if (circle) return circle
  }
  return undefined
}

describe('what README has a service manager run', () => {
  it('is what `npm start` runs', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: { start: string }
    }
    const [, command] =
      /^ExecStart=\S*\/\.bin\/(.+)$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
    expect(command).toBe(scripts.start)
  })
})
