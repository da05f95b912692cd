import { expected } from '../shared/errors.ts'

/** The serials of the region's scheme are used up. */
export const schemeFull = expected('cards.scheme_full', 409)
/** The first and the last number make no range: lengths, order, check digits, or more than a batch may have. */
export const noRange = expected('cards.no_range', 422)
/** Some of the numbers were given before. `count`: how many. */
export const rangeTaken = expected('cards.range_taken', 409)
/** The page's form has made another batch already. */
export const batchMade = expected('cards.batch_made', 409)
/** No batch on its way to this library has these cards. */
export const notOnTheWay = expected('cards.not_on_the_way', 422)
/** The first and the last card are of different batches. */
export const twoBatches = expected('cards.two_batches', 422)
export const alreadyReceived = expected('cards.already_received', 409)
/** The library has an order that waits. */
export const orderWaits = expected('cards.order_waits', 409)
/** The order was answered or called off meanwhile. */
export const orderClosed = expected('cards.order_closed', 409)
/** No batch of this library has these cards. */
export const notTheLibrarys = expected('cards.not_the_librarys', 422)
/** Questionnaires that wait keep some of the cards. `count`: how many. */
export const cardsKept = expected('cards.cards_kept', 409)
/** Readers have, or had, some of the cards. `count`: how many. */
export const cardsGiven = expected('cards.cards_given', 409)
export const alreadyWrittenOff = expected('cards.already_written_off', 409)
/** The library has no such card in its stock. */
export const notInStock = expected('cards.not_in_stock', 422)
/** The card is kept for another questionnaire, or a reader has it. */
export const stockCardTaken = expected('cards.stock_card_taken', 409)
/** The number was given before, so it can't be the card that a reader keeps. */
export const cardGiven = expected('cards.given', 409)
