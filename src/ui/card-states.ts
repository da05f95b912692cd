import * as texts from '#texts'
import type { CardState } from '#core/readers/record.queries.ts'

const names: Record<CardState, () => string> = {
  issued: texts.card_state_issued,
  blocked: texts.card_state_blocked,
  lost: texts.card_state_lost,
  replaced: texts.card_state_replaced,
  expired: texts.card_state_expired,
}

export const cardStateText = (state: CardState): string => names[state]()
