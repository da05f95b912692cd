import { randomUUID } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import pg from 'pg'
import { runningPostgres } from '../../src/core/shared/postgres/embedded.ts'
import { madeEpub, page } from '../../src/protocols/epub/epub.fixtures.ts'
import { leaveForUndo, messagesAtOnce } from './at-once.ts'
import type { Answer, Asked } from './http.ts'
import { ask, signIn } from './http.ts'
import { createStaffSteps } from './region-staff.ts'
import { block, drawn } from './marks.ts'
import type { Credentials } from './steps.ts'
import { codeSentTo, credentialsOf, demoPassword } from './steps.ts'
import type { RunningSystem } from './system.ts'
import { eventually } from './system.ts'

export const staffActors = [
  'librarian',
  'librarian2',
  'operator',
  'curator',
  'methodologist',
  'admin',
] as const
export type StaffName = (typeof staffActors)[number]

/** `owner` and `child` are readers of Буй, whose librarian is `librarian`; `reader2` is one of Галич. */
export const readerActors = ['owner', 'reader2', 'child'] as const
export type ReaderName = (typeof readerActors)[number]

/** Sessions that are put under the other kind's cookie name, by hand. */
export const forgedActors = [
  'reader’s session as a staff cookie',
  'staff session as a reader’s cookie',
] as const
export type Actor = 'stranger' | StaffName | ReaderName | (typeof forgedActors)[number]

const isStaff = (actor: Actor): actor is StaffName => staffActors.some((each) => each === actor)
const isReader = (actor: Actor): actor is ReaderName => readerActors.some((each) => each === actor)

export const libraryOf = {
  librarian: 'Буйская районная библиотека',
  librarian2: 'Галичская районная библиотека',
}

export const titles = {
  everybody: 'Доступная малышам',
  twelve: 'Доступная с двенадцати',
  adults: 'Доступная взрослым',
  unmarked: 'Доступная с пробелом',
  unlicensed: 'Доступная лишь на словах',
  marked: 'Доступная до поры',
} as const
export type Book = keyof typeof titles
const terms: Record<Book, { ageMark: string; licence: string }> = {
  everybody: { ageMark: '0', licence: 'open' },
  twelve: { ageMark: '12', licence: 'open' },
  adults: { ageMark: '18', licence: 'open' },
  unmarked: { ageMark: 'none', licence: 'open' },
  unlicensed: { ageMark: '0', licence: 'none' },
  marked: { ageMark: '0', licence: 'open' },
}
export const chapter = 'OPS/text/one.xhtml'
export const chapterText = 'Текст только для того, кто взял книгу'

export const names = {
  owner: 'Владеева Анна Петровна',
  reader2: 'Чужакова Мария Олеговна',
  child: 'Малышева Ася Игоревна',
  draft: 'Черновикова Нина Львовна',
  mailed: 'Почтальонова Вера Львовна',
  letter: 'Анкеты письмом',
  told: 'Извещенова Ада Олеговна',
} as const

/** A table in short: how many rows, and a fingerprint of them. */
export interface TableState {
  name: string
  rows: string
  content: string
}

/** A book's file, unlike any other. */
export async function newBook(title = `Книга ${randomUUID()}`): Promise<Uint8Array<ArrayBuffer>> {
  const metadata = `<dc:title>${title}</dc:title><meta name="cover" content="pic"/>`
  return new Uint8Array(await madeEpub({ metadata, files: { [chapter]: page(`<p>${chapterText}</p>`) } }))
}

export type Region = Awaited<ReturnType<typeof createRegion>>

/**
 * People, questionnaires, books and loans of two libraries in the running demonstration, all made through
 * its own pages; the database is looked into only for ids.
 */
