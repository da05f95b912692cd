import type { IncomingMessage, ServerResponse } from 'node:http'
import * as texts from '#texts'
import { extractLocaleFromRequest } from '#texts/runtime.js'
import type { BodyLimit } from './body-limits.ts'
import { barePage, barePagePolicy, paragraph } from './web/bare-page.ts'

/** Why a body isn't taken, and the status that says so. */
const statuses = { too_large: 413, no_length: 411, too_many_uploads: 503 } as const
export type BodyRefusal = keyof typeof statuses

type Locale = ReturnType<typeof extractLocaleFromRequest>

/** How many refused bodies are thrown away at once: beyond that a connection is closed at once, whoever waits on it. */
const mostThrownAway = 8
let thrownAway = 0

/**
 * Refuses a body with a sentence: a page for browsers, JSON for scripts. A browser looks at an answer once it has
 * sent all, and a connection that is closed while it sends takes the answer along; so the rest is taken and thrown
 * away, for as long as taking it in earnest would have gone on.
 */
export function refuseBody(
  req: IncomingMessage,
  res: ServerResponse,
  refusal: BodyRefusal,
  limit: BodyLimit,
): void {
  const status = statuses[refusal]
  const locale = localeOf(req)
  const message = sentence(refusal, limit, locale)
  const asPage = req.headers.accept?.includes('text/html') ?? false
  const content = asPage ? page(message, locale) : json(status, `server.${refusal}`, message)
  res.writeHead(status, {
    connection: 'close',
    'content-type': asPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(content),
    'cache-control': 'no-store',
    ...(asPage && { 'content-security-policy': barePagePolicy }),
    ...(refusal === 'too_many_uploads' && { 'retry-after': '60' }),
  })
  if (thrownAway >= mostThrownAway) return void res.end(content)
  thrownAway += 1
  res.once('close', () => (thrownAway -= 1))
  res.write(content)
  throwAway(req, limit, () => res.end())
}

/** As on every page: the cookie says it. */
const localeOf = ({ headers }: IncomingMessage): Locale =>
  extractLocaleFromRequest(new Request('http://localhost', { headers: { cookie: headers.cookie ?? '' } }))

function sentence(refusal: BodyRefusal, { bytes, upload }: BodyLimit, locale: Locale): string {
  if (refusal === 'no_length') return texts.error_server_no_length({}, { locale })
  if (refusal === 'too_many_uploads') return texts.error_server_too_many_uploads({}, { locale })
  if (!upload) return texts.error_server_too_large({ letters: lettersIn(bytes) }, { locale })
  const { file, together } = upload
  return together === undefined
    ? texts.error_server_file_too_large({ most: file }, { locale })
    : texts.error_server_files_too_large({ most: file, together }, { locale })
}

/** A Russian letter takes six bytes in a form; the rest of it takes some, too. */
const lettersIn = (bytes: number): number => Math.floor(bytes / 7000) * 1000

const page = (message: string, locale: Locale): string =>
  barePage({
    locale,
    title: texts.refused_body_title({}, { locale }),
    appName: texts.app_name({}, { locale }),
    content: paragraph(message) + paragraph(texts.refused_body_back({}, { locale })),
  })

/** As `web/outages.ts` tells scripts: for those of SvelteKit's forms too. */
function json(status: number, code: string, message: string): string {
  const told = { status, message, code }
  return JSON.stringify({ type: 'error', error: told, ...told })
}

/** What is thrown away of a body beyond twice what may be sent there. */
const slack = 16 * 1024 * 1024

/** Calls `then` once the body has ended, or its sender hangs up, dawdles or has sent too much. */
function throwAway(req: IncomingMessage, { bytes, patience }: BodyLimit, then: () => void): void {
  let left = 2 * bytes + slack
  const enough = () => {
    clearTimeout(timer)
    req.pause()
    then()
  }
  const timer = setTimeout(enough, patience)
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) enough()
  })
  req.once('end', enough)
  // Whoever hangs up is told nothing more.
  req.once('error', () => {})
  req.once('close', () => clearTimeout(timer))
}
