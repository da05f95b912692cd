import { isCardNumber, typedCardNumber } from '../cards/cards.ts'

/** As long as a card number but with another check digit: no card has it, so saying so tells nothing of cards. */
export const mistypedCardNumber = (typed: string): boolean => {
  const number = typedCardNumber(typed.trim())
  return /^\d{13}$/.test(number) && !isCardNumber(number)
}
