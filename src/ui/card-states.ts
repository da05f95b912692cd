import * as texts from '#texts'
import type { CheckKind } from '#protocols/card/check-digits.ts'
import type { CardStanding } from '#core/cards/moves.ts'

const names: Record<CardStanding, () => string> = {
  made: texts.card_state_made,
  stock: texts.card_state_stock,
  reserved: texts.card_state_reserved,
  written_off: texts.card_state_written_off,
  issued: texts.card_state_issued,
  blocked: texts.card_state_blocked,
  lost: texts.card_state_lost,
  damaged: texts.card_state_damaged,
  replaced: texts.card_state_replaced,
  expired: texts.card_state_expired,
  annulled: texts.card_state_annulled,
}

export const cardStateText = (state: CardStanding): string => names[state]()

const checks: Record<CheckKind, () => string> = {
  ean13: texts.card_check_ean13,
  mod10: texts.card_check_mod10,
  luhn: texts.card_check_luhn,
  mod37: texts.card_check_mod37,
  none: texts.card_check_none,
}

/** For a list to choose from. */
export const checkChoices = (kinds: readonly CheckKind[]): [CheckKind, string][] =>
  kinds.map((kind) => [kind, checks[kind]()])
