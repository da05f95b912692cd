import type { Library } from '../network/network.ts'
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

/** Puts the default text into a region that has none. */
export async function ensureConsentText(tx: Transaction): Promise<void> {
  const { count } = await tx
    .selectFrom('consent_texts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (Number(count) === 0) await tx.insertInto('consent_texts').values({ body: defaultConsentText }).execute()
}

/** The text with the names and addresses of both libraries in their places. */
export function fillConsentText(body: string, central: Library, district: Library): string {
  const named = (library: Library) => [library.name, library.address].filter(Boolean).join(', ')
  return body
    .replaceAll('{central}', named(central))
    .replaceAll('{district}', central.id === district.id ? 'её филиалы' : named(district))
}
