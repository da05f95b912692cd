import { open } from 'node:fs/promises'

/** What was renamed or made in a folder outlasts a power cut from here on. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders.
  const folder = await open(path, 'r').catch(() => undefined)
  try {
    await folder?.sync()
  } finally {
    await folder?.close()
  }
}
