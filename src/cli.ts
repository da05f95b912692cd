import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { createApp } from './app.ts'
import { ageMarkField } from '#core/catalogue/fund.ts'
import { licenceOf, licenceSchema } from '#core/licences/licences.ts'
import { readEnvironment } from '#core/shared/environment.ts'
import { createLog } from '#core/shared/log.ts'
import { migrate } from '#core/shared/migrate.ts'
import { openOwnDatabase } from '#core/shared/postgres/own-database.ts'
import { consoleActor } from '#core/staff/actors.ts'

const help = `Команды:
  npm run smart -- import books <файлы или папки> [--age 0|6|12|16|18|none] [--licence open|none|ЧИСЛО]
      Кладёт в фонд EPUB и FB2. Без ключей спросит возрастную отметку и лицензию для всех сразу.
  npm run smart -- audit verify
      Проверяет цепочку журнала: находит изменённые, удалённые и отрезанные записи.
  npm run smart -- help
      Показывает эту подсказку.`

async function main(words: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { age: { type: 'string' }, licence: { type: 'string' }, help: { type: 'boolean' } },
  })
  const command = positionals.slice(0, 2).join(' ')
  if (values.help || (command !== 'import books' && command !== 'audit verify')) {
    console.log(help)
    return values.help || positionals[0] === 'help' || positionals.length === 0 ? 0 : 2
  }
  const environment = readEnvironment({ ...process.env, SMART_ROLE: 'all' })
  const own = environment.databaseUrl
    ? { url: environment.databaseUrl, release: async () => {} }
    : await openOwnDatabase(environment.dataDir)
  try {
    await migrate(own.url)
    const app = await createApp({ environment, databaseUrl: own.url, log: createLog('warn') })
    try {
      if (command === 'import books') return await importBooks(app, positionals.slice(2), values)
      return await verifyAudit(app)
    } finally {
      await app.close()
    }
  } finally {
    await own.release()
  }
}

type App = Awaited<ReturnType<typeof createApp>>

async function importBooks(
  app: App,
  paths: string[],
  options: { age?: string; licence?: string },
): Promise<number> {
  const files = (await Promise.all(paths.map(bookFiles))).flat()
  if (files.length === 0) {
    console.error('Не указаны файлы: npm run smart -- import books <файлы или папки>')
    return 2
  }
  const age =
    options.age ?? (await ask('Возрастная отметка для всех (0, 6, 12, 16, 18 или none — без отметки): '))
  const licence =
    options.licence ?? (await ask('Лицензия (open — открытый доступ, число экземпляров или none): '))
  const ageMark = ageMarkField.safeParse(age === 'none' ? '' : age)
  const terms = licenceSchema.safeParse(
    /^\d+$/.test(licence) ? { licence: 'copies', copies: licence } : { licence },
  )
  if (!ageMark.success || !terms.success) {
    console.error('Отметка: 0, 6, 12, 16, 18 или none. Лицензия: open, none или число экземпляров от 1.')
    return 2
  }
  const batch = { ageMark: ageMark.data, licence: licenceOf(terms.data) }
  const counts = { added: 0, known: 0, fault: 0 }
  const next = files.values()
  // Four at a time: reading, drawing covers and writing overlap on two cores.
  const lane = async () => {
    for (const path of next) {
      const outcome = await app.fund.importFile(consoleActor(), path, basename(path), batch)
      counts[outcome.kind] += 1
      if (outcome.kind === 'fault') console.error(`${path}: ${outcome.code}`)
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  console.log(`Добавлено: ${counts.added}, уже было: ${counts.known}, не принято: ${counts.fault}`)
  return counts.fault > 0 ? 1 : 0
}

async function bookFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined)
  if (!found) {
    console.error(`${path}: такого файла нет`)
    return []
  }
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(epub|fb2|fb2\.zip)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

async function ask(question: string): Promise<string> {
  if (!stdin.isTTY) return ''
  const line = createInterface({ input: stdin, output: stdout })
  try {
    return (await line.question(question)).trim()
  } finally {
    line.close()
  }
}

async function verifyAudit(app: App): Promise<number> {
  const broken = await app.audit.verify(app.db)
  if (broken === undefined) console.log('Журнал цел.')
  else console.error(`Журнал нарушен, начиная с записи ${broken}.`)
  return broken === undefined ? 0 : 1
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
