const NAME = /^[\p{L}_:][\p{L}\p{N}_:.-]*/u

/**
 * What makes a document not well-formed (XML 1.0 §2.1, the parts that a converter can get wrong): null for a
 * good one. A strict counterpart to the tolerant reader, for tests only.
 */
export function wellFormedFault(document: string): string | null {
  const open: string[] = []
  let rest = document.replace(/^<\?xml [^?]*\?>\n/, '').replace(/^<!DOCTYPE html>\n/, '')
  if (/[^\P{Cc}\t\n\r]|[\ufffe\uffff]|\p{Cs}/u.test(rest)) return 'a character that XML does not allow'
  let roots = 0
  while (rest !== '') {
    const text = /^[^<]+/.exec(rest)?.[0]
    if (text !== undefined) {
      if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(text))
        return `stray & in ${text.slice(0, 40)}`
      if (text.includes(']]>')) return ']]> in text'
      if (open.length === 0 && text.trim() !== '') return 'text outside the root'
      rest = rest.slice(text.length)
      continue
    }
    const closing = /^<\/([^>\s]+)>/.exec(rest)
    if (closing) {
      if (open.pop() !== closing[1]) return `</${closing[1]}> closes nothing`
      rest = rest.slice(closing[0].length)
      continue
    }
    const name = NAME.exec(rest.slice(1))?.[0]
    if (name === undefined) return `no tag: ${rest.slice(0, 40)}`
    if (open.length === 0) roots += 1
    rest = rest.slice(1 + name.length)
    const seen = new Set<string>()
    for (let found = attributeOf(rest); found; found = attributeOf(rest)) {
      const [all, attribute = '', value = ''] = found
      if (seen.has(attribute) || NAME.exec(attribute)?.[0] !== attribute) return `attribute ${attribute}`
      if (/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i.test(value)) return `stray & in ${attribute}`
      seen.add(attribute)
      rest = rest.slice(all.length)
    }
    const end = /^(\/?)>/.exec(rest)
    if (!end) return `tag ${name} does not end: ${rest.slice(0, 40)}`
    if (end[1] === '') open.push(name)
    rest = rest.slice(end[0].length)
  }
  return open.length === 0 && roots === 1 ? null : `${roots} roots, ${open.join(' ')} left open`
}

const attributeOf = (text: string) => /^\s+([^\s=>/]+)="([^"<]*)"/.exec(text)
