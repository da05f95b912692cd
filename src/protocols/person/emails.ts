/** E-mail addresses as people type them. The same rules in the browser and on the server. */

/** What Russian readers have their mail at; somebody's own domain is none of our business. */
export const mailDomains: readonly string[] = `
  yandex.ru ya.ru yandex.com yandex.by yandex.kz yandex.ua narod.ru
  mail.ru bk.ru inbox.ru list.ru internet.ru xmail.ru vk.com mail.com
  rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru
  gmail.com googlemail.com icloud.com me.com mac.com
  outlook.com outlook.ru hotmail.com hotmail.ru live.ru live.com msn.com yahoo.com
  qip.ru pochta.ru sibmail.com ngs.ru e1.ru nm.ru km.ru tut.by ukr.net
  proton.me protonmail.com gmx.de gmx.com aol.com email.ru mai.ru`
  .trim()
  .split(/\s+/)
const real: ReadonlySet<string> = new Set(mailDomains)

/** Where the nearest domain by spelling isn't the one that was meant. */
const slips = new Map([
  ['gmail.ru', 'gmail.com'],
  ['gmai.ru', 'gmail.com'],
  ['gmail.by', 'gmail.com'],
  ['yandex.com.ru', 'yandex.ru'],
  ['yandex.mail.ru', 'yandex.ru'],
  ['yandex', 'yandex.ru'],
  ['ya', 'ya.ru'],
  ['mail', 'mail.ru'],
  ['gmail', 'gmail.com'],
  ['rambler', 'rambler.ru'],
  ['icloud.ru', 'icloud.com'],
  ['mail.com.ru', 'mail.ru'],
  ['gmail.com.ru', 'gmail.com'],
])

/** One at-sign, no quotes or brackets, a domain with a dot: stricter than the standard, as providers are. */
const address =
  /^(?!\.)(?!.*\.[.@])[a-z0-9_'+.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+([a-z]{2,}|xn--[a-z0-9-]+)$/

const mostLetters = 254

/** Endings of domains that are written in Cyrillic. */
const cyrillicDomain = /^[а-яё0-9.-]+\.(рф|рус|дети|москва|онлайн|сайт|орг|ком|бел|укр)$/

/** As it is kept: small letters, no spaces, no «mailto:», a Cyrillic domain in the spelling that mail uses. */
export function tidyEmail(typed: string): string {
  const plain = typed
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .toLowerCase()
    .replace(/^mailto:\s*/u, '')
    .replace(/^[<"'«]+|[>"'»;,.]+$/gu, '')
  // Between two addresses a space means something.
  const whole = plain.split('@').length === 2 ? plain.replace(/\s+/gu, '') : plain
  const [local = '', domain = ''] = whole.split('@')
  return cyrillicDomain.test(domain) ? `${local}@${asciiDomain(domain)}` : whole
}

/** A domain in the letters that the name system knows: `почта.рф` → `xn--80a1acny.xn--p1ai`. */
function asciiDomain(domain: string): string {
  try {
    return new URL(`http://${domain}`).hostname
  } catch {
    return domain
  }
}

/** What is wrong with a tidied address; undefined when it may stand. */
export const emailFault = (email: string): 'email_unreadable' | undefined =>
  email.length <= mostLetters && address.test(email) ? undefined : 'email_unreadable'

/** Keys of the Russian layout and what stands on them in the Latin one. */
const layout = new Map(
  [...'йцукенгшщзхъфывапролджэячсмитьбюё'].map((sign, index) => [
    sign,
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"[index] ?? '',
  ]),
)
const look = new Map(
  [...'аaвbеeкkмmоoрpсcтtуyхxнhёe'].flatMap((sign, index, all) =>
    index % 2 ? [] : [[sign, all[index + 1] ?? ''] as const],
  ),
)
const put = (signs: ReadonlyMap<string, string>, text: string) =>
  [...text].map((sign) => signs.get(sign) ?? sign).join('')

/**
 * The address that was probably meant; undefined when nothing is to be asked. Never for an address at one
 * of `mailDomains`; what it offers always may stand and is at one of them or the same domain mended.
 */
export function meantEmail(typed: string): string | undefined {
  const email = tidyEmail(typed)
  if (email === '') return undefined
  // At a Cyrillic domain the letters before the at-sign were meant: «анна» isn't «ahha».
  if (/^[^@]*[а-яё][^@]*@[^@]*\bxn--/u.test(email)) return undefined
  const [local = '', domain = '', ...rest] = signsMended(email).split('@')
  if (local === '' || domain === '' || rest.length > 0) return undefined
  const offer = `${local.replace(/\.{2,}/gu, '.').replace(/^\.+|\.+$/gu, '')}@${meantDomain(domain)}`
  return offer === email || emailFault(offer) ? undefined : offer
}

/** Cyrillic letters and commas out of an address: typed in the wrong layout as a whole, or alike letters. */
function signsMended(email: string): string {
  if (!/[а-яё]/u.test(email)) return email.replace(/,/gu, '.')
  // In the Russian layout the dot's key gives «ю», the comma's «б», and the at-sign is a quote.
  const switched = put(layout, email.replace(/"/gu, '@'))
  const [, domain = ''] = switched.split('@')
  if (real.has(domain) && emailFault(switched) === undefined) return switched
  return put(look, email).replace(/,/gu, '.')
}

function meantDomain(typed: string): string {
  const domain = typed.replace(/\.{2,}/gu, '.').replace(/^\.+|\.+$/gu, '')
  if (real.has(domain)) return domain
  const slip = slips.get(domain)
  if (slip) return slip
  let best = { domain, steps: Infinity }
  for (const each of mailDomains) {
    const steps = distance(domain, each)
    if (steps < best.steps && steps <= reach(domain, each)) best = { domain: each, steps }
  }
  return best.domain
}

/** How many slips of the hand are believed: short names are too close to each other for more than an ending. */
function reach(domain: string, each: string): number {
  const [name = ''] = each.split('.')
  if (name.length <= 3) return domain.startsWith(`${name}.`) && domain.length <= each.length + 1 ? 1 : 0
  return name.length <= 5 ? 1 : 2
}

/** Edits between two words, a swap of neighbours counting as one (optimal string alignment). */
export function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + same,
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
