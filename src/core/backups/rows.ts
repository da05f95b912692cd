import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

const { escapeIdentifier } = pg

/** Rows are packed so many bytes at a time: what a backup holds in memory of a table, however large that is. */
const partSize = 4 * 1024 * 1024
const newline = 0x0a

const pack = promisify(gzip)
const unpack = promisify(gunzip)

/**
 * COPY's text format is the same in every version of PostgreSQL, as long as values are written alike; the binary
 * one promises that to nobody.
 */
export const sameSpelling = `set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC';
  set extra_float_digits = 1; set bytea_output = 'hex'; set xmloption = 'content'; set client_encoding = 'UTF8';
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0`

export interface Table {
  name: string
  columns: string[]
}

const columnList = (columns: readonly string[]) => columns.map((each) => escapeIdentifier(each)).join(', ')
export const tableName = (name: string): string => `public.${escapeIdentifier(name)}`

export const tableQuery = ({ name, columns }: Table): string => `${tableName(name)} (${columnList(columns)})`

/**
 * What COPY gives for a table or a query in brackets, packed part by part.
 * @returns a part's bytes and how many rows end in it: a row's own line breaks are written as `\n`
 */
export async function* packedRows(
  client: pg.ClientBase,
  source: string,
): AsyncGenerator<{ bytes: Buffer; rows: number }> {
  for await (const part of inParts(client.query(copyTo(`copy ${source} to stdout`))))
    yield { bytes: await pack(part, { level: 4 }), rows: count(part) }
}

/** Puts back what `packedRows` gave, part by part. */
export async function loadRows(
  client: pg.ClientBase,
  target: string,
  parts: AsyncIterable<Buffer>,
): Promise<void> {
  const unpacked = async function* () {
    for await (const part of parts) yield await unpack(part)
  }
  await pipeline(Readable.from(unpacked()), client.query(copyFrom(`copy ${target} from stdin`)))
}

async function* inParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    if (size < partSize) continue
    yield Buffer.concat(held)
    held = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(held)
}

function count(bytes: Buffer): number {
  let found = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) found += 1
  return found
}
