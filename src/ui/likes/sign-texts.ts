import * as texts from '#texts'
import type { Sign } from '#core/readers/likeness.ts'

const names: Record<Sign, () => string> = {
  same: texts.likes_sign_same,
  words_missing: texts.likes_sign_words_missing,
  typo: texts.likes_sign_typo,
  date: texts.likes_sign_date,
  birth_date: texts.likes_sign_birth_date,
  phone: texts.likes_sign_phone,
  email: texts.likes_sign_email,
}

/** Why two may be one person: «то же имя и дата рождения, тот же телефон». */
export const signsText = (signs: readonly Sign[]): string => {
  const text = signs.map((sign) => names[sign]()).join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
