import { DeliveryFault } from './driver.ts'

/** Failures before a connection stood: the gateway has heard nothing. */
const unheard = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/**
 * Puts a question to an SMS gateway and reads its JSON and HTTP status.
 * @param limit how long an answer is waited for, in milliseconds
 * @throws DeliveryFault `sms_unreachable`; in the dark unless no connection came about
 */
export async function askGatewayInFull(
  url: string,
  request: RequestInit,
  limit: number,
): Promise<{ status: number; answer: unknown }> {
  try {
    const response = await fetch(url, {
      ...request,
      signal: AbortSignal.timeout(limit),
      redirect: 'error',
    })
    return { status: response.status, answer: await response.json() }
  } catch (error) {
    // Slow, or an answer that is no JSON: whether the gateway has worked on it, nobody knows.
    throw new DeliveryFault('sms_unreachable', true, !neverConnected(error))
  }
}

function neverConnected(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string; syscall?: string } }
  return unheard.has(cause?.code ?? '') || cause?.syscall === 'connect'
}

/** The same where the answer's JSON says all. */
export const askGateway = async (url: string, request: RequestInit, limit: number): Promise<unknown> =>
  (await askGatewayInFull(url, request, limit)).answer

/** The `http` or `https` that a scheme such as `smsru` or `smsru+http` stands for, with its host. */
export const baseOf = (settings: URL, standardHost: string): string =>
  `${settings.protocol.endsWith('+http:') ? 'http' : 'https'}://${settings.host || standardHost}`
