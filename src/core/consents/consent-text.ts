import type { Library } from '../network/network.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { Transaction } from '../shared/db.ts'

/**
 * The consent that a new region begins with: a document of its own, with what 152-ФЗ art. 9 part 4 asks for.
 * Names of libraries are put in while printing, so that one text serves the whole network.
 */
export const defaultConsentText = `# Согласие на обработку персональных данных

Я даю согласие операторам персональных данных: {central} и {district}, на обработку моих персональных данных (или данных ребёнка, законным представителем которого я являюсь), указанных в этом документе. Согласие даётся свободно, своей волей и в своём интересе.

Цель: запись в Смарт-библиотеку, выдача читательского билета и пароля, выдача электронных книг, сообщения о билете, выдачах и заявках.

Какие данные обрабатываются:

- фамилия, имя, отчество;
- дата рождения;
- адрес электронной почты и номер контактного телефона;
- номер читательского билета, сведения о выдачах и заявках.

Адрес и реквизиты документа, вписанные ниже, нужны только для этого документа: он хранится в библиотеке на бумаге, в электронную систему адрес и реквизиты не вносятся.

Что делается с данными: сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, передача между названными библиотеками, блокирование, удаление и уничтожение, с использованием средств автоматизации и без них. Поручений на обработку другим лицам операторы не дают; передача данных поставщику книг или оператору связи оформляется отдельным согласием.

Срок: согласие действует, пока я (или ребёнок) пользуюсь Смарт-библиотекой. Его можно отозвать в любое время, написав заявление в любую из названных библиотек; после отзыва данные уничтожаются в течение 30 дней.
`

/** Whom readers' data may be handed over to; empty names stand for nobody. */
export interface Receivers {
  provider: { name: string; address: string }
  /** The SMS gateway's firm as its contract names it; '' when SMS need no such consent. */
  gateway: string
}

/**
 * The separate consent that a region begins with when it hands data over. Its receivers stand in the text
 * itself: another one is another version, which readers are asked for anew.
 */
export function defaultHandoverText({ provider, gateway }: Receivers): string {
  const receivers = [
    provider.name &&
      `- поставщику электронных книг «${provider.name}»${provider.address && ` (${provider.address})`}, чтобы он открыл мне учётную запись и выдавал книги; передаются фамилия, имя, отчество, дата рождения, адрес электронной почты, номер телефона;`,
    gateway &&
      `- оператору рассылки СМС: ${gateway}, чтобы мне приходили сообщения библиотеки; передаются номер телефона и текст сообщения.`,
  ].filter(Boolean)
  return `# Согласие на передачу персональных данных третьим лицам

Я даю согласие операторам персональных данных: {central} и {district}, на передачу моих персональных данных (или данных ребёнка, законным представителем которого я являюсь) лицам, названным в этом документе. Согласие даётся свободно, своей волей и в своём интересе, отдельно от согласия на обработку: без него запись в Смарт-библиотеку всё равно состоится.

Кому, зачем и какие данные передаются:

${receivers.join('\n') || '- наименование и адрес получателя, цель, перечень данных'}

Что делается с данными: передача (предоставление) названным лицам; названные лица записывают, хранят, уточняют, используют, блокируют, удаляют и уничтожают их только для названной цели, с использованием средств автоматизации. Дальше никому другому данные не передаются, публично не раскрываются, за границу не отправляются.

Срок: согласие действует, пока я (или ребёнок) пользуюсь Смарт-библиотекой. Его можно отозвать в любое время отдельно от согласия на обработку: в Смарт-библиотеке на странице «Мои данные» или заявлением в любую из названных библиотек. После отзыва передача прекращается, а названные лица уничтожают полученные данные в течение 30 дней.
`
}

/** Puts the default texts into a region that has none; the one about handing over where there is a receiver. */
export async function ensureConsentText(tx: Transaction): Promise<void> {
  const rows = await tx.selectFrom('consent_texts').select('kind').distinct().execute()
  const missing = (kind: string) => rows.every((row) => row.kind !== kind)
  if (missing('processing'))
    await tx.insertInto('consent_texts').values({ kind: 'processing', body: defaultConsentText }).execute()
  const receivers = receiversOf(await readSettings(tx))
  if (missing('handover') && (receivers.provider.name || receivers.gateway))
    await tx
      .insertInto('consent_texts')
      .values({ kind: 'handover', body: defaultHandoverText(receivers) })
      .execute()
}

export function receiversOf(settings: Settings): Receivers {
  const needs = settings['consents.handoverFor']
  const provider = { name: settings['provider.name'], address: settings['provider.address'] }
  return {
    provider: needs === 'none' ? { name: '', address: '' } : provider,
    gateway: needs === 'provider_and_sms' ? 'наименование и адрес оператора рассылки' : '',
  }
}

/** The text with the names and addresses of both libraries in their places. */
export function fillConsentText(body: string, central: Library, district: Library): string {
  const named = (library: Library) => [library.name, library.address].filter(Boolean).join(', ')
  return body
    .replaceAll('{central}', named(central))
    .replaceAll('{district}', central.id === district.id ? 'её филиалы' : named(district))
}
