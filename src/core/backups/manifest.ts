import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Sealer } from '../shared/sealing.ts'

/** The names under which a backup keeps what describes it. */
export const manifestName = 'manifest.txt'
export const completeName = 'complete.json'

const count = z.int().min(0)

const headSchema = z.object({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  /** This program's version and PostgreSQL's, for people. */
  version: z.string(),
  postgres: z.string(),
  /** What the database had been brought to: the restore brings an empty one to the same. */
  migrations: z.array(z.string().regex(/^\d{4}-[\w-]+\.sql$/)).min(1),
  /** The fingerprint of the key that seals and the log were made under. */
  key: z.string(),
  tables: z.array(z.object({ name: z.string(), columns: z.array(z.string()).min(1), rows: count })),
  sequences: z.array(z.object({ name: z.string(), value: z.string().regex(/^\d+$/), called: z.boolean() })),
  jobs: count,
  files: z.object({ count, bytes: count }),
  /** The last entry of the log. */
  auditSeq: count,
})
export type Head = z.output<typeof headSchema>

/** One file of a backup. */
export interface Line {
  name: string
  /** Bytes. */
  size: number
  sha256: string
}

export interface Manifest {
  head: Head
  lines: Line[]
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The head as JSON in the first line, then a file a line: hash, size, name. */
export const writeManifest = ({ head, lines }: Manifest): Buffer =>
  Buffer.from(
    [JSON.stringify(head), ...lines.map(({ sha256, size, name }) => `${sha256} ${size} ${name}`), ''].join(
      '\n',
    ),
  )

/** @returns undefined when this isn't a manifest that this program can read */
export function readManifest(bytes: Buffer): Manifest | undefined {
  const [first = '', ...rest] = bytes.toString('utf8').split('\n')
  const head = headSchema.safeParse(parsed(first)).data
  if (!head || rest.pop() !== '') return undefined
  const lines = rest.map(readLine)
  return lines.every((line) => line !== undefined) ? { head, lines } : undefined
}

function readLine(text: string): Line | undefined {
  const [, hash = '', size = '', name = ''] =
    /^([0-9a-f]{64}) (\d{1,15}) ((?:tables|jobs|files)\/.+)$/.exec(text) ?? []
  return hash === '' || name.split('/').includes('..')
    ? undefined
    : { name, size: Number(size), sha256: hash }
}

/** What is written last of all: without it a backup isn't whole. It vouches for the manifest, which vouches for the rest. */
export interface Complete {
  size: number
  sha256: string
  /** Under the installation's key: nobody else can make a backup that a restore believes. */
  mac: string
}
export const completeSize = 512

const completeSchema = z.strictObject({
  size: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
})

export const completeFor = (manifest: Buffer, sealer: Sealer): Complete => {
  const hash = sha256(manifest)
  return { size: manifest.length, sha256: hash, mac: macOf(hash, sealer) }
}

export const macOf = (manifestHash: string, sealer: Sealer): string =>
  sealer.mac('backup', manifestHash).toString('hex')

/** Always of the same length, so that it is found at an archive's end. */
export const writeComplete = ({ size, sha256, mac }: Complete): Buffer =>
  Buffer.from(`${JSON.stringify({ size, sha256, mac }).padEnd(completeSize - 1)}\n`)

/** @returns undefined unless every byte is as it was written */
export function readComplete(bytes: Buffer): Complete | undefined {
  const complete = completeSchema.safeParse(parsed(bytes.toString('utf8'))).data
  return complete && writeComplete(complete).equals(bytes) ? complete : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
