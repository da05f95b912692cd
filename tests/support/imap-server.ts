import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'

/** What the server does when it shouldn't go on as usual. */
type Mishap = 'cut' | 'refuse'

interface Mail {
  uid: number
  raw: Buffer
  flags: Set<string>
}

interface Folder {
  uidValidity: number
  uidNext: number
  mails: Mail[]
}

export interface ImapServer {
  /** As INTAKE_IMAP_URL takes it. */
  url: string
  /** Every command that came, without its tag: `UID MOVE 1 …`. Passwords are left out. */
  commands: string[]
  /** Puts a mail into the inbox, as an arriving one: whoever idles there is told. @returns its UID */
  deliver(raw: string): number
  /** Takes a mail out of the inbox, as people do. */
  remove(uid: number): void
  /** What lies in a folder; `INBOX` and those that were made. */
  mailsIn(folder: string): { uid: number; raw: string; flags: string[] }[]
  folders(): string[]
  /** How many connections there are. */
  connections(): number
  /** From now on the next such command ends otherwise: the connection is cut before it is done, or it is refused. */
  once(command: string, mishap: Mishap): void
  /** From now on every such command about this mail ends otherwise. */
  spoil(uid: number, command: string, mishap: Mishap): void
  /** Cuts all connections. */
  cut(): void
  /** As after a server was rebuilt: the same mails under other UIDs. */
  renumber(): void
  close(): Promise<void>
}

export interface ImapServerOptions {
  /** Left out of what the server can: `IDLE`, `MOVE`, `UIDPLUS`. */
  without?: readonly string[]
  /** From the first byte (`imaps://`), or on request (STARTTLS, before which nobody signs in). */
  tls?: 'at once' | 'on request'
  /** The port to come back on. */
  port?: number
}

const certificates = new URL('../fixtures/certificates/', import.meta.url)
/** Made for 127.0.0.1 by itself; nobody else trusts it. */
export const imapCertificate = readFileSync(new URL('loopback.cert.pem', certificates), 'utf8')
const identity = { cert: imapCertificate, key: readFileSync(new URL('loopback.key.pem', certificates)) }

export const imapPassword = 'ключ/почты 1'

