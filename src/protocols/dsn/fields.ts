/** Header fields with their folded lines put together (RFC 5322 §2.2.3); the first of a name counts. */
export function readFields(block: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of block
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const [, name, value] = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)$/.exec(line) ?? []
    if (name && value !== undefined && !fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), value.trim())
  }
  return fields
}

/** The header of a mail, or of the part of one that came back. */
export const headOf = (mail: string): Map<string, string> =>
  readFields(
    mail
      .replaceAll(/\r\n?/g, '\n')
      .trimStart()
      .split(/\n[ \t]*\n/, 1)[0] ?? '',
  )

export const isAddress = (text: string): boolean => /^[^\s<>@]+@[^\s<>@]+$/.test(text)

/** `<id@host>` → `id@host`. */
export const bareId = (field: string | undefined): string | undefined =>
  /^\s*<([^<>\s]{1,250})>/.exec(field ?? '')?.[1]
