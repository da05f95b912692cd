import { createHash, timingSafeEqual } from 'node:crypto'

const loopback = /^(127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/
/** What a proxy says of whom it asks for: the proxy's own address then tells nothing. */
const passedOn = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']

/**
 * Metrics are read by a program on this computer, or with the token, as Prometheus sends it (`authorization` in
 * its settings). A proxy on this computer asks for the whole world.
 */
export function mayReadMetrics(asked: {
  headers: Headers
  address: string
  token: string | undefined
}): boolean {
  const { headers, address, token } = asked
  const given = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (token && given && sameText(token, given)) return true
  return loopback.test(address) && !passedOn.some((name) => headers.has(name))
}

/** Takes the same time for every guess. */
function sameText(one: string, other: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(one), hash(other))
}
