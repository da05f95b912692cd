import type { Role } from '#core/staff/actors.ts'

export const demoPassword = 'demo-smart-library'

const central = 'Областная библиотека (демонстрация)'
const bui = 'Буйская районная библиотека'
const galich = 'Галичская районная библиотека'
const sharya = 'Шарьинская районная библиотека'
const nerekhta = 'Нерехтская районная библиотека'

export const demoStaff: readonly { email: string; fullName: string; role: Role; libraryName: string }[] = [
  { email: 'admin@demo.test', fullName: 'Андрей Викторович Лапин', role: 'admin', libraryName: central },
  {
    email: 'operator@demo.test',
    fullName: 'Ольга Сергеевна Крылова',
    role: 'operator',
    libraryName: central,
  },
  { email: 'curator@demo.test', fullName: 'Вера Дмитриевна Зотова', role: 'curator', libraryName: central },
  {
    email: 'methodologist@demo.test',
    fullName: 'Мария Львовна Фокина',
    role: 'methodologist',
    libraryName: central,
  },
  { email: 'librarian@demo.test', fullName: 'Нина Павловна Соколова', role: 'librarian', libraryName: bui },
  {
    email: 'librarian2@demo.test',
    fullName: 'Тамара Ивановна Белова',
    role: 'librarian',
    libraryName: galich,
  },
  // Has come in, and sent nothing yet.
  {
    email: 'librarian3@demo.test',
    fullName: 'Зоя Николаевна Кудрявцева',
    role: 'librarian',
    libraryName: sharya,
  },
]

/** Invited by a letter on paper, and hasn't come in yet. */
export const demoInvited = {
  email: 'nerekhta@demo.test',
  fullName: 'Лидия Фёдоровна Орлова',
  libraryName: nerekhta,
}

export interface DemoPerson {
  fullName: string
  birthDate: string
  email: string | null
  phone: string | null
  librarianEmail: string
  guardianName: string
  guardianRelation: string
  /** The separate consent to handing data over to the provider was signed too. */
  handover: boolean
}

function person(
  fullName: string,
  birthDate: string,
  contacts: { email?: string; phone?: string },
  from: 1 | 2,
  guardian = '',
): DemoPerson {
  return {
    fullName,
    birthDate,
    email: contacts.email ?? null,
    phone: contacts.phone ?? null,
    librarianEmail: from === 1 ? 'librarian@demo.test' : 'librarian2@demo.test',
    guardianName: guardian,
    guardianRelation: guardian && 'мама',
    // Who leaves no address doesn't care for another service either.
    handover: contacts.email !== undefined || contacts.phone !== undefined,
  }
}

/** People who are readers already. */
export const demoReaders: readonly DemoPerson[] = [
  person('Громова Алёна Игоревна', '1988-04-12', { email: 'gromova@demo.test', phone: '+79000000001' }, 1),
  person('Громов Матвей Олегович', '2017-09-01', { phone: '+79000000001' }, 1, 'Громова Алёна Игоревна'),
  person('Чистякова Зинаида Фёдоровна', '1949-01-23', { phone: '+79000000002' }, 1),
  person('Рябов Кирилл Денисович', '2010-06-30', { email: 'ryabov@demo.test' }, 1),
  person('Лебедева Софья Антоновна', '2013-02-14', { phone: '+79000000003' }, 2, 'Лебедева Ирина Юрьевна'),
  person('Шубин Пётр Алексеевич', '1975-11-08', { email: 'shubin@demo.test', phone: '+79000000004' }, 2),
  person('Одинцова Марина', '1996-08-19', { email: 'odintsova@demo.test' }, 2),
  person('Жаров Тимофей Ильич', '2008-12-03', { phone: '+79000000005' }, 2),
]

/** Questionnaires that wait for the operator. */
export const demoApplications: readonly DemoPerson[] = [
  person(
    'Виноградова Дарья Максимовна',
    '2015-05-27',
    { phone: '+79000000006' },
    1,
    'Виноградова Елена Петровна',
  ),
  person('Комаров Степан Андреевич', '1983-10-15', { email: 'komarov@demo.test' }, 1),
  person('Ершова Анфиса Григорьевна', '1954-07-07', {}, 2),
  person('Тихонов Лев Романович', '2011-03-11', { email: 'tikhonov@demo.test', phone: '+79000000007' }, 2),
  person('Громова Алена Игоревна', '1988-04-12', { phone: '+79000000008' }, 2),
]
