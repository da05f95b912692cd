import { automatic, titledAutomatic } from '#protocols/mail/automatic.ts'
import { messageIdsIn, valuesOf } from '#protocols/mail/headers.ts'
import type { LetterToRead, ReadParts } from '#protocols/questionnaire/questionnaire.ts'
import { typedFrom } from '../applications/mailed.ts'
import type { AuditLog } from '../audit/audit.ts'
import type { MailHandler, Taking } from '../intake/handlers.ts'
import type { IncomingMail } from '../intake/mail.ts'
import { readSettings } from '../settings/settings.ts'
import { dateIn } from '../shared/calendar.ts'
import type { Clock } from '../shared/clock.ts'
import { after, days, seconds } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { reached } from '../shared/points.ts'
import { storable } from '../shared/storable.ts'
import { answerLetter } from './answers.ts'
import type { LetterState } from './letters.ts'
import { letterFingerprint, letterLife, mostWaiting, plainSubject, shownText } from './letters.ts'
import { giveToLibrary, noteSure } from './rows.ts'
import type { Sender } from './senders.ts'
import { senderOf } from './senders.ts'

/** What was found in a mail before its transaction; undefined: a machine's answer, nobody looks into it. */
interface Prepared {
  read: ReadParts
  /** A machine mustn't answer it. */
  silent: boolean
}

/**
 * Takes mails with questionnaires: each becomes drafts of its library's, or waits for an operator where
 * nobody can be sure whose it is. A library's mail in which nothing was found is answered and stays in the
 * inbox; so does a stranger's, unanswered.
 */
