/** What libraries call the rows of the form. A label is known by all of its words, never by one among others. */

export type Label =
  | 'fullName'
  /** «ФИО, дата рождения»: both in one row or column. */
  | 'nameAndDate'
  | 'surname'
  | 'givenName'
  | 'patronymic'
  | 'email'
  | 'birthDate'
  | 'phone'
  | 'cardNumber'
  | 'password'
  | 'libraryCode'

/** Labels of what a questionnaire begins with. */
export const naming: ReadonlySet<Label> = new Set(['fullName', 'nameAndDate', 'surname'])

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u))

/** Say nothing about whose it is or what it is. */
const harmless = words(
  `полностью читателя читательницы пользователя ребенка ученика ученицы учащегося обязательно обязательное
  поле дд мм гггг гг в формате формат личный личная ваш ваша ваше ваши действующий действующая при наличии
  последнее по паспорту как`,
)

interface Kind {
  label: Label
  /** Any of these, word for word, once the harmless words are out. */
  said?: ReadonlySet<string>
  /** Or: at least one of `core` and beside it nothing but `beside`. */
  core?: ReadonlySet<string>
  beside?: ReadonlySet<string>
}

const phrases = (text: string): ReadonlySet<string> =>
  new Set(text.split('|').map((each) => each.trim().replace(/\s+/gu, ' ')))

const kinds: readonly Kind[] = [
  {
    label: 'fullName',
    said: phrases(`фио|ф и о|фамилия имя отчество|фамилия имя и отчество|фамилия имя|фамилия и имя|имя фамилия|
      имя и фамилия|имя отчество фамилия|имя отчество и фамилия|имя фамилия отчество|полное имя|имя фио|
      фио фамилия имя отчество|фамилия имя отчество фио|full name|name surname|surname name|фио полное|читатель`),
  },
  { label: 'surname', said: phrases('фамилия|фам|surname|last name') },
  { label: 'givenName', said: phrases('имя|first name') },
  { label: 'patronymic', said: phrases('отчество|отч') },
  {
    label: 'email',
    said: phrases('электронный адрес|эл адрес|адрес электронный|эл ящик|электронный ящик|электронка'),
    core: words('email mail емейл имейл мейл емайл имэйл емэйл мэйл емаил майл почта почты почтой почте'),
    beside: words('e е адрес электронная электронной электронный электрон электр эл э ящик и или'),
  },
  {
    label: 'birthDate',
    said: phrases('др|д р|дата р|родился|родилась|год р|г р'),
    core: words('рождения рожд рожден рождение'),
    beside: words('дата день число месяц год и д полная'),
  },
  {
    label: 'phone',
    core: words('телефон телефона тел телеф сотовый мобильный моб сот мобильного сотового phone mobile тлф'),
    said: phrases('контактный номер|номер для связи|т'),
    beside: words('контактный контактного контактн конт номер для связи связь н whatsapp вотсап ватсап'),
  },
  {
    label: 'cardNumber',
    core: words('билета билет чб'),
    beside: words('номер читательского читательский чит читат н'),
  },
  { label: 'password', core: words('пароль password'), beside: words('для входа и') },
  { label: 'libraryCode', said: phrases('код библиотеки') },
]

/** What helps to fill in: «(дд.мм.гггг)», «(например, 05.03.2009)», «(+7…)», «*». */
const hints = /\((?:[^()]*(?:например|пример|напр\.|образец|формат|заполня)[^()]*|[^\p{L}()]*)\)/giu

/** Longer is no label. In characters. */
export const mostLabel = 120

/** The row that a text names, when it is a label and nothing else. */
export function labelOf(text: string): Label | undefined {
  if (text.length > mostLabel) return undefined
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/ё/gu, 'е')
    .replace(hints, ' ')
    .replace(/^\s*\(?\d{1,2}\s*[.)]\s*/u, '')
  if (/[\d@]/u.test(plain)) return undefined
  // Half-Cyrillic «е-mаil».
  const all = (plain.match(/\p{L}+/gu) ?? []).map((word) =>
    /^(m[аa][иi]l|mаil)$/u.test(word) ? 'mail' : word,
  )
  const said = all.filter((word) => !harmless.has(word))
  if (said.length === 0 || said.length > 8) return undefined
  return kindOf(said) ?? (isNameAndDate(said) ? 'nameAndDate' : undefined)
}

const kindOf = (said: readonly string[]): Label | undefined =>
  kinds.find(
    ({ said: known, core, beside }) =>
      known?.has(said.join(' ')) ||
      (core &&
        said.some((word) => core.has(word)) &&
        said.every((word) => core.has(word) || beside?.has(word))),
  )?.label

