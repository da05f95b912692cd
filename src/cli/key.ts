import type { Environment } from '#core/shared/environment.ts'
import { openDatabase, openPool } from '#core/shared/db.ts'
import { rotateKey } from '#core/keys/rotating.ts'
import { systemClock } from '#core/shared/clock.ts'
import { keyPath } from '#core/shared/key-files.ts'
import { migrate } from '#core/shared/migrate.ts'
import { startOwnDatabase } from '#core/shared/postgres/own-database.ts'
import { consoleActor } from '#core/staff/actors.ts'

/** `key rotate`: a new secret.key; the system stands still meanwhile. */
export async function changeKey(
  environment: Environment,
  _words: string[],
  { lost = false }: { lost?: boolean },
): Promise<number> {
  const { dataDir } = environment
  const database = environment.databaseUrl
    ? { url: environment.databaseUrl, release: async () => {} }
    : await startOwnDatabase(dataDir)
  try {
    await migrate(database.url)
    const db = openDatabase(openPool(database.url, 1))
    const { before, withoutCodes, withoutLink } = await rotateKey(
      { db, clock: systemClock, dataDir },
      consoleActor(),
      { lost },
    ).finally(() => db.destroy())
    console.log(
      `Ключ сменён: ${keyPath(dataDir)}. Сделайте его копию и храните отдельно, затем сделайте резервную копию и запускайте: npm start.`,
    )
    if (before)
      console.log(
        `Прежний ключ: ${keyPath(dataDir, before)}. Он нужен только для копий, сделанных до этого: уберите его с сервера и храните вместе с ключами.`,
      )
    else
      console.log(
        'Запечатанное прежним ключом удалено: первые пароли, пароли внешней службы, коды приложений сотрудников. Журнал до этого места проверить нечем.',
      )
    if (withoutCodes > 0)
      console.log(
        `Запасные коды сотрудников больше не действуют (сотрудников: ${withoutCodes}): новые выдаёт каждому страница «Мой профиль».`,
      )
    if (withoutLink > 0)
      console.log(
        `Ссылки-приглашения и ссылки для нового пароля, отправленные раньше, не действуют: отправьте их ещё раз (${withoutLink}).`,
      )
    return 0
  } finally {
    await database.release()
  }
}
