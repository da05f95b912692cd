import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Launcher } from './privileges.ts'
import { giveTo } from './privileges.ts'
import { serverEnvironment } from './server.ts'

/** What every cluster of ours belongs to; the same name signs in. */
export const userName = 'smart'

/**
 * Makes the cluster in `folder` unless it is there, and sees to it that it belongs to whom the server runs as.
 * @throws with a sentence when it can't be made, or when what lies there is a damaged one
 */
export async function ensureCluster(
  initdb: string,
  folder: string,
  password: string,
  launcher: Launcher,
): Promise<void> {
  const { owner } = launcher
  if (await exists(join(folder, 'PG_VERSION'))) {
    // The data may come from a machine where another way of starting was possible.
    if (owner && (await stat(folder)).uid !== owner.uid) await giveTo(owner, folder)
    return
  }
  if (await exists(join(folder, 'global', 'pg_control'))) {
    throw new Error(
      `В папке ${folder} лежит повреждённая база данных: в ней нет файла PG_VERSION. Верните папку из резервной копии; сама система её не тронет.`,
    )
  }
  await rm(folder, { recursive: true, force: true })
  await initialise(initdb, folder, password, launcher)
}

/**
 * PostgreSQL reads the data of its own major version only, and npm brings no tool that would convert them.
 * @throws with a sentence that says what to do
 */
export async function refuseOtherMajor(postgres: string, folder: string): Promise<void> {
  const made = (await readFile(join(folder, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  if (made === '') return
  const { stdout } = await promisify(execFile)(postgres, ['--version'], { env: serverEnvironment() })
  const [, own = made] = /(\d+)/.exec(stdout) ?? []
  if (Number(made) < Number(own))
    throw new Error(
      `База данных в ${folder} создана PostgreSQL ${made}, а эта версия программы работает с PostgreSQL ${own}. Ничего не изменено. Вернитесь к прежней версии программы, сделайте ею резервную копию (npm run smart -- backup ПАПКА) и восстановите её этой версией в новую папку данных: docs/ru/rezervnye-kopii.md.`,
    )
  if (Number(made) > Number(own))
    throw new Error(
      `База данных в ${folder} создана PostgreSQL ${made}, а эта версия программы работает с PostgreSQL ${own}. Ничего не изменено. Запустите ту версию программы, с которой эта база работала.`,
    )
}

async function initialise(initdb: string, folder: string, password: string, { prefix, owner }: Launcher) {
  const dataDir = dirname(folder)
  // Made aside and renamed when complete: a crash in the middle leaves no half database behind. Each try has
  // a name of its own: an initdb that outlived a crash of ours removes what it has made when it fails.
  const left = (await readdir(dataDir)).filter((name) => name.startsWith('postgres.draft'))
  for (const name of left) await rm(join(dataDir, name), { recursive: true, force: true }).catch(() => {})
  const draft = await mkdtemp(join(dataDir, 'postgres.draft.'))
  const passwordFile = `${draft}.password`
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (owner) await giveTo(owner, draft)
  const [program = initdb, ...words] = [
    ...prefix,
    initdb,
    `--pgdata=${draft}`,
    `--username=${userName}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=icu',
    '--icu-locale=ru-RU',
    '--locale=C',
  ]
  try {
    await promisify(execFile)(program, words, { env: serverEnvironment() })
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    throw new Error(`Не получилось создать встроенную базу данных в ${folder}. initdb: ${stderr.trim()}`, {
      cause: error,
    })
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(draft, folder)
}

/** Only what is surely missing may be made anew. */
const exists = (path: string) =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
      throw error
    },
  )
