import { createSealer } from '../shared/sealing.ts'
import { BackupFault, damaged } from './faults.ts'
import { macOf } from './manifest.ts'
import type { BackupSource } from './source.ts'

/**
 * Reads a backup from end to end.
 * @throws BackupFault that names the first file which isn't as it was written
 */
export async function verifyContents(source: BackupSource): Promise<void> {
  for (const line of source.lines) for await (const chunk of source.content(line)) void chunk
}

/** @throws BackupFault when the backup was made under another key than this one, or by somebody without it */
export function verifyKey(source: BackupSource, key: Buffer, path: string, keyPath: string): void {
  const sealer = createSealer(key)
  if (source.head.key !== sealer.fingerprint)
    throw new BackupFault(
      'other_key',
      `Резервная копия ${path} сделана с другим ключом. Положите в ${keyPath} файл secret.key той установки и повторите.`,
    )
  if (macOf(source.complete.sha256, sealer) !== source.complete.mac) throw damaged(path, 'подпись копии')
}
