import { resolve } from 'node:path'
import type { App } from '../app.ts'
import { badUsage } from './exit-codes.ts'
import { spokenMoment } from './moments.ts'
import { BackupFault } from '#core/backups/faults.ts'
import { openBackup } from '#core/backups/source.ts'
import { verifyContents, verifyKey } from '#core/backups/verifying.ts'
import type { Environment } from '#core/shared/environment.ts'
import { existingMasterKey, keyPath, keyWith } from '#core/shared/key-files.ts'

/** `backup`: everything but the key, into a folder of backups or one file; the system may be at work. */
export async function backup(app: App, [place]: string[]): Promise<number> {
  if (!place) {
    console.error('Укажите, куда: npm run smart -- backup ПАПКА, или одним файлом: backup ФАЙЛ.tar')
    return badUsage
  }
  const { path, rows, files, bytes } = await app.backups.make('console', resolve(place))
  console.log(
    `Резервная копия готова: ${path}\nСтрок в базе: ${rows}, файлов: ${files}, размер: ${megabytes(bytes)} МБ.`,
  )
  console.log(
    `Ключа в ней нет. Он лежит в ${keyPath(app.environment.dataDir)}: храните его копию отдельно, без него копию не восстановить.`,
  )
  return 0
}

/** `backup verify`: reads a backup from end to end. */
export async function verifyBackup(environment: Environment, [place]: string[]): Promise<number> {
  if (!place) {
    console.error('Укажите копию: npm run smart -- backup verify ПУТЬ')
    return badUsage
  }
  const path = resolve(place)
  const source = await openBackup(path)
  try {
    await verifyContents(source)
    const { dataDir } = environment
    const key = (await keyWith(dataDir, source.head.key)) ?? (await existingMasterKey(dataDir))
    if (key) verifyKey(source, key, path, keyPath(dataDir))
    console.log(`Резервная копия ${path} цела. Сделана ${spokenMoment(new Date(source.head.madeAt))}.`)
    if (!key) console.log('Ключа на этой машине нет, поэтому подпись копии не проверена.')
  } catch (error) {
    // Whole, and of another installation: that is for a restore to refuse.
    if (!(error instanceof BackupFault) || error.code !== 'other_key') throw error
    console.log(`Резервная копия ${path} цела, но сделана с другим ключом, чем здешний.`)
  } finally {
    await source.close()
  }
  return 0
}

const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1)
