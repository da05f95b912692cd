import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { birthDateBeyond, birthDateDoubtful, monthMayBeFirst, readBirthDate } from '../person/birth-dates.ts'
import { distance, emailFault, mailDomains, meantEmail, tidyEmail } from '../person/emails.ts'
import { fullNameFault, mixedWord, properCase, tidyFullName } from '../person/full-names.ts'
import { glanceAtPhone } from '../person/phones.ts'
import { isGivenName } from './given-names.ts'
import { labelOf } from './labels.ts'
import type { Doubt, ReadField } from './questionnaire.ts'
import { struckOut } from './document.ts'

/**
 * One value of each field. The rules are those of `protocols/person`; a file can't be asked back, so what a form
 * would only hint at is a doubt here.
 */

const mostRaw = 300

type Reading = { value?: string; doubts: readonly Doubt[] }

const nothing = /^[\s\-–—_.…/\\*]*$/u
const said =
  /^\(?(нет|не имеет(ся)?|не указан[аоы]?|отсутствует|нет данных|прочерк|нету|n\/a|none|не знаю|без отчества)\)?\.?$/iu

/** Nothing, a dash, or «нет». */
export const isNothing = (raw: string): boolean => nothing.test(raw) || said.test(raw.trim())

const read = (raw: string, reading: (plain: string) => Reading): ReadField => {
  const plain = raw.replace(/\s+/gu, ' ').trim()
  const kept = plain.slice(0, mostRaw)
  if (isNothing(plain)) return { raw: kept, value: undefined, doubts: ['missing'] }
  if (plain.length > mostRaw) return { raw: kept, value: undefined, doubts: ['malformed'] }
  const { value, doubts } = reading(plain)
  const struck: Doubt[] = plain.includes(struckOut) ? ['ambiguous'] : []
  return { raw: kept, value, doubts: [...new Set([...doubts, ...struck])] }
}

/** Words of forms and of libraries; nobody's name. */
const notNames =
  /(^|[ -])((не|нет|дата|образец|пример|школа|класса?|адрес|ул|улица|город|село|подпись|итого|всего|мам[аы]|пап[аы]|тел|моб)(?!\p{L})|данные|данных|указан|отсутств|анкет|читател|библиотек|районн|областн|отдел(?!\p{L}|ен)|филиал|уважаем|спасибо|заполн|телефон|мобильн)/iu