/** «ФИО и дата рождения»: a label of each, one behind the other. */
const isNameAndDate = (said: readonly string[]): boolean =>
  said.some((word, at) => {
    const date = said.slice(word === 'и' ? at + 1 : at)
    return kindOf(said.slice(0, at)) === 'fullName' && kindOf(date) === 'birthDate'
  })

const foreignStems =
  /(^|[^\p{L}])(родител|законн|представител|опекун|мам[аыеу]($|\P{L})|пап[аыеу]($|\P{L})|мат(ь|ери)($|\P{L})|отец|отца|бабушк|дедушк|библиотекар|сотрудник|работник|ответственн|директор|завед|исполнител|отправител|заполнил|должност|запасн|дополнительн|домашн|рабоч|втор(ой|ая)|друг(ой|ая)|экстренн|библиотек[аиу]|отдел|школ|учител|контакты)/iu

/** Speaks of somebody else than the reader, or of a second telephone and the like. */
export const isForeign = (text: string): boolean => foreignStems.test(text)

const beginning = String.raw`^[^\p{L}]*((данные|сведения|контакты|кто)\s+)?`

/** A heading above a representative's own rows; with something behind a colon it is a row itself. */
export const isFamilyHeading = (text: string): boolean =>
  text.length <= 60 &&
  !/:.*\S/u.test(text) &&
  new RegExp(
    `${beginning}(о )?(законн|родител|представител|опекун|мам[аы]($|\\P{L})|мат(ь|ери)($|\\P{L})|отец|отца|бабушк)`,
    'iu',
  ).test(text)

/** A line about whoever filled in or sent the questionnaire, or a sum below a list. */
export const isStaffLine = (text: string): boolean =>
  new RegExp(
    `${beginning}(библиотекар|сотрудник|работник|ответственн|директор|зав(ед|\\.|\\s)|исполнител|отправител|заполнил|анкету заполнил|методист|итого|всего|примечан)`,
    'iu',
  ).test(text)

/** The beginning of a questionnaire: its title, «Читатель 2», a line of dashes. */
export const isTitle = (text: string): boolean =>
  /^\W*(анкета|читатель|читатели)(\s|$|[^\p{L}])/iu.test(text.replace(/^[^\p{L}]+/u, '')) ||
  /^\s*(№\s*)?\d{1,3}\s*[.)]?\s*$/u.test(text) ||
  /^\s*([-=_*~—–]\s?){3,}\s*$/u.test(text)

export interface Labelled {
  label: Label
  /** What stands after the label, '' when nothing does. */
  value: string
  /** A colon or the like stood between. */
  separated: boolean
}

const separators = /\s*[:=|\t]\s*|\s+[-–—]+\s*|\s*[–—]\s+|\s{2,}|\s*[._…]{3,}\s*|(?<=\p{L})[-–—.](?=\+?\d)/gu

/** Without spaces and bars at its end. An expression would look for that end at each of them anew. */
function withoutBars(text: string): string {
  let end = text.length
  while (end > 0 && /[\s|]/u.test(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** «Телефон: 8 910 …», «тел. 8 910 …», «Дата рождения — 5 марта 2009 г.»; undefined for any other line. */
export function readLabelled(line: string): Labelled | undefined {
  const text = withoutBars(line.replace(/^[\s•·*▪●|\-–—]+/u, ''))
  const alone = labelOf(text)
  if (alone) return { label: alone, value: '', separated: true }
  for (const found of text.matchAll(separators)) {
    if (found.index > mostLabel) break
    const before = text.slice(0, found.index)
    // «Здравствуйте! ФИО: …»
    const label = labelOf(before) ?? labelOf(before.replace(/^.*([!?]|[^.\s]{3,}\.)\s+/u, ''))
    if (label)
      return { label, value: withoutRule(text.slice(found.index + found[0].length)), separated: true }
  }
  const parts = text.split(' ')
  for (let count = Math.min(parts.length - 1, 6); count > 0; count -= 1) {
    const label = labelOf(parts.slice(0, count).join(' '))
    const value = withoutRule(parts.slice(count).join(' '))
    // «Телефон библиотеки: …» is the label of something else.
    if (label) return /:(?!\/\/)/u.test(value) ? undefined : { label, value, separated: false }
  }
  return undefined
}

/** Without the line that was drawn to write on. */
export const withoutRule = (value: string): string =>
  value
    .replace(/_{2,}|…{2,}|\.{4,}/gu, ' ')
    .replace(/^[\s:=|–—-]+(?=\s|$|[^\d])/u, '')
    .trim()
