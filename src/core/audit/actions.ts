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
  'applications.undo': 'решение по анкете взято назад',
  'applications.decisions': 'показаны решения за день',
  'applications.likes': 'анкета сравнена с похожими читателями',
  'applications.same-person': 'по анкете выдан новый пароль прежнему читателю',
  'applications.take-over': 'анкета взята в работу',
  'applications.tell-overdue': 'операторам напомнено об анкете',
  'applications.family': 'контакты анкеты взяты для следующего из семьи',
  'drafts.save': 'сохранён черновик',
  'drafts.open': 'открыт черновик',
  'drafts.list': 'показан список черновиков',
  'drafts.discard': 'черновик удалён',
  'drafts.expire': 'удалены черновики с истёкшим сроком',
  'home.keep': 'анкета заполнена дома',
  'home.call-up': 'анкета из дома открыта по коду',
  'home.withdraw': 'анкета из дома удалена по коду',
  'slips.open': 'открыта памятка',
  'readers.find': 'показан список найденных читателей',
  'readers.find-exact': 'найден по билету или по имени и дате рождения',
  'readers.likes': 'показаны похожие записи',
  'readers.compare': 'сравнён с другой записью',
  'readers.keep-apart': 'отмечен как другой человек',
  'readers.merge': 'записи объединены',
  'readers.merged': 'запись объединена с другой',
  'readers.merge-final': 'объединение записей завершено',
  'readers.unmerge': 'объединение записей отменено',
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
