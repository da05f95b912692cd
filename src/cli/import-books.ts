import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { stdin, stdout } from 'node:process'
import { createInterface } from 'node:readline/promises'
import texts from '../../locales/ru.json' with { type: 'json' }
import type { App } from '../app.ts'
import { badUsage } from './exit-codes.ts'
import { ageMarkField } from '#core/catalogue/fund.ts'
import { licenceOf, licenceSchema } from '#core/licences/licences.ts'
import { consoleActor } from '#core/staff/actors.ts'

/** `import books`: takes files and folders of books into the fund; 1 when some were refused. */
export async function importBooks(
  app: App,
  paths: string[],
  options: { age?: string; licence?: string },
): Promise<number> {
  const files = (await Promise.all(paths.map(bookFiles))).flat()
  if (files.length === 0) {
    console.error('Не указаны файлы: npm run smart -- import books <файлы или папки>')
    return badUsage
  }
  const age =
    options.age ?? (await ask('Возрастная отметка для всех (0, 6, 12, 16, 18 или none — без отметки): '))
  const licence =
    options.licence ?? (await ask('Лицензия (open — открытый доступ, число экземпляров или none): '))
  const ageMark = ageMarkField.safeParse(age === 'none' ? '' : age || '?')
  const terms = licenceSchema.safeParse(
    /^\d+$/.test(licence) ? { licence: 'copies', copies: licence } : { licence },
  )
  if (!ageMark.success || !terms.success) {
    console.error('Отметка: 0, 6, 12, 16, 18 или none. Лицензия: open, none или число экземпляров от 1.')
    return badUsage
  }
  const batch = { ageMark: ageMark.data, licence: licenceOf(terms.data) }
  const counts = { added: 0, known: 0, fault: 0 }
  const next = files.values()
  // Four at a time: reading, drawing covers and writing overlap on two cores.
  const lane = async () => {
    for (const path of next) {
      const outcome = await app.fund.importFile(consoleActor(), path, basename(path), batch)
      counts[outcome.kind] += 1
      if (outcome.kind === 'fault') console.error(`${path}: ${faultText(outcome.code)}`)
    }
  }
  await Promise.all([lane(), lane(), lane(), lane()])
  console.log(`Добавлено: ${counts.added}, уже было: ${counts.known}, не принято: ${counts.fault}`)
  return counts.fault > 0 ? 1 : 0
}

/** The same sentences as on the upload page. */
function faultText(code: string): string {
  const sentence = Object.entries(texts).find(([key]) => key === `import_${code.replace(/[.-]/g, '_')}`)?.[1]
  return typeof sentence === 'string' ? sentence : texts.import_other
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
