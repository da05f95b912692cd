/** Why a backup can't be made, read or restored. */
export type BackupFaultCode =
  | 'exists'
  | 'no_space'
  | 'no_access'
  | 'stopped'
  | 'busy'
  | 'not_a_backup'
  | 'unfinished'
  | 'damaged'
  | 'newer'
  | 'no_key'
  | 'other_key'
  | 'not_empty'
  | 'foreign'

/** The sentence is for the person at the console; the code is kept with a backup that failed. */
export class BackupFault extends Error {
  readonly code: BackupFaultCode
  constructor(code: BackupFaultCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.name = 'BackupFault'
    this.code = code
  }
}

export const damaged = (path: string, what: string) =>
  new BackupFault('damaged', `Резервная копия ${path} повреждена: ${what}. Возьмите другую копию.`)

export const unfinished = (path: string) =>
  new BackupFault(
    'unfinished',
    `Резервная копия ${path} не закончена: её запись прервалась, или конец отрезан. Возьмите другую копию.`,
  )

/** What the disk says while a backup is written, as a sentence; anything else as it is. */
export function writeFault(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BackupFault(
      'no_space',
      `Для резервной копии ${path} не хватило места на диске. Освободите место или укажите другую папку; незаконченная копия убрана.`,
      { cause: error },
    )
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT' || code === 'ENOTDIR')
    return new BackupFault(
      'no_access',
      `В ${path} записать нельзя (${code}). Проверьте, что такая папка есть и доступна этой программе.`,
      { cause: error },
    )
  return error
}
