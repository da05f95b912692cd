/** What stands in extracts of the log for an action, in the words of a document. */
const texts: Readonly<Record<string, string>> = {
  'applications.send': 'анкета отправлена',
  'applications.resend': 'анкета исправлена и отправлена снова',
  'applications.list': 'показан список анкет',
  'applications.open': 'открыта анкета',
  'applications.register': 'читатель зарегистрирован',
  'applications.return': 'анкета возвращена на доработку',
  'applications.refuse': 'по анкете отказано',
  'applications.withdraw': 'анкета отозвана',
  'slips.open': 'открыта памятка',
  'readers.list': 'показан список читателей',
  'readers.search': 'поиск читателя',
  'readers.open': 'открыта запись читателя',
  'readers.renew': 'запись продлена',
  'readers.mend': 'запись исправлена',
  'readers.export': 'данные выданы читателю файлом',
  'consents.agree': 'согласие дано читателем в приложении',
  'consents.record': 'записано согласие на бумаге',
  'consents.refuse-handover': 'согласие на передачу отозвано',
  'corrections.ask': 'читатель попросил исправить данные',
  'corrections.list': 'показаны просьбы исправить данные',
  'corrections.answer': 'дан ответ на просьбу исправить данные',
  'destructions.begin': 'согласие отозвано, данные заблокированы',
  'destructions.list': 'показан список отзывов согласия',
  'destructions.call-off': 'уничтожение отменено',
  'destructions.carry-out': 'персональные данные уничтожены',
}

export const actionText = (action: string): string => texts[action] ?? action

const roles: Readonly<Record<string, string>> = {
  librarian: 'библиотекарь',
  operator: 'оператор',
  curator: 'комплектатор',
  methodologist: 'методист',
  admin: 'администратор',
}

/** «библиотекарь, оператор»: a staff member's roles in the words of a document. */
export const rolesText = (held: readonly string[]): string =>
  held.map((role) => roles[role] ?? role).join(', ') || 'сотрудник'
