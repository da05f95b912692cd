import type { NewLibrary } from '#core/network/network.ts'

const towns = ['Кострома', 'Буй', 'Волгореченск', 'Галич', 'Мантурово', 'Шарья']

/** District, and the place where its library stands. */
const districts: readonly (readonly [string, string])[] = [
  ['Антроповский', 'п. Антропово'],
  ['Буйский', 'г. Буй'],
  ['Вохомский', 'п. Вохма'],
  ['Галичский', 'г. Галич'],
  ['Кадыйский', 'п. Кадый'],
  ['Кологривский', 'г. Кологрив'],
  ['Костромской', 'г. Кострома'],
  ['Красносельский', 'п. Красное-на-Волге'],
  ['Макарьевский', 'г. Макарьев'],
  ['Мантуровский', 'г. Мантурово'],
  ['Межевской', 'с. Георгиевское'],
  ['Нейский', 'г. Нея'],
  ['Нерехтский', 'г. Нерехта'],
  ['Октябрьский', 'с. Боговарово'],
  ['Островский', 'п. Островское'],
  ['Павинский', 'с. Павино'],
  ['Парфеньевский', 'с. Парфеньево'],
  ['Поназыревский', 'п. Поназырево'],
  ['Пыщугский', 'с. Пыщуг'],
  ['Солигаличский', 'г. Солигалич'],
  ['Судиславский', 'п. Судиславль'],
  ['Сусанинский', 'п. Сусанино'],
  ['Чухломский', 'г. Чухлома'],
  ['Шарьинский', 'г. Шарья'],
]

/** «Галичский» → «Галичская районная библиотека»; «Межевской» → «Межевская …». */
const districtLibrary = (district: string) => `${district.replace(/(ий|ой|ый)$/, 'ая')} районная библиотека`

/** Numbers that belong to nobody: they end in a code and zeros. */
const phoneOf = (code: string) => `+7 494 000-0${code[0]}-${code.slice(1)}`

function library(code: string, name: string, municipality: string, place: string): NewLibrary {
  return {
    code,
    kind: code === '001' ? 'central' : 'district',
    name,
    short_name: name.replace(' библиотека', '').replace(' (демонстрация)', ''),
    municipality,
    address: `${place}, ул. Библиотечная, 1`,
    phone: phoneOf(code),
    email: `library${code}@demo.test`,
  }
}

const codeOf = (number: number) => String(number).padStart(3, '0')

/**
 * The municipalities of Kostroma oblast by their real names, 6 towns and 24 districts, each with a library;
 * addresses, phones and mailboxes are invented.
 */
export const demoLibraries: readonly NewLibrary[] = [
  library('001', 'Областная библиотека (демонстрация)', 'Кострома', 'г. Кострома'),
  ...towns.map((town, index) =>
    library(codeOf(index + 2), `Городская библиотека, ${town}`, town, `г. ${town}`),
  ),
  ...districts.map(([district, place], index) =>
    library(codeOf(index + 2 + towns.length), districtLibrary(district), `${district} район`, place),
  ),
]