/** RFC 3501 with IDLE, MOVE and UIDPLUS, as far as a mailbox is read by it: a real server on loopback. */
export async function startImapServer(options: ImapServerOptions = {}): Promise<ImapServer> {
  const abilities = ['IMAP4rev1', 'IDLE', 'MOVE', 'UIDPLUS'].filter(
    (each) => !options.without?.includes(each),
  )
  const folders = new Map<string, Folder>([['INBOX', { uidValidity: 7, uidNext: 1, mails: [] }]])
  const sessions = new Set<Session>()
  const commands: string[] = []
  const mishaps = new Map<string, Mishap>()
  const spoilt: { uid: number; command: string; mishap: Mishap }[] = []

  class Session {
    socket: Socket
    selected: string | undefined
    /** The tag of an IDLE that isn't done. */
    idling: string | undefined
    /** How many mails the client has been told of. */
    told = 0
    private pending = Buffer.alloc(0)
    private line = ''
    private literal = 0

    constructor(socket: Socket) {
      this.socket = socket
      sessions.add(this)
      this.listen(socket)
      this.say(`* OK [CAPABILITY ${this.abilities()}] ready`)
    }

    listen(socket: Socket) {
      socket.on('close', () => sessions.delete(this))
      socket.on('error', () => {})
      socket.on('data', (chunk) => this.take(chunk))
    }

    /** In the clear, where TLS is to be asked for (RFC 9051 §6.2.1). */
    isBare = () => options.tls === 'on request' && !(this.socket instanceof TLSSocket)
    abilities = () => [...abilities, ...(this.isBare() ? ['STARTTLS', 'LOGINDISABLED'] : [])].join(' ')

    say(text: string) {
      if (this.socket.writable) this.socket.write(`${text}\r\n`)
    }

    /** Lines, with literals (§4.3) put into them as quoted strings. */
    take(chunk: Buffer) {
      this.pending = Buffer.concat([this.pending, chunk])
      for (;;) {
        if (this.literal > 0) {
          if (this.pending.length < this.literal) return
          this.line += `"${this.pending.subarray(0, this.literal).toString('utf8')}"`
          this.pending = this.pending.subarray(this.literal)
          this.literal = 0
        }
        const end = this.pending.indexOf('\r\n')
        if (end < 0) return
        const text = this.pending.subarray(0, end).toString('utf8')
        this.pending = this.pending.subarray(end + 2)
        const [, before, size] = /^(.*)\{(\d+)\}$/.exec(text) ?? []
        if (size === undefined) {
          const line = this.line + text
          this.line = ''
          this.obey(line)
        } else {
          this.line += before ?? ''
          this.literal = Number(size)
          this.say('+ go on')
        }
      }
    }

    obey(line: string) {
      if (this.idling && line.toUpperCase() === 'DONE') {
        this.say(`${this.idling} OK idled`)
        this.idling = undefined
        return
      }
      const [tag = '', ...words] = line.split(' ')
      const byUid = words[0]?.toUpperCase() === 'UID'
      const name = words
        .slice(0, byUid ? 2 : 1)
        .join(' ')
        .toUpperCase()
      const rest = words.slice(byUid ? 2 : 1).join(' ')
      commands.push(name === 'LOGIN' ? name : `${name} ${rest}`.trim())
      const about = spoilt.find(
        ({ uid, command }) => command === name && inSet(rest.split(' ')[0] ?? '', uid),
      )
      const mishap = mishaps.get(name) ?? about?.mishap
      mishaps.delete(name)
      if (mishap === 'cut') return void this.socket.destroy()
      if (mishap === 'refuse') return this.say(`${tag} NO not now`)
      const answer = this.run(name, rest, tag)
      if (answer) this.say(`${tag} ${answer}`)
    }

    run(name: string, rest: string, tag: string): string | undefined {
      const folder = this.selected === undefined ? undefined : folders.get(this.selected)
      switch (name) {
        case 'CAPABILITY':
          this.say(`* CAPABILITY ${this.abilities()}`)
          return 'OK done'
        case 'STARTTLS':
          this.say(`${tag} OK go on`)
          this.socket.removeAllListeners('data')
          this.socket = new TLSSocket(this.socket, { isServer: true, ...identity })
          this.listen(this.socket)
          return undefined
        case 'LOGIN':
          if (this.isBare()) return 'NO [PRIVACYREQUIRED] not in the clear'
          return [`"books@library.test" "${imapPassword}"`, `books@library.test "${imapPassword}"`].includes(
            rest,
          )
            ? 'OK signed in'
            : `NO [AUTHENTICATIONFAILED] not with ${rest}`
        case 'LOGOUT':
          this.say('* BYE')
          this.say(`${tag} OK bye`)
          this.socket.end()
          return undefined
        case 'NOOP':
          this.tellNews()
          return 'OK done'
        case 'LIST':
        case 'LSUB':
          if (rest.endsWith('""')) this.say(`* ${name} (\\Noselect) "/" ""`)
          else for (const each of folders.keys()) this.say(`* ${name} () "/" "${each}"`)
          return 'OK done'
        case 'SUBSCRIBE':
          return 'OK done'
        case 'CREATE': {
          const path = unquoted(rest)
          if (folders.has(path)) return 'NO [ALREADYEXISTS] it is there'
          folders.set(path, { uidValidity: 8, uidNext: 1, mails: [] })
          return 'OK made'
        }
        case 'SELECT': {
          const path = unquoted(rest)
          const opened = folders.get(path)
          if (!opened) return 'NO [NONEXISTENT] no such folder'
          this.selected = path
          this.told = opened.mails.length
          this.say('* FLAGS (\\Seen \\Deleted)')
          this.say(`* ${opened.mails.length} EXISTS`)
          this.say('* 0 RECENT')
          this.say(`* OK [UIDVALIDITY ${opened.uidValidity}] of this folder`)
          this.say(`* OK [UIDNEXT ${opened.uidNext}] next`)
          return 'OK [READ-WRITE] opened'
        }
        case 'IDLE':
          this.idling = tag
          this.say('+ idling')
          this.tellNews()
          return undefined
        default:
          return folder ? this.runIn(folder, name, rest) : 'BAD not understood'
      }
    }

    /** Commands in a folder that is open. */
    runIn(folder: Folder, name: string, rest: string): string {
      const [set = '', ...more] = rest.split(' ')
      const chosen = folder.mails.filter(({ uid }) => inSet(set, uid))
      switch (name) {
        case 'UID SEARCH':
          this.say(`* SEARCH ${folder.mails.map(({ uid }) => uid).join(' ')}`.trimEnd())
          return 'OK done'
        case 'UID FETCH':
          for (const mail of chosen) this.sayMail(folder, mail, more.join(' '))
          return 'OK done'
        case 'UID STORE':
          for (const mail of chosen) mail.flags.add('\\Deleted')
          return 'OK done'
        case 'UID COPY':
        case 'UID MOVE': {
          const target = folders.get(unquoted(more.join(' ')))
          if (!target) return 'NO [TRYCREATE] no such folder'
          for (const mail of chosen) {
            target.mails.push({ ...mail, uid: target.uidNext, flags: new Set(mail.flags) })
            target.uidNext += 1
          }
          if (name === 'UID MOVE') this.expunge(folder, (mail) => chosen.includes(mail))
          return 'OK done'
        }
        case 'EXPUNGE':
        case 'UID EXPUNGE':
          this.expunge(
            folder,
            (mail) => mail.flags.has('\\Deleted') && (name === 'EXPUNGE' || chosen.includes(mail)),
          )
          return 'OK done'
        default:
          return 'BAD not understood'
      }
    }

    sayMail(folder: Folder, mail: Mail, what: string) {
      const facts = [`UID ${mail.uid}`]
      if (/RFC822\.SIZE/i.test(what)) facts.push(`RFC822.SIZE ${mail.raw.length}`)
      if (/FLAGS/i.test(what)) facts.push(`FLAGS (${[...mail.flags].join(' ')})`)
      // §7.4.2: with `<0.1024>` the first bytes alone.
      const asked = /BODY(\.PEEK)?\[\](?:<0\.(\d+)>)?/i.exec(what)
      if (asked && !asked[1]) mail.flags.add('\\Seen')
      const head = `* ${folder.mails.indexOf(mail) + 1} FETCH (${facts.join(' ')}`
      if (!asked) return this.say(`${head})`)
      const most = asked[2] === undefined ? undefined : Number(asked[2])
      const bytes = mail.raw.subarray(0, most)
      this.socket.write(`${head} BODY[]${most === undefined ? '' : '<0>'} {${bytes.length}}\r\n`)
      this.socket.write(bytes)
      this.say(')')
    }

    expunge(folder: Folder, goes: (mail: Mail) => boolean) {
      for (const mail of folder.mails.filter(goes)) {
        const place = folder.mails.indexOf(mail)
        folder.mails.splice(place, 1)
        this.told -= 1
        this.say(`* ${place + 1} EXPUNGE`)
      }
    }

    tellNews() {
      const count = folders.get(this.selected ?? '')?.mails.length ?? 0
      if (count > this.told) this.say(`* ${count} EXISTS`)
      this.told = count
    }
  }

  const meet = (socket: Socket) => void new Session(socket)
  const server = options.tls === 'at once' ? createTlsServer(identity, meet) : createServer(meet)
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const { socket } of sessions) socket.destroy()
  }
  const folderOf = (path: string) => folders.get(path) ?? { uidValidity: 0, uidNext: 1, mails: [] }

  return {
    url: `${options.tls === 'at once' ? 'imaps' : 'imap'}://books%40library.test:${encodeURIComponent(imapPassword)}@127.0.0.1:${port}/INBOX`,
    commands,
    deliver(raw) {
      const inbox = folderOf('INBOX')
      const uid = inbox.uidNext
      inbox.uidNext += 1
      inbox.mails.push({ uid, raw: Buffer.from(raw.replaceAll(/\r?\n/g, '\r\n')), flags: new Set() })
      for (const session of sessions) if (session.idling) session.tellNews()
      return uid
    },
    remove(uid) {
      const { mails } = folderOf('INBOX')
      mails.splice(0, mails.length, ...mails.filter((mail) => mail.uid !== uid))
    },
    mailsIn: (path) =>
      folderOf(decodedName(path, folders)).mails.map(({ uid, raw, flags }) => ({
        uid,
        raw: raw.toString('utf8'),
        flags: [...flags],
      })),
    folders: () => [...folders.keys()],
    connections: () => sessions.size,
    once: (command, mishap) => void mishaps.set(command, mishap),
    spoil: (uid, command, mishap) => void spoilt.push({ uid, command, mishap }),
    cut,
    renumber() {
      const inbox = folderOf('INBOX')
      inbox.uidValidity += 1
      inbox.uidNext += 100
      for (const mail of inbox.mails) mail.uid += 50
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        cut()
      }),
  }
}

/** Names of folders travel in modified UTF-7 (RFC 3501 §5.1.3): base64 of UTF-16 between `&` and `-`. */
const encodedName = (name: string) =>
  name.replaceAll(/[^\x20-\x7e]+/g, (text) => {
    const utf16 = Buffer.from(text, 'utf16le').swap16()
    return `&${utf16.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`
  })
const decodedName = (name: string, folders: ReadonlyMap<string, Folder>) =>
  folders.has(name) ? name : encodedName(name)

const unquoted = (text: string) => text.trim().replace(/^"(.*)"$/, '$1')

/** `3`, `1:4`, `2,5:*` (§9, sequence-set). */
const inSet = (set: string, uid: number): boolean =>
  set.split(',').some((range) => {
    const [from = '', to = from] = range.split(':')
    return uid >= Number(from) && uid <= (to === '*' ? Infinity : Number(to))
  })
