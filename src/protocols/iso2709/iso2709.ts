/**
 * ISO 2709:2008 records as library systems exchange them: a leader of 24 bytes, a directory of entries of
 * tag (3), length (4) and start (5), fields ended by 1E, the record by 1D. Pure bytes; an encoding is the
 * caller's.
 */

const fieldEnd = 0x1e
const recordEnd = 0x1d
export const subfieldMark = '\u001f'
const leaderLength = 24
const entryLength = 12
/** Five digits tell a record's length. */
const mostBytes = 99_999

export interface Iso2709Field {
  tag: string
  /** Subfields are introduced by `subfieldMark`; indicators, where there are any, stand before the first. */
  value: string
}

export interface Iso2709Record {
  fields: Iso2709Field[]
}

export type Iso2709Fault = 'cut_off' | 'leader' | 'directory'

export interface Iso2709Result {
  /** Place of the record in the file, from 1. */
  place: number
  record?: Iso2709Record
  fault?: Iso2709Fault
}

/**
 * Every record of a file. One that is broken is named, and reading goes on behind its end mark. Line ends
 * between records, and inside them where a system has wrapped its lines at 80 signs, are passed over.
 */
export function* readIso2709(bytes: Uint8Array, encoding: string): Generator<Iso2709Result> {
  const decoder = new TextDecoder(encoding)
  let place = 0
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]
    if (byte === 0x0a || byte === 0x0d || byte === 0x1a || byte === 0x20) {
      at += 1
      continue
    }
    place += 1
    const found = bytes.indexOf(recordEnd, at)
    const end = found < 0 ? bytes.length : found + 1
    const raw = bytes.subarray(at, end)
    at = end
    if (found < 0) {
      yield { place, fault: 'cut_off' }
      continue
    }
    const whole = parse(raw, decoder)
    // Wrapped lines: without them the lengths fit.
    const result = typeof whole === 'string' && raw.includes(0x0a) ? parse(unwrapped(raw), decoder) : whole
    yield typeof result === 'string' ? { place, fault: result } : { place, record: result }
  }
}

const unwrapped = (raw: Uint8Array) => raw.filter((byte) => byte !== 0x0a && byte !== 0x0d)

function parse(raw: Uint8Array, decoder: TextDecoder): Iso2709Record | Iso2709Fault {
  const leader = ascii(raw, 0, leaderLength)
  const [length, base] = [leader.slice(0, 5), leader.slice(12, 17)]
  if (!/^\d{5}$/.test(length) || !/^\d{5}$/.test(base) || Number(length) !== raw.length) return 'leader'
  const start = Number(base)
  if (start < leaderLength + 1 || start > raw.length || raw[start - 1] !== fieldEnd) return 'leader'
  const directory = ascii(raw, leaderLength, start - 1)
  if (directory.length % entryLength !== 0) return 'directory'
  const fields: Iso2709Field[] = []
  for (let at = 0; at < directory.length; at += entryLength) {
    const entry = directory.slice(at, at + entryLength)
    const [tag, size, from] = [entry.slice(0, 3), entry.slice(3, 7), entry.slice(7)]
    if (!/^\d{4}$/.test(size) || !/^\d{5}$/.test(from)) return 'directory'
    const begin = start + Number(from)
    const end = begin + Number(size)
    if (end > raw.length - 1 || Number(size) < 1 || raw[end - 1] !== fieldEnd) return 'directory'
    fields.push({ tag, value: decoder.decode(raw.subarray(begin, end - 1)) })
  }
  return { fields }
}

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)))

/**
 * One record. @param encode text to bytes in the file's encoding
 * @throws RangeError when it doesn't fit into a record, or a tag isn't one
 */
export function writeIso2709(
  record: Iso2709Record,
  encode: (text: string) => Uint8Array = (text) => new TextEncoder().encode(text),
): Uint8Array<ArrayBuffer> {
  let from = 0
  const parts = record.fields.map(({ tag, value }) => {
    if (!/^[0-9A-Za-z]{3}$/.test(tag)) throw new RangeError('a tag has three signs')
    const data = [...encode(value), fieldEnd]
    const entry = `${tag}${digits(data.length, 4)}${digits(from, 5)}`
    from += data.length
    return { entry, data }
  })
  const directory = parts.map(({ entry }) => entry).join('')
  const base = leaderLength + directory.length + 1
  const length = base + from + 1
  if (length > mostBytes) throw new RangeError('the record is too long')
  const leader = `${digits(length, 5)}nam  22${digits(base, 5)}   450 `
  const head = new TextEncoder().encode(leader + directory)
  return Uint8Array.from([...head, fieldEnd, ...parts.flatMap(({ data }) => data), recordEnd])
}

function digits(value: number, count: number): string {
  const text = String(value).padStart(count, '0')
  if (text.length > count) throw new RangeError('the record is too long')
  return text
}
