/** What a mail server found out about a mail (RFC 8601), out of one Authentication-Results header. */
export interface AuthenticationResults {
  /** Who found it out; lower case. */
  authservId: string
  results: AuthenticationResult[]
}

export interface AuthenticationResult {
  /** `dkim`, `spf`, `dmarc` …; lower case. */
  method: string
  /** `pass`, `fail`, `none` …; lower case. */
  result: string
  /** By `ptype.property` in lower case, such as `header.d`; the first of each name. */
  properties: ReadonlyMap<string, string>
}

type Token = { kind: 'word' | 'quoted'; text: string } | { kind: 'sign'; text: ';' | '=' | '/' }

/** More is nobody's header. In characters. */
const longest = 20_000

/**
 * Reads the value of an Authentication-Results header (RFC 8601 §2.2). A resinfo that isn't well-formed is
 * left out; what follows it is read.
 * @returns undefined when not even the authserv-id can be read
 */
export function readAuthenticationResults(value: string): AuthenticationResults | undefined {
  const tokens = value.length > longest ? undefined : tokensOf(value)
  if (!tokens) return undefined
  const [head = [], ...rest] = parted(tokens)
  const [id, version, ...more] = head
  if (!id || id.kind === 'sign' || id.text === '' || more.length > 0) return undefined
  // §2.2: an unknown version isn't to be guessed at.
  if (version && !(version.kind === 'word' && version.text === '1')) return undefined
  return {
    authservId: id.text.toLowerCase(),
    results: rest.flatMap((part) => resultOf(part) ?? []),
  }
}

/** `method[/version] = result *( [ptype .] property = value )` */
function resultOf(tokens: Token[]): AuthenticationResult | undefined {
  const [method, ...after] = tokens
  if (method?.kind !== 'word') return undefined
  const rest = after[0]?.kind === 'sign' && after[0].text === '/' ? after.slice(2) : after
  const [equals, result, ...properties] = rest
  if (equals?.kind !== 'sign' || equals.text !== '=' || result?.kind !== 'word') return undefined
  const found = propertiesOf(properties)
  if (!found) return undefined
  return { method: method.text.toLowerCase(), result: result.text.toLowerCase(), properties: found }
}

/** Undefined when it isn't a row of `name=value`: then nobody knows what belongs to what. */
function propertiesOf(tokens: Token[]): Map<string, string> | undefined {
  const found = new Map<string, string>()
  for (let at = 0; at < tokens.length;) {
    const [name, equals] = tokens.slice(at, at + 2)
    if (name?.kind !== 'word' || equals?.kind !== 'sign' || equals.text !== '=') return undefined
    at += 2
    // A value may hold the signs: `smtp.mailfrom=a=b@c`, `header.b=ab/cd=`.
    let value = ''
    while (at < tokens.length && !startsProperty(tokens, at, value !== '')) {
      value += tokens[at]?.text ?? ''
      at += 1
    }
    const key = name.text.toLowerCase()
    if (!found.has(key)) found.set(key, value)
  }
  return found
}

/** A word before `=`, once there is a value before it. */
const startsProperty = (tokens: Token[], at: number, hasValue: boolean): boolean =>
  hasValue &&
  tokens[at]?.kind === 'word' &&
  /^[a-z][a-z0-9-]*(\.[a-z0-9_-]+)?$/i.test(tokens[at]?.text ?? '') &&
  tokens[at + 1]?.text === '=' &&
  tokens[at + 1]?.kind === 'sign' &&
  tokens[at - 1]?.text !== '='

function parted(tokens: Token[]): Token[][] {
  const parts: Token[][] = [[]]
  for (const token of tokens)
    if (token.kind === 'sign' && token.text === ';') parts.push([])
    else parts.at(-1)?.push(token)
  return parts
}

/** Words, quoted strings and signs; comments, which nest (RFC 5322 §3.2.2), are left out. Undefined: broken. */
function tokensOf(value: string): Token[] | undefined {
  const tokens: Token[] = []
  let word = ''
  const end = () => {
    if (word) tokens.push({ kind: 'word', text: word })
    word = ''
  }
  for (let at = 0; at < value.length; at += 1) {
    const sign = value[at] ?? ''
    if (sign === '(') {
      end()
      const after = afterComment(value, at)
      if (after === undefined) return undefined
      at = after - 1
    } else if (sign === '"') {
      end()
      const quoted = quotedAt(value, at)
      if (!quoted) return undefined
      tokens.push({ kind: 'quoted', text: quoted.text })
      at = quoted.after - 1
    } else if (sign === ';' || sign === '=' || sign === '/') {
      end()
      tokens.push({ kind: 'sign', text: sign })
    } else if (/\s/.test(sign)) end()
    else word += sign
  }
  end()
  return tokens
}

function afterComment(value: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < value.length; at += 1) {
    const sign = value[at]
    if (sign === '\\') at += 1
    else if (sign === '(') depth += 1
    else if (sign === ')') {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return undefined
}

function quotedAt(value: string, from: number): { text: string; after: number } | undefined {
  let text = ''
  for (let at = from + 1; at < value.length; at += 1) {
    const sign = value[at] ?? ''
    if (sign === '"') return { text, after: at + 1 }
    if (sign === '\\') at += 1
    text += value[at] ?? ''
  }
  return undefined
}
