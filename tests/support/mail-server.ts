import type { AddressInfo, Socket } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** Where in the conversation the server says no. */
export type MailStage = 'credentials' | 'sender' | 'recipient' | 'text'

export interface ReceivedMail {
  /** The envelope's recipients. */
  to: string[]
  messageId: string
  subject: string
  /** Decoded, with plain line ends. */
  text: string
  /** As it came over the wire. */
  raw: string
}

export interface MailServer {
  /** `smtp://user:password@…`, as SMTP_URL takes it. */
  url: string
  received: ReceivedMail[]
  /** From now on this stage is answered with this code: 450, 550…, and these words. */
  refuse(stage: MailStage, code: number, words?: string): void
  /** From now on messages are taken in, and the connection breaks before the answer. */
  breakAfterTaking(): void
  /** From now on messages are taken in, and nothing is answered. */
  fallSilent(): void
  /** Refuses nothing again. */
  recover(): void
  close(): Promise<void>
}

/** What a fault must never show. */
export const mailPassword = 'пароль: почты/1'

/** A real SMTP server on loopback. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const refusals = new Map<MailStage, { responseCode: number; words: string }>()
  const sockets = new Set<Socket>()
  let afterTaking: 'answer' | 'break' | 'silence' = 'answer'

  const refusal = (stage: MailStage) => {
    const refused = refusals.get(stage)
    return refused ? Object.assign(new Error(refused.words), { responseCode: refused.responseCode }) : null
  }

  const server = new SMTPServer({
    name: 'mail.test',
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, answer) => {
      const known = username === 'library' && password === mailPassword
      answer(
        refusal('credentials') ??
          (known ? null : Object.assign(new Error('unknown user'), { responseCode: 535 })),
        { user: username },
      )
    },
    onMailFrom: (_address, _session, answer) => answer(refusal('sender')),
    onRcptTo: (_address, _session, answer) => answer(refusal('recipient')),
    onData(stream, session, answer) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const refused = refusal('text')
        if (refused) return answer(refused)
        received.push(
          parseMail(
            session.envelope.rcptTo.map(({ address }) => address),
            Buffer.concat(chunks).toString('latin1'),
          ),
        )
        if (afterTaking === 'answer') return answer(null, 'taken')
        if (afterTaking === 'break') for (const socket of sockets) socket.destroy()
      })
    },
  })
  // A client that breaks off is none of the server's faults.
  server.on('error', () => {})
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo

  return {
    url: `smtp://library:${encodeURIComponent(mailPassword)}@127.0.0.1:${port}`,
    received,
    refuse: (stage, code, words = `${stage} refused, whatever ${mailPassword} says`) =>
      void refusals.set(stage, { responseCode: code, words }),
    breakAfterTaking: () => {
      afterTaking = 'break'
    },
    fallSilent: () => {
      afterTaking = 'silence'
    },
    recover() {
      refusals.clear()
      afterTaking = 'answer'
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Enough of RFC 5322, 2045 and 2047 for a message of one plain text part, or of one with files after it. */
function parseMail(to: string[], raw: string): ReceivedMail {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const boundary = /^content-type: multipart\/mixed;\s+boundary="([^"]+)"/im.exec(head)?.[1]
  if (boundary) {
    const [, first = ''] = raw.split(`--${boundary}\r\n`)
    const own = head.replaceAll(/\r\ncontent-(type|transfer-encoding):.*(\r\n[ \t].*)*/gi, '')
    return { ...parseMail(to, `${own}\r\n${first}`), raw }
  }
  const headers = new Map(
    head
      .replaceAll(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
      }),
  )
  const body = decoded(rest.join('\r\n\r\n'), headers.get('content-transfer-encoding') ?? '7bit')
  return {
    to,
    messageId: headers.get('message-id') ?? '',
    subject: decodedWords(headers.get('subject') ?? ''),
    text: body.toString('utf8').replaceAll('\r\n', '\n'),
    raw,
  }
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding === 'quoted-printable') return unquoted(body.replaceAll('=\r\n', ''))
  return Buffer.from(body, 'latin1')
}

const unquoted = (text: string) =>
  Buffer.from(
    text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  )

/** RFC 2047 §6.2: white space between encoded words is no part of the text. */
const decodedWords = (header: string) =>
  header
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([BQ])\?(.*?)\?=/gi, (_, encoding: string, text: string) =>
      (encoding.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64')
        : unquoted(text.replaceAll('_', ' '))
      ).toString('utf8'),
    )
