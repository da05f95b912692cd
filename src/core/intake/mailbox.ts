import { once } from 'node:events'
import { ImapFlow } from 'imapflow'
import type { ImapFlowOptions } from 'imapflow'
import { isThisMachine } from '../shared/addresses.ts'
import { minutes } from '../shared/clock.ts'
import type { MailBytes } from './mail.ts'
import { mostHeadBytes, mostMailBytes } from './mail.ts'

/** Where mails go that are done with. */
export const doneFolder = 'Обработано'

/** A folder on a mail server, open for as long as the connection holds. Every call throws when it breaks. */
export interface Mailbox {
  /** What its mails are remembered under, besides their UID. */
  readonly name: string
  /** As long as it is the same, a UID means the same mail (RFC 9051 §2.3.1.1). */
  readonly uidValidity: number
  /** Of all mails in it, in ascending order. */
  uids(): Promise<number[]>
  /** The mail as it came, or its header when it is too large; its flags untouched. Undefined when it has gone. */
  read(uid: number): Promise<MailBytes | undefined>
  /** Moves a mail to the folder of those that are done with. */
  setAside(uid: number): Promise<void>
  /** Waits until something new may have come, but no longer than a few minutes. */
  change(): Promise<void>
  /** Whether the connection holds. */
  isOpen(): boolean
  close(): void
}

export interface MailboxOptions {
  /** A server may push nothing (no IDLE) or forget to: then it is asked again after this time, in milliseconds. */
  askEvery?: number
  /** How long the server may be silent when it owes an answer, in milliseconds. */
  answerLimit?: number
}

/**
 * What imapflow is told of an INTAKE_IMAP_URL. `imap://` begins in the clear and must go on in TLS; only a
 * server on this machine may do without.
 */
export function connectionOf(text: string): ImapFlowOptions & { path: string } {
  const url = new URL(text)
  const secure = url.protocol === 'imaps:'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (secure ? 993 : 143),
    secure,
    ...(!secure && !isThisMachine(url.hostname) && { doSTARTTLS: true }),
    auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    path: decodeURIComponent(url.pathname.slice(1)) || 'INBOX',
  }
}

/**
 * Opens the mailbox that an INTAKE_IMAP_URL names.
 * @param signal breaks the connection off, in whatever it is
 */
export async function openMailbox(
  url: string,
  signal: AbortSignal,
  options: MailboxOptions = {},
): Promise<Mailbox> {
  const { askEvery = minutes(2), answerLimit = minutes(1) } = options
  const { path, ...connection } = connectionOf(url)
  const client = new ImapFlow({
    ...connection,
    logger: false,
    disableAutoIdle: true,
    maxIdleTime: askEvery,
    connectionTimeout: answerLimit,
    greetingTimeout: answerLimit,
    socketTimeout: askEvery + answerLimit,
    maxLiteralSize: mostMailBytes + 1024,
  })
  // What breaks a connection is told by the call that it breaks; the event alone would end the process.
  client.on('error', () => {})
  let news = false
  const awaited = new Set<() => void>()
  const wake = () => {
    news = true
    for (const each of awaited) each()
  }
  client.on('exists', wake)
  client.on('close', wake)
  const hangUp = () => client.close()
  signal.addEventListener('abort', hangUp)
  const close = () => {
    signal.removeEventListener('abort', hangUp)
    client.close()
  }
  try {
    await client.connect()
    const opened = await client.mailboxOpen(path)
    return {
      name: `${connection.auth?.user}@${connection.host}/${path}`,
      uidValidity: Number(opened.uidValidity),
      uids: async () => {
        news = false
        const found = await client.search({ all: true }, { uid: true })
        if (!found) throw new MailboxFault('search')
        return found.toSorted((a, b) => a - b)
      },
      async read(uid) {
        const facts = await client.fetchOne(String(uid), { uid: true, size: true }, { uid: true })
        if (!facts) return undefined
        const headOnly = (facts.size ?? 0) > mostMailBytes
        const source = headOnly ? { start: 0, maxLength: mostHeadBytes } : true
        const mail = await client.fetchOne(String(uid), { uid: true, source }, { uid: true })
        if (!mail) return undefined
        if (!mail.source) throw new MailboxFault('fetch')
        return { bytes: headOnly ? headerOf(mail.source) : mail.source, headOnly }
      },
      async setAside(uid) {
        const move = () => client.messageMove(String(uid), doneFolder, { uid: true })
        if (await move()) return
        await client.mailboxCreate(doneFolder)
        if (!(await move())) throw new MailboxFault('move')
      },
      async change() {
        if (news || signal.aborted) return
        // The next command ends the idling; a connection that breaks ends it by itself.
        void client.idle().catch(() => undefined)
        await Promise.race([
          new Promise<void>((resolve) => awaited.add(resolve)),
          once(AbortSignal.timeout(askEvery), 'abort'),
        ])
        awaited.clear()
        if (!client.usable) throw new MailboxFault('closed')
      },
      isOpen: () => client.usable,
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Up to the empty line that ends it (RFC 5322 §2.1), or as much of it as there is. */
function headerOf(bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n\r\n')
  return end < 0 ? bytes : bytes.subarray(0, end + 4)
}

/** What a server wouldn't do, without its own words. */
export class MailboxFault extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.name = 'MailboxFault'
    this.code = code
  }
}

/** What went wrong, without a server's own words: they may quote whatever was sent to it. */
export function codeOf(error: unknown): string {
  const { authenticationFailed, code, name } = error as {
    authenticationFailed?: boolean
    code?: string
    name?: string
  }
  return authenticationFailed ? 'sign_in_refused' : (code ?? name ?? 'unknown')
}
