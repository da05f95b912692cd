import * as texts from '#texts'
import type { CheckKind } from '#protocols/card/check-digits.ts'
import type { CardState } from '#core/cards/cards.ts'

const names: Record<CardState, () => string> = {
  made: texts.card_state_made,
  stock: texts.card_state_stock,
  written_off: texts.card_state_written_off,
  issued: texts.card_state_issued,
  blocked: texts.card_state_blocked,
  lost: texts.card_state_lost,
  damaged: texts.card_state_damaged,
  replaced: texts.card_state_replaced,
  expired: texts.card_state_expired,
}

export const cardStateText = (state: CardState): string => names[state]()

const checks: Record<CheckKind, () => string> = {
  ean13: texts.card_check_ean13,
  mod10: texts.card_check_mod10,
  luhn: texts.card_check_luhn,
  none: texts.card_check_none,
}

export const checkText = (kind: CheckKind): string => checks[kind]()
