import type { Transaction } from '../shared/db.ts'

/**
 * Where a card is in its life, as the database keeps it. `made`: printed or about to be; `stock`: a library has it,
 * nobody's yet; `reserved`: kept for a questionnaire; `written_off`: found damaged or lost before anybody had it.
 * Only `issued` signs in. `annulled`: the registration that gave it was taken back.
 */
export const cardStates = [
  'made',
  'stock',
  'reserved',
  'written_off',
  'issued',
  'blocked',
  'lost',
  'damaged',
  'replaced',
  'annulled',
] as const
export type CardState = (typeof cardStates)[number]

/** `expired`: an issued card whose last day is over. That is seen, not kept: no hour passes until it is noticed. */
export type CardStanding = CardState | 'expired'

/**
 * Every way that a card may go. `new`: its number has just been drawn or taken over. Whatever leads nowhere is the
 * end of its number.
 */
export const cardMoves = {
  new: ['made', 'stock', 'issued'],
  made: ['stock', 'written_off'],
  stock: ['reserved', 'issued', 'written_off'],
  // Back to the stock when the questionnaire is refused or withdrawn.
  reserved: ['stock', 'issued'],
  // Back to being kept when the registration is taken back.
  issued: ['expired', 'blocked', 'lost', 'damaged', 'replaced', 'annulled', 'reserved'],
  expired: ['issued', 'blocked', 'lost', 'damaged', 'replaced', 'annulled'],
  blocked: ['issued', 'lost', 'damaged', 'replaced', 'annulled'],
  // Only by undoing a merge of two records, which had left one card of two.
  replaced: ['issued'],
  written_off: [],
  lost: [],
  damaged: [],
  annulled: [],
} as const satisfies Record<CardStanding | 'new', readonly CardStanding[]>

/** What changes with the state. */
interface Besides {
  reader_id?: string | null
  issued_at?: Date | null
  valid_until?: string | null
  application_id?: string | null
}

/**
 * Begins the update that moves cards from one of these states to another; which cards, the caller adds. Nothing
 * else writes a card's state.
 * @throws RangeError when the table has no such way
 */
export function moveCards(
  tx: Transaction,
  from: CardState | readonly CardState[],
  to: CardState,
  besides: Besides = {},
) {
  const states = typeof from === 'string' ? [from] : [...from]
  for (const state of states) {
    const ways: readonly CardStanding[] = cardMoves[state]
    if (!ways.includes(to)) throw new RangeError(`a card doesn't go from ${state} to ${to}`)
  }
  return tx
    .updateTable('cards')
    .set({ ...besides, state: to })
    .where('state', 'in', states)
}
