import { spacedCardNumber } from '../cards/cards.ts'
import type { MessageEvent } from './messages.ts'

/** All that texts are made of. Passwords are here only between the seal and the gateway. */
export interface MessageFacts {
  origin: string
  libraryName: string
  libraryPhone: string
  readerName: string
  cardNumber: string
  /** The card is older than the message: the reader has it already. */
  cardKept: boolean
  /** Undefined once the readable copy is gone. */
  password: string | undefined
  /** For choosing a new password; undefined once it doesn't work any more. */
  code: string | undefined
  provider: { name: string; address: string; number: string; password: string | undefined } | undefined
  applicationId: string | undefined
  /** How many questionnaires wait longer than so many hours. */
  overdue: { count: number; hoursLimit: number }
}

export interface MessageText {
  subject: string
  text: string
}

type Writer = (facts: MessageFacts) => MessageText

/** Goes on after «Пароль». */
const noPassword = 'уже показан; новый даст ваша библиотека'

/** SMS are short: 70 signs a part in Russian, and each part costs the library money. */
const smsTexts: Partial<Record<MessageEvent, Writer>> = {
  'reader.credentials': (facts) => ({
    subject: '',
    text: [
      `Смарт-библиотека ${facts.origin}`,
      facts.cardKept ? 'Вы уже записаны, билет прежний' : 'Вы уже записаны, билет новый',
      `Билет ${facts.cardNumber}`,
      `Пароль ${facts.password ?? noPassword}`,
    ].join('\n'),
  }),
  'reader.new-password': (facts) => ({
    subject: '',
    text: [
      `Новый пароль Смарт-библиотеки ${facts.origin}`,
      `Билет ${facts.cardNumber}`,
      `Пароль ${facts.password ?? noPassword}`,
    ].join('\n'),
  }),
  'reader.code': (facts) => ({
    subject: '',
    text: `Код ${facts.code} для нового пароля Смарт-библиотеки. Действует полчаса. Никому его не называйте.`,
  }),
  'reader.registered': (facts) => ({
    subject: '',
    text: [
      `Смарт-библиотека ${facts.origin}`,
      `Билет ${facts.cardNumber}`,
      `Пароль ${facts.password ?? noPassword}`,
      ...(facts.provider
        ? [
            `${facts.provider.name}: ${facts.provider.number}, пароль ${facts.provider.password ?? 'у библиотекаря'}`,
          ]
        : []),
    ].join('\n'),
  }),
}

