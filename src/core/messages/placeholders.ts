import type { Carries, Values } from '../../protocols/message/template.ts'
import { spacedCardNumber } from '../cards/cards.ts'
import type { MessageEvent } from './messages.ts'
import type { Language, TemplateId, TextChannel } from './template-ids.ts'

/** All that texts are made of. Passwords are here only between the seal and the gateway. */
export interface MessageFacts {
  origin: string
  libraryName: string
  libraryPhone: string
  /** Of whoever gets it, a staff member too. */
  readerName: string
  cardNumber: string
  /** The card is older than the message: the reader has it already. */
  cardKept: boolean
  /** Undefined once the readable copy is gone. */
  password: string | undefined
  /** For choosing a new password; undefined once it doesn't work any more. */
  code: string | undefined
  provider:
    | {
        name: string
        address: string
        /** Where its app is had, a line each. */
        apps: readonly string[]
        instructions: string
        number: string
        password: string | undefined
      }
    | undefined
  /** Books are read here, too; else at the provider alone. */
  ownFund: boolean
  applicationId: string | undefined
  /** Of a letter to a staff member: his one-time link and until when it works, who made it, whom to ask. */
  wayIn:
    | {
        /** '' where the letter carries none. */
        link: string
        until: string
        by: string
        centralName: string
        /** A line each. */
        contacts: string
      }
    | undefined
  /** A letter with questionnaires: how many were read, how many of them surely, how many files were not. */
  letter: { id: string; found: number; sure: number; unread: number } | undefined
  /** How many questionnaires wait longer than so many hours. */
  overdue: { count: number; hoursLimit: number }
}

const common = ['библиотека', 'телефон библиотеки', 'адрес'] as const
const ofReader = ['имя', 'билет', ...common, 'страница входа', 'страница пароля'] as const
const ofProvider = [
  'поставщик',
  'адрес поставщика',
  'приложения поставщика',
  'указания поставщика',
  'номер у поставщика',
  'пароль у поставщика',
] as const
const forLibrary = { allowed: [...common, 'ссылка'], required: ['ссылка'] } as const
const forLetter = {
  allowed: [...common, 'ссылка', 'сколько анкет', 'сколько готово', 'сколько проверить', 'сколько файлов'],
  required: ['ссылка'],
} as const
const toStaff = ['имя', 'кто приглашает', 'центральная библиотека', 'контакты отдела', ...common] as const
const invitation = [...toStaff, 'ссылка для входа', 'срок'] as const
const wayIn = ['ссылка для входа'] as const
const card = ['билет', 'пароль'] as const

/** The names that texts about an event may use, and those that they are no good without. */
const carried = {
  'reader.registered': { allowed: [...ofReader, 'пароль', ...ofProvider], required: card },
  'reader.credentials': { allowed: [...ofReader, 'какой билет', 'пароль'], required: card },
  'reader.new-password': { allowed: [...ofReader, 'пароль'], required: card },
  'reader.code': { allowed: [...ofReader, 'код'], required: ['код'] },
  'reader.password-changed': { allowed: ofReader, required: [] },
  'reader.card-replaced': { allowed: ofReader, required: ['билет'] },
  'reader.provider': {
    allowed: [...ofReader, 'пароль', ...ofProvider],
    required: ['номер у поставщика', 'пароль у поставщика'],
  },
  'library.registered': forLibrary,
  'library.existing': forLibrary,
  'library.returned': forLibrary,
  'library.refused': forLibrary,
  'library.withdrawn': forLibrary,
  'library.possible-duplicate': forLibrary,
  'library.letter-received': forLetter,
  'library.letter-unreadable': { allowed: [...common, 'ссылка'], required: [] },
  'library.letter-too-large': { allowed: [...common, 'ссылка'], required: [] },
  'library.letter-waiting': forLetter,
  'library.letter-expired': forLetter,
  'library.invitation': { allowed: invitation, required: wayIn },
  'staff.invitation': { allowed: invitation, required: wayIn },
  'staff.reset': { allowed: invitation, required: wayIn },
  'staff.password-changed': {
    allowed: ['имя', 'адрес', 'страница сотрудников', 'контакты отдела'],
    required: [],
  },
  'central.overdue': {
    allowed: ['сколько анкет', 'сколько часов', 'адрес', 'ссылка'],
    required: ['ссылка'],
  },
} as const satisfies Record<MessageEvent, Carries>

export type PlaceholderName = (typeof carried)[MessageEvent]['allowed'][number]

export const messageEvents = Object.keys(carried) as MessageEvent[]

/** A gateway gets a number and what is to be read there, no reader's name. */
const notBySms: readonly string[] = ['имя']
/** A subject is shown on a locked screen. */
const notInSubject: readonly string[] = [
  'билет',
  'пароль',
  'код',
  'номер у поставщика',
  'пароль у поставщика',
  'ссылка для входа',
]

export function bodyCarries(channel: TextChannel, event: MessageEvent): Carries {
  const { allowed, required } = carried[event]
  // On paper the link stands below the text, beside its code.
  if (channel === 'paper') return { allowed, required: [] }
  return { allowed: allowed.filter((name) => channel === 'email' || !notBySms.includes(name)), required }
}

export const subjectCarries = (event: MessageEvent): Carries => ({
  allowed: carried[event].allowed.filter((name) => !notInSubject.includes(name)),
  required: [],
})

