import type { AuthenticationResult } from './authentication-results.ts'
import { readAuthenticationResults } from './authentication-results.ts'
import type { MailHeader } from './headers.ts'
import { valuesOf } from './headers.ts'

/**
 * Whether the mailbox's own server says that a mail comes from where its From says: DMARC, DKIM or SPF passed
 * for the sender's own domain. Only the topmost header of that server counts: it puts its own on
 * top (RFC 8601 §5), and whatever stands below may have come with the mail.
 * @param authservIds names under which that server writes; `*.example.ru` means every host of example.ru
 * @param from the address in the From header
 */
export function senderProven(
  headers: readonly MailHeader[],
  authservIds: readonly string[],
  from: string,
): boolean {
  // RFC 7489 §6.6.1: with several From lines nobody knows whom the results are about.
  if (valuesOf(headers, 'from').length !== 1) return false
  const domain = domainOf(from)
  if (!domain) return false
  for (const value of valuesOf(headers, 'authentication-results')) {
    const read = readAuthenticationResults(value)
    // It may be that server's own, spoilt by what it quotes: then nothing below it counts.
    if (!read) return false
    if (authservIds.some((id) => isNamed(read.authservId, id))) return passes(read.results, domain)
  }
  return false
}

function passes(results: readonly AuthenticationResult[], domain: string): boolean {
  const dmarc = results.filter(({ method }) => method === 'dmarc')
  const about = ({ properties }: AuthenticationResult) => properties.get('header.from')
  const passed = dmarc.filter(({ result }) => result === 'pass')
  if (passed.some((each) => sameDomain(about(each) ?? '', domain)))
    return dmarc.every((each) => each.result === 'pass' && sameDomain(about(each) ?? '', domain))
  // A domain that publishes a policy, and a mail that doesn't follow it; or one about another sender.
  if (dmarc.some(({ result }) => result !== 'none' && result !== 'pass')) return false
  if (passed.some((each) => about(each) !== undefined)) return false
  // What doesn't say whom it is about says nothing.
  return results.some((each) => each.result === 'pass' && isAligned(each, domain))
}

/** The domain itself vouches for the mail, or a domain above it. */
function isAligned({ method, properties }: AuthenticationResult, domain: string): boolean {
  const signers = {
    dkim: properties.get('header.d') ?? properties.get('header.i'),
    spf: properties.get('smtp.mailfrom'),
  }[method]
  const signer = signers === undefined ? '' : domainOf(signers.includes('@') ? signers : `@${signers}`)
  if (!signer?.includes('.')) return false
  return signer === domain || domain.endsWith(`.${signer}`)
}

const isNamed = (authservId: string, pattern: string): boolean => {
  const name = pattern.toLowerCase()
  return name.startsWith('*.') ? authservId.endsWith(name.slice(1)) : authservId === name
}

const sameDomain = (one: string, other: string): boolean =>
  domainOf(one.includes('@') ? one : `@${one}`) === other

/** As it goes over the wire (RFC 5891); undefined when it isn't one. */
function domainOf(address: string): string | undefined {
  const text = address
    .slice(address.lastIndexOf('@') + 1)
    .trim()
    .replace(/\.$/, '')
  if (text === '' || /[\s/\\:?#[\]%@]/.test(text)) return undefined
  const url = `http://${text}/`
  return URL.canParse(url) ? new URL(url).hostname : undefined
}
