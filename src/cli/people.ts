import type { App } from '../app.ts'
import { badUsage } from './exit-codes.ts'
import { spokenMoment } from './moments.ts'
import { emailField } from '#core/shared/form-fields.ts'
import { generatePassword } from '#core/readers/passwords.ts'
import { isExpected } from '#core/shared/errors.ts'
import { consoleActor, roles } from '#core/staff/actors.ts'
import { factorGone } from '#core/staff-access/second-factors.ts'
import { emailTaken } from '#core/staff/staff.commands.ts'

/** `library add`: one more district library, under the next code. */
export async function addDistrictLibrary(
  app: App,
  [name = '']: string[],
  { email = '', phone = '', address = '' }: { email?: string; phone?: string; address?: string },
): Promise<number> {
  if (name.trim() === '' || !emailField.safeParse(email).success) {
    console.error('Нужно название, а почта, если есть, — настоящая: library add "Название" --email ПОЧТА')
    return badUsage
  }
  const library = await app.network.add(consoleActor(), { name: name.trim(), email, phone, address })
  console.log(`Добавлена: ${library.name}, код ${library.code}`)
  return 0
}

/** `library list` */
export async function listNetwork(app: App): Promise<number> {
  for (const library of await app.network.list(consoleActor()))
    console.log(`${library.code}  ${library.name}`)
  return 0
}

/** `staff add`: a staff member of one library, with a password that is shown once. */
export async function addStaffMember(
  app: App,
  [typedEmail = '']: string[],
  options: { name?: string; role?: string; library?: string },
): Promise<number> {
  const email = emailField.safeParse(typedEmail).data
  const role = roles.find((each) => each === options.role)
  const fullName = options.name?.trim()
  if (!email || !role || !fullName) {
    console.error(`Нужно: staff add ПОЧТА --name "ФИО" --role ${roles.join('|')} [--library КОД]`)
    return badUsage
  }
  const { library: code = '001' } = options
  const library = (await app.network.list(consoleActor())).find((each) => each.code === code)
  if (!library) {
    console.error(`Библиотеки с кодом ${code} нет. Коды показывает library list.`)
    return badUsage
  }
  const password = generatePassword() + generatePassword()
  try {
    await app.staff.add(consoleActor(), {
      email,
      fullName,
      password,
      roles: [{ role, libraryId: library.id }],
    })
  } catch (error) {
    if (!isExpected(error) || error.code !== emailTaken().code) throw error
    console.error(`Сотрудник с почтой ${email} уже есть.`)
    return 1
  }
  console.log(
    `Добавлен сотрудник: ${fullName}, ${library.name}\nВход: ${app.origin}/staff/sign-in\nПочта: ${email}\nПароль: ${password}${unlessElsewhere(app)}`,
  )
  return 0
}

/** `staff reset-factor`: for whoever has lost the phone and the recovery codes. */
export async function resetSecondFactor(app: App, [email = '']: string[]): Promise<number> {
  const { guarding } = app.staffAccess
  const staffId = await guarding.byEmail(consoleActor(), email)
  if (!staffId) {
    console.error(`Сотрудника с почтой ${email || '(не указана)'} нет. Нужно: staff reset-factor ПОЧТА`)
    return badUsage
  }
  try {
    await guarding.reset(consoleActor(), staffId)
  } catch (error) {
    if (!isExpected(error) || error.code !== factorGone().code) throw error
    console.error(`У сотрудника ${email} второго фактора нет.`)
    return 1
  }
  console.log(`Второй фактор снят: ${email}. Все входы этого сотрудника завершены.`)
  return 0
}

/** `staff reset`: a one-time link for a new password, also for an administrator who is shut out himself. */
export async function resetPassword(app: App, [typedEmail = '']: string[]): Promise<number> {
  const email = emailField.safeParse(typedEmail).data?.toLowerCase()
  if (!email) {
    console.error('Нужна почта сотрудника: staff reset ПОЧТА')
    return badUsage
  }
  try {
    const { link, expiresAt } = await app.staffing.resetAtConsole(consoleActor(), email)
    const zone = (await app.settings())['region.timeZone']
    const until = spokenMoment(expiresAt, zone)
    console.log(`Ссылка для ${email}, работает один раз и до ${until}:\n${link}${unlessElsewhere(app)}`)
    return 0
  } catch (error) {
    if (!isExpected(error)) throw error
    console.error(resetFaults[error.code] ?? error.code)
    return 1
  }
}

const resetFaults: Record<string, string> = {
  'shared.not_found': 'Сотрудника с такой почтой нет.',
  'staff.dismissed': 'Этому сотруднику доступ закрыт. Вернуть его может администратор.',
}

/** Where the command wasn't told the system's address, a link leads to the usual one. */
const unlessElsewhere = ({ environment, origin }: App): string =>
  environment.origin
    ? ''
    : `\nПеременная ORIGIN не задана: если систему открывают не по ${origin}, поставьте в ссылке её адрес.`
