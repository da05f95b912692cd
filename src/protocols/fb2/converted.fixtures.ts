import { resolveHref } from '../epub/container.ts'
import { wellFormedFault } from '../xml/well-formed.fixtures.ts'
import { attribute, descendants, parseXml } from '../xml/xml.ts'
import type { ZipInput } from '../zip/write-zip.ts'
import { fb2ToEpub } from './fb2-to-epub.ts'
import { madeFb2, type MadeFb2 } from './fb2.fixtures.ts'
import { readFb2 } from './fb2.ts'

/** The EPUB made of a small FB2. */
export const convert = (made: MadeFb2 = {}) => fb2ToEpub(readFb2(Buffer.from(madeFb2(made))))

const ALLOWED = new Set(
  (
    'html head meta title link body nav ol li a aside blockquote br code div em figcaption figure h1 h2 h3 h4 h5 h6 ' +
    'img p s section span strong sub sup table tbody td th tr'
  ).split(' '),
)

/** Everything that must hold for any converted book; the first breach in words. */
export function breach(entries: readonly ZipInput[]): string | null {
  const files = new Map(entries.map(({ name, bytes }) => [name, bytes]))
  const ids = new Map<string, Set<string>>()
  const documents = [...files].filter(([name]) => /\.(?:xhtml|opf|xml)$/.test(name))
  const everywhere = new Set<string>()
  for (const [name, bytes] of documents) {
    const fault = wellFormedFault(Buffer.from(bytes).toString())
    if (fault) return `${name}: ${fault}`
    const own = new Set<string>()
    for (const found of descendants(parseXml(bytes))) {
      if (name.endsWith('.xhtml') && !ALLOWED.has(found.name)) return `${name}: <${found.name}>`
      const id = attribute(found, 'id')
      if (id !== undefined && own.has(id)) return `${name}: id ${id} twice`
      if (id !== undefined && name.includes('/text/') && everywhere.has(id)) return `id ${id} in two files`
      if (id !== undefined) own.add(id)
      if (id !== undefined && name.includes('/text/')) everywhere.add(id)
    }
    ids.set(name, own)
  }
  for (const [name, bytes] of documents) {
    for (const found of descendants(parseXml(bytes))) {
      for (const [key, value] of found.attributes) {
        if (/^on|^style$/.test(key)) return `${name}: attribute ${key}`
        if (key !== 'href' && key !== 'src') continue
        if (/^(?:https?|mailto):/.test(value)) continue
        const target = resolveHref(name, value)
        const fragment = value.split('#')[1]
        if (target === null || !files.has(target)) return `${name}: ${value} leads nowhere`
        if (fragment !== undefined && !ids.get(target)?.has(fragment))
          return `${name}: ${value} misses its id`
      }
    }
  }
  return null
}