export function createLetterHandler(deps: {
  db: Database
  clock: Clock
  audit: AuditLog
  /** Reads files; never throws. `today`: a calendar date. `limit`: milliseconds, where they are few. */
  read: (letter: LetterToRead, today: string, limit?: number) => Promise<ReadParts>
  /** Names under which the mailbox's server writes its findings. */
  authservIds: readonly string[]
  /** Our own address: what comes from there is our own letter, come round. */
  ownAddress: string
}): MailHandler<Prepared | undefined> {
  const { db, clock, audit, read, authservIds, ownAddress } = deps

  return {
    name: 'questionnaires',

    async prepare(mail) {
      const machine = automatic(mail.headers, mail.from)
      if (machine === 'answer' || mail.from.toLowerCase() === ownAddress.toLowerCase()) return undefined
      const silent = machine === 'bulk' || titledAutomatic(mail.subject)
      if (mail.headOnly) return { read: tooLarge, silent }
      const today = dateIn((await readSettings(db))['region.timeZone'], clock())
      const parts = mail.parts.filter(
        ({ inline, contentType }) => !(inline && contentType.startsWith('image/')),
      )
      const { text, html, subject, unsure } = mail
      const { doubt } = await senderOf(db, mail, authservIds)
      const limit = doubt === 'unknown_sender' || doubt === 'not_authenticated' ? strangersTime : undefined
      const found = await read({ text, subject, unsure, parts, ...(html && { html }) }, today, limit)
      // A busy machine must not make a letter look empty: it is looked at again.
      if (found.faults.some(({ part, code }) => part === '' && code === 'too_slow'))
        throw new Error('the letter’s own text was not read in time')
      return { read: storable(found), silent }
    },

    async handle(tx, mail, prepared): Promise<Taking> {
      if (!prepared) return 'not mine'
      const { read: found, silent } = prepared
      const sender = await senderOf(tx, mail, authservIds, found.libraryCode)
      const nothing = found.questionnaires.length === 0
      if (nothing && (sender.doubt !== undefined || silent || !isMeant(mail, found))) return 'not mine'
      const taking = nothing ? 'noted' : 'taken'
      const now = clock()
      const before = await sameLetter(tx, mail, now)
      if (before?.state === 'waiting' && before.found >= found.questionnaires.length && sender.libraryId) {
        await goOn(tx, before.id, mail, sender.libraryId, silent, now)
        return taking
      }
      // One in which more is found now, since it was sent again or is read better, is a letter of its own.
      if (before && (before.state === 'waiting' || before.found >= found.questionnaires.length)) {
        // The very same mail, come by two ways, is answered once; sent again by a person, it is told where it is.
        const again = before.messageId !== mail.messageId && before.state === 'open' && before.libraryId
        if (again && !silent && !sender.doubt)
          await answerLetter(tx, now, 'library.letter-received', { id: before.id, libraryId: again })
        return taking
      }
      if (sender.doubt && (await isCrowded(tx, mail, now))) return 'no room'
      const letter = await store(tx, mail, found, sender, now)
      if (!silent && sender.libraryId) {
        await answerLetter(tx, now, answerTo(mail, nothing), { id: letter.id, libraryId: sender.libraryId })
      }
      await audit.append(tx, {
        at: now,
        actor: { kind: 'system' },
        action: 'letters.receive',
        subject: { kind: 'letter', id: letter.id },
        libraryId: sender.libraryId,
        details: { found: found.questionnaires.length, sure: letter.sure, doubt: sender.doubt ?? null },
      })
      reached('intake:stored')
      return taking
    },
  }

  /** A letter that waited for an operator, come once more with the proof that it lacked: now it is its library's. */
  async function goOn(
    tx: Transaction,
    id: string,
    mail: IncomingMail,
    libraryId: string,
    silent: boolean,
    now: Date,
  ): Promise<void> {
    const thread = { message_id: messageIdsIn(mail.messageId)[0] ?? '', reference_ids: referencesOf(mail) }
    await giveToLibrary(tx, id, { libraryId, now, ...thread })
    if (!silent) await answerLetter(tx, now, 'library.letter-received', { id, libraryId })
    await audit.append(tx, {
      at: now,
      actor: { kind: 'system' },
      action: 'letters.accept',
      subject: { kind: 'letter', id },
      libraryId,
    })
  }

  async function store(tx: Transaction, mail: IncomingMail, found: ReadParts, sender: Sender, now: Date) {
    const { questionnaires, faults } = found
    const state: LetterState = sender.doubt ? 'waiting' : questionnaires.length === 0 ? 'unreadable' : 'open'
    const { id } = await tx
      .insertInto('mailed_letters')
      .values({
        library_id: sender.libraryId,
        state,
        doubt: sender.doubt ?? null,
        sender: mail.from.toLowerCase(),
        subject: plainSubject(mail.subject),
        message_id: messageIdsIn(mail.messageId)[0] ?? '',
        reference_ids: referencesOf(mail),
        fingerprint: letterFingerprint(mail),
        received_at: now,
        asked_at: sender.libraryId ? now : null,
        expires_at: after(now, letterLife),
        found: questionnaires.length,
        sure: 0,
        original: mail.headOnly ? null : mail.raw,
        body: shownText(found.shown ?? mail.text),
        parts: JSON.stringify(
          storable(
            mail.parts.map(({ name, contentType, content }) => ({
              name,
              contentType,
              bytes: content.length,
            })),
          ),
        ),
        faults: JSON.stringify(faults),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    for (const [index, questionnaire] of questionnaires.entries())
      await tx
        .insertInto('drafts')
        .values({
          origin: 'mail',
          library_id: sender.libraryId,
          letter_id: id,
          letter_place: index + 1,
          fields: JSON.stringify(typedFrom(questionnaire)),
          read: JSON.stringify(questionnaire),
          created_at: now,
          changed_at: now,
          expires_at: after(now, letterLife),
        })
        .execute()
    const sure = sender.libraryId ? await noteSure(tx, id) : 0
    return { id, sure }
  }
}

/** For all of a letter that anybody may have sent: libraries' letters wait behind it. */
const strangersTime = seconds(10)

/** What is said of a mail of which only the header was fetched. */
const tooLarge: ReadParts = { questionnaires: [], faults: [{ part: '', code: 'too_large' }] }

const answerTo = (mail: IncomingMail, nothing: boolean) =>
  mail.headOnly
    ? 'library.letter-too-large'
    : nothing
      ? 'library.letter-unreadable'
      : 'library.letter-received'

/** Too many letters wait for an operator already: all of them, or the sender's of a day. */
async function isCrowded(tx: Transaction, mail: IncomingMail, now: Date): Promise<boolean> {
  const { waiting, today } = await tx
    .selectFrom('mailed_letters')
    .select((eb) => [
      eb.fn.countAll<number>().filterWhere('state', '=', 'waiting').as('waiting'),
      eb.fn
        .countAll<number>()
        .filterWhere('sender', '=', mail.from.toLowerCase())
        .filterWhere('received_at', '>', after(now, -days(1)))
        .as('today'),
    ])
    .where('doubt', 'is not', null)
    .where((eb) => eb.or([eb('state', '=', 'waiting'), eb('received_at', '>', after(now, -days(1)))]))
    .executeTakeFirstOrThrow()
  return Number(waiting) >= mostWaiting.inAll || Number(today) >= mostWaiting.ofSender
}

/** An earlier letter of the same sender with the same text and files, while it is kept. */
async function sameLetter(tx: Transaction, mail: IncomingMail, now: Date) {
  const row = await tx
    .selectFrom('mailed_letters')
    .select(['id', 'state', 'library_id', 'message_id', 'found'])
    .where('fingerprint', '=', letterFingerprint(mail))
    .where('sender', '=', mail.from.toLowerCase())
    .where('state', '!=', 'dismissed')
    .where('expires_at', '>', now)
    .orderBy('received_at', 'desc')
    .limit(1)
    // An operator may be deciding about it.
    .forUpdate()
    .executeTakeFirst()
  if (!row) return undefined
  const { id, state, library_id: libraryId, message_id: messageId, found } = row
  return { id, state, libraryId, messageId, found }
}

/** RFC 5322 §3.6.4: the row that an answer goes on with, without the letter itself; the newest of a long one. */
function referencesOf({ headers, messageId }: IncomingMail): string[] {
  const row = valuesOf(headers, 'references').flatMap(messageIdsIn)
  const before = row.length > 0 ? row : valuesOf(headers, 'in-reply-to').flatMap(messageIdsIn)
  return before.filter((id) => id !== messageId).slice(-mostReferences)
}
const mostReferences = 20

/** An id of one of our own messages. */
const ours = /^<[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}@/i

/** Whether questionnaires were meant to be in it: it has files that gave none, is too large to say, or speaks of them. */
const isMeant = (mail: IncomingMail, { faults }: ReadParts): boolean =>
  mail.headOnly ||
  faults.some(({ part }) => part !== '') ||
  (/анкет/i.test(`${mail.subject} ${mail.text.slice(0, 5000)}`) &&
    !mail.answersTo.some((id) => ours.test(id)))