export async function createRegion(system: RunningSystem) {
  const { origin } = system
  const url = await runningPostgres(system.dataDir)
  if (!url) throw new Error('no database server runs')
  // One connection, which ends with the server: thousands of new ones would cost more than what is asked.
  const pool = new pg.Pool({ connectionString: url, max: 1, allowExitOnIdle: true }).on('error', () => {})
  const sql = async (text: string, values: unknown[] = []) =>
    (await pool.query<Record<string, string>>(text, values)).rows
  const one = async (command: string, values: unknown[] = []) => {
    const [row] = await sql(command, values)
    if (!row) throw new Error(`nothing found: ${command}`)
    return String(Object.values(row)[0])
  }
  await messagesAtOnce(system)
  const libraries = {
    librarian: await one('select id from libraries where name = $1', [libraryOf.librarian]),
    librarian2: await one('select id from libraries where name = $1', [libraryOf.librarian2]),
  }
  const consentVersion = await one("select max(version) from consent_texts where kind = 'processing'")

  const handoverVersion = await one("select max(version) from consent_texts where kind = 'handover'")

  const staffSession = (name: StaffName) =>
    signIn(origin, '/staff/sign-in', { email: `${name}@demo.test`, password: demoPassword })
  const cards = new Map<ReaderName, Credentials>()
  const readerSession = (name: ReaderName) => {
    const { number = '', password = '' } = cards.get(name) ?? {}
    return signIn(origin, '/sign-in', { cardNumber: number, password })
  }
  /** A new session of an actor, as a Cookie header. */
  async function newCookie(actor: Actor): Promise<string> {
    if (actor === 'stranger') return ''
    if (isStaff(actor)) return `staff=${await staffSession(actor)}`
    if (isReader(actor)) return `reader=${await readerSession(actor)}`
    return actor.startsWith('reader')
      ? `staff=${await readerSession('owner')}`
      : `reader=${await staffSession('operator')}`
  }
  const cookies = new Map<Actor, string>()
  for (const actor of ['stranger', ...staffActors] as const) cookies.set(actor, await newCookie(actor))
  const as = (actor: Actor, asked: Asked): Promise<Answer> => ask(origin, asked, cookies.get(actor))
  /** A step on the way to what is tested. @throws when it isn't taken */
  async function done(actor: Actor, asked: Asked): Promise<Answer> {
    const answer = await as(actor, asked)
    if (answer.status >= 400) throw new Error(`${asked.path} answered ${answer.status} to ${actor}`)
    return answer
  }

  /** A questionnaire that may be sent as it is, of somebody who isn't known yet. */
  let people = 0
  function questionnaire(library: 'librarian' | 'librarian2', typed: Record<string, string> = {}) {
    people += 1
    return {
      formKey: randomUUID(),
      libraryId: libraries[library],
      fullName: 'Пробникова Ева Львовна',
      birthDate: new Date(Date.UTC(1970, 0, people)).toISOString().slice(0, 10),
      email: '',
      phone: '',
      consentGiven: 'on',
      consentVersion,
      guardianName: '',
      guardianRelation: '',
      ...typed,
    }
  }
  /** A sent questionnaire's id. */
  async function sent(library: 'librarian' | 'librarian2', typed?: Record<string, string>): Promise<string> {
    const { location } = await done(library, {
      path: '/staff/applications/new',
      form: questionnaire(library, typed),
    })
    const [, id] = /\/staff\/applications\/([0-9a-f-]{36})\?sent$/.exec(location) ?? []
    if (!id) throw new Error(`the questionnaire was not sent: ${location}`)
    return id
  }
  async function returned(library: 'librarian' | 'librarian2'): Promise<string> {
    const id = await sent(library)
    await done('operator', {
      path: `/staff/applications/${id}?/return`,
      form: { revision: '1', reason: 'Проверьте дату' },
    })
    return id
  }
  /** A refused questionnaire whose refusal can be taken back for a minute; nobody is told of it meanwhile. */
  async function refused(library: 'librarian' | 'librarian2'): Promise<string> {
    const id = await sent(library)
    await leaveForUndo(url ?? '', 60)
    await done('operator', {
      path: `/staff/applications/${id}?/refuse`,
      form: { revision: '1', reason: 'Живёт в другой области' },
    })
    await leaveForUndo(url ?? '', 0)
    await sql('delete from messages where application_id = $1', [id])
    return id
  }
  /** A withdrawn one that can be put back for a minute. */
  async function withdrawn(library: 'librarian' | 'librarian2'): Promise<string> {
    const id = await sent(library)
    await leaveForUndo(url ?? '', 60)
    await done(library, { path: `/staff/applications/${id}?/withdraw`, form: { revision: '1' } })
    await leaveForUndo(url ?? '', 0)
    return id
  }
  /** A letter with one questionnaire that nothing is doubtful about; nobody's yet without a library. */
  async function letter(library?: 'librarian' | 'librarian2'): Promise<{ id: string; draftId: string }> {
    people += 1
    const [birthDate, libraryId] = [new Date(Date.UTC(1970, 0, people)), library && libraries[library]]
    const fullName = `${names.mailed}`
    const field = (value: string) => ({ raw: value, value, doubts: [] })
    const missing = { raw: '', doubts: ['missing'] }
    const read = {
      fullName: field(fullName),
      birthDate: field(birthDate.toISOString().slice(0, 10)),
      email: missing,
      phone: missing,
      source: { part: '', place: {} },
    }
    const fields = { fullName, birthDate: read.birthDate.value, email: '', phone: '' }
    const id = await one(
      `insert into mailed_letters (library_id, state, doubt, sender, subject, message_id, reference_ids, fingerprint,
         received_at, expires_at, found, sure, original, body, parts, faults)
       values ($1, $2, $3, 'sender@mail.test', $4, '', '{}', sha256(gen_random_uuid()::text::bytea),
         now(), now() + interval '30 days', 1, 1, $5, $6, '[]', '[]') returning id`,
      [
        libraryId ?? null,
        libraryId ? 'open' : 'waiting',
        libraryId ? null : 'unknown_sender',
        `${names.letter} ${library ?? ''}`,
        Buffer.from(`Subject: x\r\n\r\n${fullName}`),
        fullName,
      ],
    )
    const draftId = await one(
      `insert into drafts (origin, library_id, letter_id, letter_place, fields, read, created_at, changed_at, expires_at)
       values ('mail', $1, $2, 1, $3, $4, now(), now(), now() + interval '30 days') returning id`,
      [libraryId ?? null, id, JSON.stringify(fields), JSON.stringify(read)],
    )
    return { id, draftId }
  }
  /** A mail that the mailbox's reader has left to people. */
  const unreadMail = () =>
    one(
      `insert into intake_mails (mailbox, uid_validity, uid, fault, failures, seen_at, failed_at, given_up_at)
       values ('books@mail.test/INBOX', 1, (select coalesce(max(uid), 0) + 1 from intake_mails), 'read', 5, now(), now(), now())
       returning id`,
    )
  /** A library's draft of a questionnaire. */
  async function draft(library: 'librarian' | 'librarian2'): Promise<string> {
    const form = questionnaire(library, { fullName: names.draft })
    await done(library, { path: '/staff/applications/new?keep', form })
    return form.formKey
  }
  /** A questionnaire as it is filled in at home. */
  const homeForm = (typed: Record<string, string> = {}): Record<string, string> => ({
    formKey: randomUUID(),
    fullName: 'Домашняя Ольга Львовна',
    birthDate: '05.04.1991',
    email: '',
    phone: '8 910 123-45-67',
    libraryId: '',
    termsVersion: '1',
    agreed: 'on',
    website: '',
    ...typed,
  })
  /** The code of a questionnaire that was just filled in at home. */
  async function homeCode(typed?: Record<string, string>): Promise<string> {
    const { cookies: set } = await ask(origin, { path: '/join', form: homeForm(typed) })
    const page = await ask(origin, { path: '/join/done' }, `join=${set['join']}`)
    const [code] = /[A-Z2-9]{4}-[A-Z2-9]{4}(?=<)/.exec(page.text) ?? []
    if (!code) throw new Error(`no code on the page: ${page.status}`)
    return code
  }
  async function registered(
    name: ReaderName,
    library: 'librarian' | 'librarian2',
    typed: Record<string, string>,
  ): Promise<string> {
    const phone = `+7910000330${cards.size}`
    const id = await sent(library, { fullName: names[name], phone, ...typed })
    await done('operator', {
      path: `/staff/applications/${id}?/register`,
      form: { revision: '1', providerNumber: '', providerPassword: '' },
    })
    cards.set(name, await credentialsOf(origin, phone))
    cookies.set(name, await newCookie(name))
    return id
  }

  async function imported(book: Book): Promise<string> {
    const bytes = await newBook(titles[book])
    await done('curator', {
      path: '/staff/catalogue/import',
      form: terms[book],
      upload: { field: 'books', name: `${book}.epub`, bytes },
    })
    return publication(book)
  }
  const publication = (book: Book) => one('select id from publications where title = $1', [titles[book]])
  /** A reader's loan that runs, taken when there is none. */
  async function loan(reader: ReaderName, book: Book): Promise<string> {
    const id = await publication(book)
    await done(reader, { path: `/books/${id}?/borrow`, form: {} })
    const number = cards.get(reader)?.number
    return one(
      `select loans.id from loans join cards using (reader_id)
       where number = $1 and publication_id = $2 and ended_at is null`,
      [number, id],
    )
  }

  const eightYearsAgo = await one(`select (current_date - interval '8 years')::date::text`)
  const applications = {
    librarian: await registered('owner', 'librarian', {}),
    librarian2: await registered('reader2', 'librarian2', {}),
    child: await registered('child', 'librarian', {
      birthDate: eightYearsAgo,
      guardianName: 'Малышева Ольга',
      guardianRelation: 'мама',
    }),
  }
  for (const actor of forgedActors) cookies.set(actor, await newCookie(actor))
  const books: Record<Book, string> = {
    everybody: await imported('everybody'),
    twelve: await imported('twelve'),
    adults: await imported('adults'),
    unmarked: await imported('unmarked'),
    unlicensed: await imported('unlicensed'),
    marked: await imported('marked'),
  }
  const loans = {
    owners: await loan('owner', 'twelve'),
    ended: await loan('owner', 'everybody'),
    outgrown: await loan('child', 'marked'),
  }
  await done('owner', { path: '/shelf?/giveBack', form: { loan: loans.ended } })
  await done('curator', {
    path: '/staff/catalogue?/mend',
    form: { id: books.marked, ageMark: '18', licence: 'none' },
  })

  const readerIdOf = (name: ReaderName) =>
    one('select reader_id from cards where number = $1', [cards.get(name)?.number])
  /** A reader's unanswered request for correction. */
  async function correction(name: ReaderName, text: string): Promise<string> {
    return one(
      'insert into correction_requests (reader_id, text, asked_at) values ($1, $2, now()) returning id',
      [await readerIdOf(name), text],
    )
  }
  /** Another device on which a reader is signed in. */
  const device = async (name: ReaderName): Promise<string> =>
    one(
      `insert into sessions (token_hash, reader_id, created_at, seen_at, expires_at)
       values (sha256(gen_random_uuid()::text::bytea), $1, now(), now(), now() + interval '1 day') returning id`,
      [await readerIdOf(name)],
    )
  const staffIdOf = (actor: Actor) => one('select id from staff where email = $1', [`${actor}@demo.test`])
  /** Nobody has a second factor, and every staff member has typed the password just now. */
  async function withoutFactors(): Promise<void> {
    for (const table of ['staff_totp', 'staff_passkeys', 'staff_recovery_codes', 'passkey_challenges'])
      await sql(`delete from ${table}`)
    await sql('update sessions set confirmed_at = now() where staff_id is not null')
  }
  /** The code of an app that a staff member sets up. */
  async function codeToSetUp(actor: Actor): Promise<string> {
    await withoutFactors()
    await done(actor, { path: '/staff/profile?/setUpTotp', form: {} })
    const { text } = await done(actor, { path: '/staff/profile/code' })
    const [, secret = ''] = /<code[^>]*>([A-Z2-7 ]+)</.exec(text) ?? []
    return new TOTP({ secret: Secret.fromBase32(secret.replaceAll(' ', '')) }).generate()
  }
  /** Codes of an app that nobody has, in force for a staff member. */
  const factorOf = async (actor: Actor) =>
    sql(`insert into staff_totp (staff_id, sealed) values ($1, '')`, [await staffIdOf(actor)])
  const passkeyOf = async (actor: Actor): Promise<string> =>
    one(
      `insert into staff_passkeys (staff_id, credential_id, public_key, counter, transports, name, created_at)
       values ($1, gen_random_uuid()::text, '', 0, '{}', '', now()) returning id`,
      [await staffIdOf(actor)],
    )
  /** Another device on which a staff member is signed in. */
  const staffDevice = async (actor: Actor): Promise<string> =>
    one(
      `insert into sessions (token_hash, staff_id, created_at, seen_at, expires_at)
       values (sha256(gen_random_uuid()::text::bytea), $1, now(), now(), now() + interval '1 day') returning id`,
      [await staffIdOf(actor)],
    )
  /** A mark that stands on the region's cards. */
  const mark = async () =>
    one(
      `insert into marks (png, width, height, ground, created_at, created_by)
       select $1, 600, 240, 'light', now(), id from staff where email = 'admin@demo.test' returning id`,
      [await drawn(block('#123')).png().toBuffer()],
    )
  /** Somebody who has just been registered at Буй. */
  async function newReader(): Promise<string> {
    const id = await sent('librarian')
    await done('operator', {
      path: `/staff/applications/${id}?/register`,
      form: { revision: '1', providerNumber: '', providerPassword: '' },
    })
    return one('select reader_id from applications where id = $1', [id])
  }
  /** Two records that were just made one. */
  async function merged(): Promise<{ keptId: string; mergeId: string }> {
    const [keptId, droppedId] = [await newReader(), await newReader()]
    await done('operator', {
      path: `/staff/readers/${keptId}/merge?/merge`,
      form: { choice: `${keptId} ${droppedId}`, unlike: 'on' },
    })
    return { keptId, mergeId: await one('select id from reader_merges where kept_id = $1', [keptId]) }
  }
  /** A revoked consent's destruction, waiting to be carried out. */
  async function leaving(): Promise<string> {
    const readerId = await newReader()
    await done('operator', { path: `/staff/readers/${readerId}?/revoke`, form: { signed: 'on' } })
    return one('select id from destructions where reader_id = $1', [readerId])
  }
  /** An account at the provider that waits to be closed there. */
  async function closing(): Promise<string> {
    return one(
      `insert into provider_closings (reader_id, provider, number, created_at, asked_at)
       values ($1, 'Внешняя', '777', now(), now()) returning id`,
      [await newReader()],
    )
  }
  /** Somebody who waits for his number at the provider: his row's key, and the list that it is in. */
  async function providerRow(): Promise<{ id: string; list: string; readerId: string }> {
    const list = await one(
      `insert into provider_lists (kind, size, made_by, made_at)
       select 'register', 1, id, now() from staff limit 1 returning number::text`,
    )
    const readerId = await newReader()
    const id = await one(
      `insert into provider_registrations (reader_id, provider, state, list, asked_at, changed_at)
       values ($1, 'Внешняя', 'sent', $2, now(), now()) returning id`,
      [readerId, list],
    )
    return { id, list, readerId }
  }
  /** A reader who has consented to handing over. */
  async function handedOver(): Promise<string> {
    const readerId = await newReader()
    return one(
      `insert into consents (reader_id, kind, text_version, basis, taken_by, taken_at, channel)
       select reader_id, 'handover', (select max(version) from consent_texts where kind = 'handover'),
         basis, taken_by, taken_at, channel from consents where reader_id = $1 limit 1 returning reader_id`,
      [readerId],
    )
  }
  async function destroyed(): Promise<string> {
    const id = await leaving()
    await done('operator', { path: '/staff/destructions?/carryOut', form: { id, sure: 'on' } })
    return id
  }
  let told = 0
  /** An SMS that didn't reach a reader of Буй's. */
  async function toldReader(): Promise<string> {
    told += 1
    const phone = `+7910${String(1_230_000 + told)}`
    const id = await sent('librarian', { fullName: names.told, phone })
    await done('operator', {
      path: `/staff/applications/${id}?/register`,
      form: { revision: '1', providerNumber: '', providerPassword: '' },
    })
    await credentialsOf(origin, phone)
    const failed = `update messages set state = 'failed', fault = 'sms_7'
      where application_id = $1 and channel = 'sms' and state = 'sent' returning id`
    return await eventually(async () => (await sql(failed, [id]))[0]?.['id'])
  }
  let forgetful: { number: string; phone: string; code?: string } | undefined
  /** What a reader fills in who has got a code for a new password. */
  async function recovery(): Promise<Record<string, string>> {
    if (!forgetful) {
      const phone = '+79100004400'
      const id = await sent('librarian', { fullName: 'Забывчивая Ада', phone })
      await done('operator', {
        path: `/staff/applications/${id}?/register`,
        form: { revision: '1', providerNumber: '', providerPassword: '' },
      })
      forgetful = { number: (await credentialsOf(origin, phone)).number, phone }
    }
    const { number, phone, code: before } = forgetful
    // However often it is asked for here.
    await sql('delete from sign_in_failures')
    await done('stranger', { path: '/recover?/send', form: { cardNumber: number, channel: 'sms' } })
    forgetful.code = await codeSentTo(origin, phone, before)
    return { cardNumber: number, code: forgetful.code, newPassword: 'Сирень у крыльца' }
  }
  /** Goes on with the password that a reader has chosen. */
  async function noteNewPassword(name: ReaderName, password: string): Promise<void> {
    cards.set(name, { number: cards.get(name)?.number ?? '', password })
    for (const actor of [name, ...forgedActors]) cookies.set(actor, await newCookie(actor))
  }
  /** A new batch of one card for Буй: its id and number. */
  async function cardBatch(): Promise<{ id: string; number: string }> {
    const form = { formKey: randomUUID(), libraryId: libraries.librarian, count: '1' }
    await done('operator', { path: '/staff/cards?/make', form })
    const [batch] = await sql('select id, first_number as number from card_batches where form_key = $1', [
      form.formKey,
    ])
    return { id: batch?.['id'] ?? '', number: batch?.['number'] ?? '' }
  }
  /** Calls off the order that Буй waits for, if there is one. */
  async function noCardOrder(): Promise<void> {
    const open = await sql('select id from card_orders where library_id = $1 and closed_at is null', [
      libraries.librarian,
    ])
    for (const { id = '' } of open)
      await done('operator', { path: '/staff/cards?/callOff', form: { orderId: id } })
  }
  /** A new order of Буй's. */
  async function cardOrder(): Promise<string> {
    await noCardOrder()
    const form = { libraryId: libraries.librarian, count: '5', note: '' }
    await done('librarian', { path: '/staff/cards?/order', form })
    return one('select id from card_orders where library_id = $1 and closed_at is null', [
      libraries.librarian,
    ])
  }
  /** Makes a reader who has revoked his consent what he was before. */
  async function undoRevocation(name: ReaderName): Promise<void> {
    const readerId = await readerIdOf(name)
    await sql(`update cards set state = 'issued' where number = $1`, [cards.get(name)?.number])
    await sql('update consents set revoked_at = null where reader_id = $1', [readerId])
    await sql(
      `update loans set ended_at = null, end_reason = null where reader_id = $1
       and ended_at = (select asked_at from destructions where reader_id = $1)`,
      [readerId],
    )
    await sql('delete from destructions where reader_id = $1', [readerId])
    for (const actor of [name, ...forgedActors]) cookies.set(actor, await newCookie(actor))
  }

  const tables = (
    await sql(`select table_name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`)
  ).map((row) => row['table_name'] ?? '')
  // Signs of life come by themselves, whatever is asked for.
  const signsOfLife = new Set(['processes', 'signs', 'findings'])
  const everyRow = tables
    .filter((table) => !signsOfLife.has(table))
    .map(
      (table) =>
        `select '${table}' as name, count(*) as rows,
           md5(string_agg(t::text, ' ' order by t::text)) as content from ${table} t`,
    )
    .join(' union all ')
  /** Every table's rows in short, once nothing is under way any more. */
  async function everything(): Promise<TableState[]> {
    await eventually(async () => {
      const count = await one(`select count(*) from messages where state in ('queued', 'sending')`)
      return count === '0' ? true : undefined
    })
    // Prepared by its name: to plan it takes longer than to answer it.
    const { rows } = await pool.query<Record<string, string>>({ name: 'every row', text: everyRow })
    return rows.map(({ name = '', rows = '', content = '' }) => ({ name, rows, content }))
  }
  return {
    origin,
    sql,
    as,
    done,
    newCookie,
    libraries,
    consentVersion,
    handoverVersion,
    /** The text about processing in force. */
    consentBody: () => one('select body from consent_texts where version = $1', [consentVersion]),
    readerIdOf,
    birthDateOf: async (name: ReaderName) =>
      one('select birth_date::text from readers where id = $1', [await readerIdOf(name)]),
    correction,
    device,
    withoutFactors,
    codeToSetUp,
    factorOf,
    passkeyOf,
    staffDevice,
    mark,
    newReader,
    merged,
    leaving,
    destroyed,
    closing,
    providerRow,
    handedOver,
    cardBatch,
    cardOrder,
    noCardOrder,
    undoRevocation,
    recovery,
    toldReader,
    people: createStaffSteps({ done, libraryId: libraries.librarian }),
    noteNewPassword,
    applications,
    books,
    loans,
    questionnaire,
    sent,
    returned,
    refused,
    withdrawn,
    draft,
    letter,
    unreadMail,
    homeForm,
    homeCode,
    loan,
    cardOf: (reader: ReaderName) => cards.get(reader) ?? { number: '', password: '' },
    everything,
    /** Tables whose rows are others than before. */
    async changesSince(before: TableState[]): Promise<string[]> {
      return (await everything())
        .filter(({ name, content }) => content !== before.find((each) => each.name === name)?.content)
        .map(({ name }) => name)
    },
    /** What the audit log has got since. */
    async lastActions(before: TableState[]): Promise<string[]> {
      const known = before.find(({ name }) => name === 'audit_log')?.rows
      return (await sql('select action from audit_log where seq > $1', [known])).map(
        ({ action = '' }) => action,
      )
    },
  }
}
