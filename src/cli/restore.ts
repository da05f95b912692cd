import { join, resolve } from 'node:path'
import { faultLines } from './audit.ts'
import { badUsage } from './exit-codes.ts'
import { spokenMoment } from './moments.ts'
import { createAuditLog } from '#core/audit/audit.ts'
import { BackupFault } from '#core/backups/faults.ts'
import { mostSince } from '#core/backups/forgetting.ts'
import { refuseNewer, restoreBackup } from '#core/backups/restoring.ts'
import type { BackupSource } from '#core/backups/source.ts'
import { openBackup } from '#core/backups/source.ts'
import { verifyContents, verifyKey } from '#core/backups/verifying.ts'
import { systemClock } from '#core/shared/clock.ts'
import type { Environment } from '#core/shared/environment.ts'
import { startOwnDatabase } from '#core/shared/postgres/own-database.ts'
import { existingMasterKey, keyPath, keyWith } from '#core/shared/key-files.ts'
import { createSealer } from '#core/shared/sealing.ts'
import { createFileStorage } from '#core/shared/storage.ts'

/** `restore`: fills an empty installation. Everything is checked before anything is changed. */
export async function restore(environment: Environment, [place]: string[]): Promise<number> {
  if (!place) {
    console.error('Укажите копию: npm run smart -- restore ПУТЬ')
    return badUsage
  }
  const path = resolve(place)
  const source = await openBackup(path)
  try {
    await refuseNewer(source.head, path)
    const key = await keyFor(environment.dataDir, source.head.key)
    verifyKey(source, key, path, keyPath(environment.dataDir))
    console.log('Проверяю копию…')
    await verifyContents(source)
    console.log('Копия цела. Восстанавливаю…')
    await restoreInto(environment, source, key)
    return 0
  } finally {
    await source.close()
  }
}

/** The backup's own key, wherever it lies; else the one that is there, which is told to be another. */
async function keyFor(dataDir: string, fingerprint: string): Promise<Buffer> {
  const key = (await keyWith(dataDir, fingerprint)) ?? (await existingMasterKey(dataDir))
  if (key) return key
  throw new BackupFault(
    'no_key',
    `Нет ключа ${keyPath(dataDir)}. Положите туда файл secret.key той установки, с которой сделана копия, и повторите.`,
  )
}

async function restoreInto(environment: Environment, source: BackupSource, key: Buffer): Promise<void> {
  const { dataDir } = environment
  const database = environment.databaseUrl
    ? { url: environment.databaseUrl, release: async () => {} }
    : await startOwnDatabase(dataDir)
  try {
    const { logFaults, invitations } = await restoreBackup(source, {
      databaseUrl: database.url,
      storage: createFileStorage(join(dataDir, 'files')),
      audit: createAuditLog(createSealer(key)),
      clock: systemClock,
    })
    const { head } = source
    console.log(
      `Восстановлено: копия от ${spokenMoment(new Date(head.madeAt))}, таблиц: ${head.tables.length}, файлов: ${head.files.count}, ожидающих заданий: ${head.jobs}. Можно запускать: npm start.`,
    )
    console.log(
      'Все входы завершены: читатели и сотрудники войдут заново, прежними паролями. Коды и ссылки для нового пароля больше не действуют.',
    )
    console.log(
      `Новые номера карт начинаются на ${mostSince} дальше: выданные после копии не повторятся.${environment.intakeImapUrl ? ' Письма с анкетами, пришедшие после копии, верните в ящике из «Обработано» во «Входящие»: принятые раньше второй раз не примутся.' : ''}`,
    )
    if (invitations > 0)
      console.log(
        `Приглашения сотрудников тоже: отправьте их ещё раз (со стола, «Сотрудники»): ${invitations}.`,
      )
    if (logFaults.length === 0) console.log('Журнал цел.')
    else console.error(`Журнал был нарушен ещё в копии:\n${faultLines(logFaults)}`)
  } finally {
    await database.release()
  }
}
