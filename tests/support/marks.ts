import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sharp } from 'sharp'
import sharp from 'sharp'

/** A picture of a mark, drawn from SVG. */
export const drawn = (inside: string, width = 600, height = 240): Sharp =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`,
    ),
  )

/** A filled rectangle over nearly the whole picture. */
export const block = (colour: string, width = 600, height = 240): string =>
  `<rect x="20" y="20" width="${width - 40}" height="${height - 40}" fill="${colour}"/>`

/** @returns the file's path */
export async function fileOf(folder: string, bytes: Uint8Array, name = 'mark'): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}