/** What takes the place of what isn't there, and words that go with facts. */
const words = {
  ru: {
    noPassword: 'уже показан; новый даст ваша библиотека',
    noProviderPassword: 'спросите у библиотекаря',
    provider: 'Поставщик книг',
    cardKept: 'прежний',
    cardNew: 'новый',
  },
  en: {
    noPassword: 'shown already; your library gives a new one',
    noProviderPassword: 'ask your librarian',
    provider: 'The provider of books',
    cardKept: 'the same as before',
    cardNew: 'a new one',
  },
} as const

/** What each name stands for in one message; '' where there is nothing to say. */
export function valuesOf(facts: MessageFacts, { channel, event, language }: TemplateId): Values {
  const { origin, provider } = facts
  const letter = event.startsWith('library.letter-') ? facts.letter : undefined
  const say = words[language]
  // A message about the provider's account brings along the own card only where that opens anything.
  const own = event !== 'reader.provider' || facts.ownFund
  const values: Record<PlaceholderName, string> = {
    имя: facts.readerName,
    // By SMS every sign costs.
    билет: !own ? '' : channel === 'sms' ? facts.cardNumber : spacedCardNumber(facts.cardNumber),
    'какой билет': facts.cardKept ? say.cardKept : say.cardNew,
    пароль: own ? (facts.password ?? say.noPassword) : '',
    код: facts.code ?? '',
    библиотека: facts.libraryName,
    'телефон библиотеки': facts.libraryPhone,
    адрес: origin,
    'страница входа': `${origin}/sign-in`,
    'страница пароля': `${origin}/recover`,
    'страница сотрудников': `${origin}/staff`,
    'ссылка для входа': facts.wayIn?.link ?? '',
    срок: facts.wayIn?.until ?? '',
    'кто приглашает': facts.wayIn?.by ?? '',
    'центральная библиотека': facts.wayIn?.centralName ?? '',
    'контакты отдела': facts.wayIn?.contacts ?? '',
    ссылка: linkOf(facts, event),
    поставщик: provider ? provider.name || say.provider : '',
    'адрес поставщика': provider?.address ?? '',
    'приложения поставщика': provider?.apps.join('\n') ?? '',
    'указания поставщика': provider?.instructions ?? '',
    'номер у поставщика': provider?.number ?? '',
    'пароль у поставщика': provider ? (provider.password ?? say.noProviderPassword) : '',
    'сколько анкет': String(letter ? letter.found : facts.overdue.count),
    'сколько готово': String(letter?.sure ?? 0),
    'сколько проверить': letter && letter.found > letter.sure ? String(letter.found - letter.sure) : '',
    'сколько файлов': letter && letter.unread > 0 ? String(letter.unread) : '',
    'сколько часов': String(facts.overdue.hoursLimit),
  }
  return values
}

function linkOf({ origin, applicationId, letter }: MessageFacts, event: MessageEvent): string {
  if (event === 'central.overdue') return `${origin}/staff/applications?waits=over`
  if (event.startsWith('library.letter-')) return `${origin}/staff/letters/${letter?.id}`
  return `${origin}/staff/applications/${applicationId}`
}

const sampleWayIn = {
  ru: {
    until: '1 декабря 2026 г.',
    by: 'Методистова Мария Львовна',
    centralName: 'Областная библиотека',
    contacts: 'Методический отдел\n+7 4942 00-00-00\nmetod@library.example',
  },
  en: {
    until: '1 December 2026',
    by: 'Mary Methodova',
    centralName: 'Regional library',
    contacts: 'Methodological department\n+7 4942 00-00-00\nmetod@library.example',
  },
} as const

const sampleId = { id: '01900000-0000-7000-8000-000000000000' }

/**
 * Facts to show a text with, as long as real ones; the addresses are the region's own.
 * @param all or only what is always there
 */
export function sampleFacts(
  language: Language,
  region: { origin: string; providerName: string; providerAddress: string; hoursLimit: number },
  all: boolean,
  event?: MessageEvent,
): MessageFacts {
  const withProvider = all || event === 'reader.provider'
  return {
    origin: region.origin,
    libraryName: language === 'ru' ? 'Районная библиотека' : 'District library',
    libraryPhone: all ? '+7 4942 00-00-00' : '',
    readerName: language === 'ru' ? 'Образцова Анна Петровна' : 'Anna Obraztsova',
    cardNumber: '2000000000008',
    cardKept: true,
    password: 'abcd2345',
    code: '123456',
    ownFund: all,
    provider: withProvider
      ? {
          name: region.providerName || words[language].provider,
          address: all ? region.providerAddress || 'https://books.example' : '',
          apps: all ? ['iPhone: https://apps.example/1', 'Android: https://apps.example/2'] : [],
          instructions: '',
          number: '123456789',
          password: 'efgh6789',
        }
      : undefined,
    applicationId: sampleId.id,
    wayIn: {
      ...sampleWayIn[language],
      ...(all ? {} : { by: '', contacts: '' }),
      link: `${region.origin}/staff/invitation?key=${'x'.repeat(43)}`,
    },
    letter: { ...sampleId, found: 6, sure: all ? 4 : 6, unread: all ? 1 : 0 },
    overdue: { count: 3, hoursLimit: region.hoursLimit },
  }
}
