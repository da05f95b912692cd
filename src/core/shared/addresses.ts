/** Whether a URL's host is this machine (RFC 6761 §6.3): what is said to it goes over no line. */
export const isThisMachine = (hostname: string): boolean =>
  /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)

/**
 * The client's address: the peer's own, unless the peer is a configured proxy; then the last address in
 * X-Forwarded-For that isn't a configured proxy, since everything before it is the client's own say-so.
 */
export function clientAddress(
  peer: string,
  forwardedFor: string | string[] | undefined,
  proxies: readonly string[],
): string {
  const plain = (address: string) => address.trim().replace(/^::ffff:/, '')
  const chain = [...[forwardedFor ?? []].flat().join(',').split(','), peer].map(plain).filter(Boolean)
  const believed = chain.findLast((address) => !proxies.includes(address))
  return proxies.includes(plain(peer)) ? (believed ?? plain(peer)) : plain(peer)
}
