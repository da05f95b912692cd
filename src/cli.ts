import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createApp } from './app.ts'
import type { App } from './app.ts'
import { acceptAudit, verifyAudit } from './cli/audit.ts'
import { backup, verifyBackup } from './cli/backup.ts'
import { badUsage } from './cli/exit-codes.ts'
import { changeKey } from './cli/key.ts'
import { importBooks } from './cli/import-books.ts'
import {
  addDistrictLibrary,
  addStaffMember,
  listNetwork,
  resetPassword,
  resetSecondFactor,
} from './cli/people.ts'
import { restore } from './cli/restore.ts'
import type { Environment } from '#core/shared/environment.ts'
import { readEnvironment } from '#core/shared/environment.ts'
import { createLog } from '#core/shared/log.ts'
import { migrate } from '#core/shared/migrate.ts'
import { openOwnDatabase } from '#core/shared/postgres/own-database.ts'
import { databaseRefusal } from '#core/shared/postgres/refusal.ts'

const help = `Команды:
  npm run smart -- import books <файлы или папки> [--age 0|6|12|16|18|none] [--licence open|none|ЧИСЛО]
      Кладёт в фонд EPUB и FB2. Без ключей спросит возрастную отметку и лицензию для всех сразу.
  npm run smart -- library add "Название" [--email ПОЧТА] [--phone ТЕЛЕФОН] [--address АДРЕС]
      Добавляет районную библиотеку.
  npm run smart -- library list
      Показывает библиотеки и их коды.
  npm run smart -- staff add ПОЧТА --name "ФИО" --role librarian|operator|curator|methodologist|admin [--library КОД]
      Добавляет сотрудника и показывает его пароль. Без кода — в центральную библиотеку (001).
  npm run smart -- staff reset-factor ПОЧТА
      Снимает второй фактор с сотрудника, который его потерял, и завершает его входы.
  npm run smart -- staff reset ПОЧТА
      Показывает одноразовую ссылку, по которой сотрудник придумает новый пароль.
  npm run smart -- audit verify
      Проверяет цепочку журнала: говорит, какие записи изменены, удалены, отрезаны с конца
      или составлены заново без ключа.
  npm run smart -- audit accept
      После восстановления базы из копии: принимает журнал таким, какой он есть. Об этом останется запись.
  npm run smart -- backup ПАПКА | ФАЙЛ.tar
      Делает резервную копию базы и файлов, не останавливая работу. Ключа secret.key в ней нет.
  npm run smart -- backup verify КОПИЯ
      Читает копию целиком и говорит, цела ли она.
  npm run smart -- restore КОПИЯ
      Восстанавливает копию в пустую установку. Сначала положите в папку данных свой secret.key.
  npm run smart -- key rotate [--lost]
      Меняет ключ secret.key на новый; систему сначала остановите. С --lost — когда прежний ключ потерян.
  npm run smart -- help
      Показывает эту подсказку.`

interface CommandOptions {
  age?: string
  licence?: string
  name?: string
  role?: string
  library?: string
  email?: string
  phone?: string
  address?: string
  lost?: boolean
}

/** A command at work: its own words, its options; the result is the exit code. */
type Command = (app: App, words: string[], options: CommandOptions) => Promise<number>

const commands: Record<string, Command> = {
  'import books': importBooks,
  'library add': addDistrictLibrary,
  'library list': listNetwork,
  'staff add': addStaffMember,
  'staff reset-factor': resetSecondFactor,
  'staff reset': resetPassword,
  'audit verify': verifyAudit,
  'audit accept': acceptAudit,
  backup,
}

/** A command that the installation needn't be there for. */
type BareCommand = (environment: Environment, words: string[], options: CommandOptions) => Promise<number>

const bareCommands: Record<string, BareCommand> = {
  'backup verify': verifyBackup,
  restore,
  'key rotate': changeKey,
}

/** Whatever lies in the data folder. */
const goesAnywhere: ReadonlySet<string> = new Set(['backup verify', 'restore'])

const text = { type: 'string' } as const

const options = {
  age: text,
  licence: text,
  name: text,
  role: text,
  library: text,
  email: text,
  phone: text,
  address: text,
  lost: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

async function main(words: string[]): Promise<number> {
  const { values, positionals } = read(words)
  const [name, rest] = named(positionals)
  const command = commands[name]
  const bare = bareCommands[name]
  if (values.help || positionals[0] === 'help' || positionals.length === 0) {
    console.log(help)
    return 0
  }
  if (!(command ?? bare))
    throw new BadUsage(`Команды «${positionals.join(' ')}» нет. Все команды: npm run smart -- help`)
  const environment = readEnvironment({ ...process.env, SMART_ROLE: 'all' })
  if (!goesAnywhere.has(name) && !environment.databaseUrl && !(await isThere(environment.dataDir)))
    throw notSetUp(environment)
  if (!command) return bare?.(environment, rest, values) ?? badUsage
  const own = environment.databaseUrl
    ? { url: environment.databaseUrl, release: async () => {} }
    : await openOwnDatabase(environment.dataDir)
  try {
    await migrate(own.url)
    const app = await createApp({ environment, databaseUrl: own.url, log: createLog('warn') })
    try {
      if (await app.setup.needed()) throw notSetUp(environment)
      return await command(app, rest, values)
    } finally {
      await app.close()
    }
  } finally {
    await own.release()
  }
}

/** What was typed can't be made sense of. */
class BadUsage extends Error {}

function read(words: string[]) {
  try {
    return parseArgs({ args: words, allowPositionals: true, options })
  } catch {
    throw new BadUsage('Такого ключа нет, или у него нет значения. Все команды: npm run smart -- help')
  }
}

/** Whether a data folder has an embedded database. */
const isThere = (dataDir: string) =>
  access(join(dataDir, 'postgres')).then(
    () => true,
    () => false,
  )

/** A command without the variables of the system would find, or make, another place: nothing is done there. */
const notSetUp = ({ databaseUrl, dataDir }: Environment) =>
  new Error(
    `${databaseUrl ? 'В базе из DATABASE_URL' : `В папке данных ${dataDir}`} системы нет, ничего не сделано. Запускайте команды с теми же переменными, что и программу (SMART_DATA_DIR, DATABASE_URL, ORIGIN). Если программа новая, сначала откройте ссылку первого запуска: её печатает npm start.`,
  )

/** A command's name, of two words or of one, and its own words. */
function named(words: string[]): [string, string[]] {
  const two = words.slice(0, 2).join(' ')
  return two in commands || two in bareCommands ? [two, words.slice(2)] : [words[0] ?? '', words.slice(1)]
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(databaseRefusal(error) ?? (error instanceof Error ? error.message : error))
  process.exitCode = error instanceof BadUsage ? badUsage : 1
}
