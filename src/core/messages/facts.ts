import { openPasswords } from '../readers/readers.commands.ts'
import { openCode } from '../readers/recovery-codes.ts'
import { ownFund, whereToGo } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import type { Database } from '../shared/db.ts'
import { inTransaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { DeliveryFault } from './driver.ts'
import type { MessageEvent } from './messages.ts'
import type { MessageFacts } from './placeholders.ts'
import { staffFacts } from './staff-facts.ts'
import type { Language } from './template-ids.ts'

/** What a message is about. */
export interface Subject {
  event: MessageEvent
  readerId: string | null
  applicationId: string | null
  libraryId: string | null
  letterId: string | null
  staffId: string | null
  createdAt: Date
}

/** What a message is made of, and the language of whoever gets it. */
export interface Gathered {
  facts: MessageFacts
  language: Language
}

/**
 * All that a message's text is made of; the passwords come out of their seals here and go nowhere else.
 * @throws DeliveryFault when there is nothing to tell any more
 */
export async function gatherFacts(
  db: Database,
  message: Subject,
  { sealer, origin, now, settings }: { sealer: Sealer; origin: string; now: Date; settings: Settings },
): Promise<Gathered> {
  const library = message.libraryId
    ? await db
        .selectFrom('libraries')
        .select(['name', 'phone'])
        .where('id', '=', message.libraryId)
        .executeTakeFirst()
    : undefined
  const facts: MessageFacts = {
    origin,
    libraryName: library?.name ?? '',
    libraryPhone: library?.phone ?? '',
    readerName: '',
    cardNumber: '',
    cardKept: false,
    password: undefined,
    code: undefined,
    provider: undefined,
    ownFund: ownFund(settings),
    applicationId: message.applicationId ?? undefined,
    wayIn: undefined,
    letter: message.letterId ? await letterFacts(db, message.letterId) : undefined,
    overdue: {
      count: message.event === 'central.overdue' ? await overdueCount(db) : 0,
      hoursLimit: settings['queue.hoursLimit'],
    },
  }
  const { readerId, staffId } = message
  if (staffId) {
    const { event } = message
    const own = await staffFacts(db, { event, staffId }, { sealer, origin, now, settings })
    return { facts: { ...facts, ...own }, language: settings['messages.libraryLanguage'] }
  }
  if (!readerId || !message.event.startsWith('reader.'))
    return { facts, language: settings['messages.libraryLanguage'] }
  const reader = await db
    .selectFrom('readers')
    .innerJoin('cards', (join) =>
      join.onRef('cards.reader_id', '=', 'readers.id').on('cards.state', '=', 'issued'),
    )
    .leftJoin('provider_accounts as p', 'p.reader_id', 'readers.id')
    .select([
      'readers.full_name',
      'readers.language',
      'cards.number',
      'cards.issued_at',
      'p.provider',
      'p.number as provider_number',
    ])
    .where('readers.id', '=', readerId)
    .executeTakeFirst()
  if (!reader) throw new DeliveryFault('no_valid_card', false)
  // Taken back since: there is nothing to tell of.
  if (message.event === 'reader.provider' && !reader.provider_number)
    throw new DeliveryFault('no_provider_account', false)
  const passwords = await openPasswords(db, sealer, now, readerId)
  const code =
    message.event === 'reader.code'
      ? await inTransaction(db, (tx) => openCode(tx, sealer, now, readerId))
      : undefined
  // Nobody is helped by a code that doesn't work any more.
  if (message.event === 'reader.code' && code === undefined) throw new DeliveryFault('code_expired', false)
  return {
    language: reader.language as Language,
    facts: {
      ...facts,
      readerName: reader.full_name,
      cardNumber: reader.number,
      cardKept: (reader.issued_at ?? now) < message.createdAt,
      password: passwords.initial,
      code,
      provider: reader.provider_number
        ? {
            name: reader.provider ?? '',
            ...whereToGo(settings),
            number: reader.provider_number,
            password: passwords.provider,
          }
        : undefined,
    },
  }
}

async function letterFacts(db: Database, id: string): Promise<MessageFacts['letter']> {
  const { found, sure, faults } = await db
    .selectFrom('mailed_letters')
    .select(['found', 'sure', (eb) => eb.fn<number>('jsonb_array_length', ['faults']).as('faults')])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { id, found, sure, unread: Number(faults) }
}

/** How many of those that were found to wait too long still wait. */
async function overdueCount(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('applications')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', 'sent')
    .where('overdue_told_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}
