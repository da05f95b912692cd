import * as texts from '#texts'
import type { TemplateFault } from '#protocols/message/template.ts'
import { messageEventText } from './words.ts'

/** Letters to a library have one name in lists of messages, but each a text of its own. */
const toLibrary: Record<string, () => string> = {
  'library.registered': texts.message_texts_event_registered,
  'library.existing': texts.message_texts_event_existing,
  'library.returned': texts.message_texts_event_returned,
  'library.refused': texts.message_texts_event_refused,
  'library.withdrawn': texts.message_texts_event_withdrawn,
  'library.possible-duplicate': texts.message_texts_event_possible_duplicate,
  'library.letter-received': texts.message_texts_event_letter_received,
  'library.letter-unreadable': texts.message_texts_event_letter_unreadable,
  'library.letter-too-large': texts.message_texts_event_letter_too_large,
  'library.letter-waiting': texts.message_texts_event_letter_waiting,
  'library.letter-expired': texts.message_texts_event_letter_expired,
}
export const textEventText = (event: string): string => toLibrary[event]?.() ?? messageEventText(event)

export const textLanguageText = (language: string): string =>
  language === 'en' ? texts.message_texts_language_en() : texts.message_texts_language_ru()

const names: Record<string, () => string> = {
  имя: texts.message_texts_name_reader,
  билет: texts.message_texts_name_card,
  'какой билет': texts.message_texts_name_which_card,
  пароль: texts.message_texts_name_password,
  код: texts.message_texts_name_code,
  библиотека: texts.message_texts_name_library,
  'телефон библиотеки': texts.message_texts_name_library_phone,
  адрес: texts.message_texts_name_address,
  'страница входа': texts.message_texts_name_sign_in,
  'страница пароля': texts.message_texts_name_recover,
  ссылка: texts.message_texts_name_link,
  поставщик: texts.message_texts_name_provider,
  'адрес поставщика': texts.message_texts_name_provider_address,
  'приложения поставщика': texts.message_texts_name_provider_apps,
  'указания поставщика': texts.message_texts_name_provider_instructions,
  'номер у поставщика': texts.message_texts_name_provider_number,
  'пароль у поставщика': texts.message_texts_name_provider_password,
  'сколько анкет': texts.message_texts_name_waiting,
  'сколько готово': texts.message_texts_name_sure,
  'сколько проверить': texts.message_texts_name_to_check,
  'сколько файлов': texts.message_texts_name_unread,
  'сколько часов': texts.message_texts_name_hours,
  'ссылка для входа': texts.message_texts_name_way_in,
  срок: texts.message_texts_name_until,
  'кто приглашает': texts.message_texts_name_by,
  'центральная библиотека': texts.message_texts_name_central,
  'контакты отдела': texts.message_texts_name_contacts,
  'страница сотрудников': texts.message_texts_name_staff_page,
}
/** What a name in curly brackets stands for. */
export const placeholderText = (name: string): string => names[name]?.() ?? name

/** What is wrong with a text, in the words in which the server says it. */
export function textFaultText(fault: TemplateFault): string {
  switch (fault.code) {
    case 'empty':
      return texts.error_messages_text_empty()
    case 'unpaired':
      return texts.error_messages_text_unpaired({ sign: fault.sign })
    case 'unknown':
      return texts.error_messages_text_unknown({ name: fault.name })
    case 'misspelt':
      return texts.error_messages_text_misspelt({ name: fault.name, meant: fault.meant })
    case 'missing':
      return texts.error_messages_text_missing({ name: fault.name })
    case 'optional':
      return texts.error_messages_text_optional({ name: fault.name })
  }
}