/** How patronymics end, and nothing that is only the beginning of one. */
export const patronymic = /(вич|(?<!\p{L})(иль|кузьм|лук|фом)ич|вна|ична|чна|оглы|оглу|кызы|гызы|улы)$/iu
const partOfName = /^(оглы|оглу|кызы|гызы|улы|ибн|бин|бинт)$/iu
const wellCased =
  /^(\p{Lu}\p{Ll}*(['-]\p{Lu}?\p{Ll}+)*|\p{Lu}'\p{Lu}\p{Ll}+(-\p{Lu}\p{Ll}+)*|(Mc|Mac|Ди|Де)\p{Lu}\p{Ll}+)$/u

export const readFullName = (raw: string): ReadField =>
  read(raw, (plain) => {
    const tidy = tidyFullName(plain).replace(/(\p{L}{3,})[.,;]+$/u, '$1')
    if (fullNameFault(tidy) || notNames.test(tidy)) return { doubts: ['malformed'] }
    const name = properCase(tidy) ?? tidy
    const all = name.split(' ')
    if (all.some((word) => labelOf(word))) return { value: name, doubts: ['malformed'] }
    const doubts: Doubt[] = []
    if (mixedWord(name)) doubts.push('misspelt')
    if (all.length < 2 || all.some((word) => word.includes('.') || word.replace(/\P{L}/gu, '').length < 2))
      doubts.push('incomplete')
    // «Мария Иванова»: the house keeps the surname first, and a surname isn't told from a name by its looks.
    if (isGivenName(all[0] ?? '')) doubts.push('ambiguous')
    // «Мария Петровна»: the surname lacks.
    if (all.length === 2 && patronymic.test(all[1] ?? '')) doubts.push('incomplete')
    // «Ольга Петровна Иванова»: the house keeps the surname first, and nobody asked which it is.
    const [given = '', middle = '', last = ''] = all
    if (all.length === 3 && patronymic.test(middle) && !patronymic.test(last))
      return { value: `${last} ${given} ${middle}`, doubts: [...doubts, 'ambiguous'] }
    const most = all.some((word) => partOfName.test(word)) ? 5 : 3
    if (all.length > most) doubts.push('ambiguous')
    if (
      !all.every(
        (word) => wellCased.test(word) || (properCase(`А ${word}`) === undefined && !/\p{Lu}/u.test(word)),
      )
    )
      doubts.push('misspelt')
    const low = tidy.split(' ').filter((word) => !/\p{Lu}/u.test(word) && !partOfName.test(word))
    // «иванов иван иванович» is a name; «иванов иван мамин» may be anything.
    if (low.length > 0 && (low.length < all.length || !patronymic.test(tidy))) doubts.push('ambiguous')
    return { value: name, doubts }
  })

const endings = new Set(
  'ru su xn--p1ai xn--p1acf xn--d1acj3b xn--80adxhks com net org by kz ua am ge uz kg az tj md info biz me pro edu gov de'.split(
    ' ',
  ),
)
/** Real, but in a questionnaire nearly always `mail.ru` with a slip. */
const slips = new Set(['mai.ru', 'email.ru', 'mail.com', 'yandex.com'])
const common = ['mail.ru', 'yandex.ru', 'gmail.com', 'rambler.ru', 'inbox.ru', 'icloud.com', 'list.ru']

function emailDoubts(email: string): Doubt[] {
  const domain = email.slice(email.indexOf('@') + 1)
  if (mailDomains.includes(domain)) return domain === 'mai.ru' || domain === 'email.ru' ? ['misspelt'] : []
  if (slips.has(domain)) return ['misspelt']
  const near = common.some((each) => distance(domain, each) <= (each.length > 8 ? 3 : 2))
  const ending = domain.slice(domain.lastIndexOf('.') + 1)
  return near || !endings.has(ending) ? ['misspelt'] : []
}

export const readEmail = (raw: string): ReadField =>
  read(raw, (plain) => {
    const ats = plain.split('@').length - 1
    // «anna@mail.ru <mailto:anna@mail.ru>», as programs write a link.
    const [, shown = '', linked = ''] =
      /^(\S+@\S+?)\s*[<[(]\s*(?:mailto:)?(\S+@\S+?)\s*[>\])]$/iu.exec(plain) ?? []
    const typed = shown !== '' && tidyEmail(shown) === tidyEmail(linked) ? shown : plain
    if (ats > 1 && typed === plain) return { doubts: ['ambiguous'] }
    const email = tidyEmail(typed)
    const meant = meantEmail(typed)
    if (emailFault(email)) return meant ? { value: meant, doubts: ['misspelt'] } : { doubts: ['malformed'] }
    if (meant) return { value: meant, doubts: ['misspelt'] }
    const doubts = emailDoubts(email)
    const bare = typed
      .trim()
      .replace(/^mailto:\s*/iu, '')
      .replace(/^[<"'«(]+|[>"'»);,.]+$/gu, '')
    // A space may be a slip, or a word that doesn't belong to the address.
    if (/\s/u.test(bare)) doubts.push('ambiguous')
    return { value: email, doubts }
  })

/** «89999999999», «8 900 000-00-00»: typed where a form asked for something. */
const madeUp = /(\d)\1{6}$/u
/** «49612 49615»: two numbers of a small town, or a code and its number. */
const twoOfTown = /^\d{5}\s+\d{5}$/u

export const readPhone = (raw: string): ReadField =>
  read(raw, (plain) => {
    const bare = plain
      .normalize('NFKC')
      .replace(/^(сот|моб|тел|м|т|телефон|мобильный|сотовый)[.:]?\s*/iu, '')
      .replace(/\s*[,(]?\s*(моб|сот|мобильный|сотовый)\.?\)?$/iu, '')
    const glance = glanceAtPhone(bare)
    if (glance !== 'perhaps' && 'fault' in glance) {
      const known = {
        phone_short: 'incomplete',
        phone_several: 'ambiguous',
        phone_unreadable: 'malformed',
      } as const
      return { doubts: [known[glance.fault]] }
    }
    const number = parsePhoneNumberFromString(glance === 'perhaps' ? bare : glance.e164, 'RU')
    if (!number?.isPossible()) return { doubts: ['malformed'] }
    const doubts: Doubt[] = number.isValid() && !madeUp.test(number.number) ? [] : ['unlikely']
    if (twoOfTown.test(bare)) doubts.push('ambiguous')
    // A word beside it may say that it is somebody else's, a second number that it is one of two.
    if (!/^[\d\s+().\-–—/]*$/u.test(bare)) doubts.push('ambiguous')
    if (/\d\s*[/,;]\s*\d|\+.*\+/u.test(bare)) doubts.push('ambiguous')
    return { value: number.number, doubts }
  })

export const readBirth = (raw: string, today: string): ReadField =>
  read(raw, (plain) => {
    const [written, age] = withoutAge(plain)
    const date = readBirthDate(written)
    if (typeof date !== 'string')
      return { doubts: [date.fault === 'birth_date_year' ? 'ambiguous' : 'malformed'] }
    const odd = birthDateBeyond(date, today) ?? birthDateDoubtful(date, today)
    const another =
      age !== undefined && Math.abs(Number(today.slice(0, 4)) - Number(date.slice(0, 4)) - age) > 1
    return {
      value: date,
      doubts: [
        ...(odd ? (['unlikely'] as const) : []),
        ...(another || monthMayBeFirst(written) ? (['ambiguous'] as const) : []),
      ],
    }
  })

/** «род. 02.10.1968 (58 лет)»: the date alone, and the age beside it. */
function withoutAge(plain: string): [date: string, age: number | undefined] {
  const date = plain.replace(/^(род(ил(ся|ась))?\.?)\s+(?=\d|«)/iu, '')
  const [, before, age] = /^(.*\S)\s*[,(]\s*(\d{1,3})\s*(?:лет|год|года)\s*\)?$/iu.exec(date) ?? []
  return before === undefined ? [date, undefined] : [before, Number(age)]
}

export const readCardNumber = (raw: string): ReadField =>
  read(raw, (plain) => {
    const digits = plain.replace(/[\s-]/gu, '')
    return /^\d{4,20}$/u.test(digits) ? { value: digits, doubts: [] } : { doubts: ['malformed'] }
  })