const mailTexts: Record<MessageEvent, Writer> = {
  'reader.credentials': (facts) => ({
    subject: 'Новый пароль к читательскому билету Смарт-библиотеки',
    text: paragraphs(
      `Здравствуйте, ${facts.readerName}!`,
      `Вы уже записаны в Смарт-библиотеку, второй раз записываться не нужно. ${
        facts.cardKept ? 'Билет у вас прежний, пароль — новый.' : 'Билет и пароль у вас теперь новые.'
      } Книги и место, где вы остановились, сохранились.`,
      `Номер читательского билета: ${spacedCardNumber(facts.cardNumber)}\nПароль: ${facts.password ?? noPassword}`,
      'Прежний пароль больше не действует; на всех устройствах нужно войти заново.',
      `Как войти: откройте ${facts.origin}/sign-in, введите номер и пароль, нажмите «Войти с читательским билетом».`,
      `Если это были не вы, сразу обратитесь в библиотеку: ${facts.libraryName}${facts.libraryPhone && `, ${facts.libraryPhone}`}.`,
    ),
  }),
  'reader.new-password': (facts) => ({
    subject: 'Новый пароль к читательскому билету',
    text: paragraphs(
      `Здравствуйте, ${facts.readerName}!`,
      'Библиотека выдала вам новый пароль. Прежний больше не действует; на всех устройствах нужно войти заново.',
      `Номер читательского билета: ${spacedCardNumber(facts.cardNumber)}\nПароль: ${facts.password ?? noPassword}`,
      `Как войти: откройте ${facts.origin}/sign-in, введите номер и пароль, нажмите «Войти с читательским билетом».`,
      `Если вы об этом не просили, сразу обратитесь в библиотеку: ${facts.libraryName}${facts.libraryPhone && `, ${facts.libraryPhone}`}.`,
    ),
  }),
  'reader.code': (facts) => ({
    subject: 'Код для нового пароля Смарт-библиотеки',
    text: paragraphs(
      `Здравствуйте, ${facts.readerName}!`,
      `Код для нового пароля: ${facts.code}`,
      `Введите его на странице ${facts.origin}/recover. Код действует полчаса. Никому его не называйте: сотрудники библиотеки о нём не спрашивают.`,
      'Если вы не просили о коде, ничего делать не нужно: пароль остался прежним.',
    ),
  }),
  'reader.password-changed': (facts) => ({
    subject: 'Пароль Смарт-библиотеки изменён',
    text: paragraphs(
      `Здравствуйте, ${facts.readerName}!`,
      'Пароль к вашему читательскому билету изменён; на других устройствах нужно войти заново.',
      `Если это были не вы, смените пароль на странице ${facts.origin}/recover или обратитесь в библиотеку: ${facts.libraryName}${facts.libraryPhone && `, ${facts.libraryPhone}`}.`,
    ),
  }),
  'library.existing': (facts) => ({
    subject: 'Читатель уже был записан',
    text: paragraphs(
      'Анкета вашей библиотеки готова: этот читатель уже был записан в Смарт-библиотеку. Второй записи нет; пароль у читателя теперь новый.',
      `Номер билета и памятка (откроются после входа сотрудника):\n${facts.origin}/staff/applications/${facts.applicationId}`,
    ),
  }),
  'reader.registered': (facts) => ({
    subject: 'Ваш читательский билет Смарт-библиотеки',
    text: paragraphs(
      `Здравствуйте, ${facts.readerName}!`,
      `${facts.libraryName} записала вас в Смарт-библиотеку. Теперь можно бесплатно читать книги на телефоне, планшете или компьютере.`,
      `Номер читательского билета: ${spacedCardNumber(facts.cardNumber)}\nПароль: ${facts.password ?? noPassword}`,
      `Как войти: откройте ${facts.origin}/sign-in, введите номер и пароль, нажмите «Войти с читательским билетом».`,
      facts.provider &&
        `Ещё одна учётная запись, «${facts.provider.name}»${facts.provider.address && ` (${facts.provider.address})`}:\nНомер: ${facts.provider.number}\nПароль: ${facts.provider.password ?? 'спросите у библиотекаря'}`,
      `Если что-то не получается, обратитесь в свою библиотеку${facts.libraryPhone && `: ${facts.libraryPhone}`}.`,
    ),
  }),
  'library.registered': (facts) => ({
    subject: 'Читатель зарегистрирован',
    text: paragraphs(
      'Анкета вашей библиотеки готова: читатель зарегистрирован.',
      `Номер билета и памятка (откроются после входа сотрудника):\n${facts.origin}/staff/applications/${facts.applicationId}`,
    ),
  }),
  'library.returned': (facts) => ({
    subject: 'Анкету нужно исправить',
    text: paragraphs(
      'Центральная библиотека вернула анкету вашей библиотеки: в ней нужно кое-что исправить.',
      `Что именно, видно здесь (после входа сотрудника):\n${facts.origin}/staff/applications/${facts.applicationId}`,
    ),
  }),
  'library.refused': (facts) => ({
    subject: 'По анкете отказ',
    text: paragraphs(
      'Центральная библиотека не может зарегистрировать читателя по анкете вашей библиотеки.',
      `Почему, видно здесь (после входа сотрудника):\n${facts.origin}/staff/applications/${facts.applicationId}`,
    ),
  }),
  'library.withdrawn': (facts) => ({
    subject: 'Анкета снята с очереди',
    text: paragraphs(
      'Центральная библиотека сняла анкету вашей библиотеки с очереди: решения по ней не будет.',
      `Почему, видно здесь (после входа сотрудника):\n${facts.origin}/staff/applications/${facts.applicationId}`,
    ),
  }),
  'central.overdue': (facts) => ({
    subject: 'Анкеты ждут слишком долго',
    text: paragraphs(
      `Дольше ${facts.overdue.hoursLimit} ч решения ждут анкеты: ${facts.overdue.count}. Районные библиотеки и читатели ждут ответа.`,
      `Очередь (откроется после входа сотрудника):\n${facts.origin}/staff/applications?waits=over`,
    ),
  }),
}

/** Whether a channel has words for an event. */
export const carries = (channel: string, event: MessageEvent): boolean =>
  channel !== 'sms' || event in smsTexts

/** The text of a message. @throws RangeError for an event that this channel doesn't carry */
export function writeMessage(channel: string, event: MessageEvent, facts: MessageFacts): MessageText {
  const writer = channel === 'sms' ? smsTexts[event] : mailTexts[event]
  if (!writer) throw new RangeError(`${event} has no ${channel} text`)
  return writer(facts)
}

const paragraphs = (...parts: (string | undefined | '')[]) => `${parts.filter(Boolean).join('\n\n')}\n`
