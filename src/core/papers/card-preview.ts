import { spacedCardNumber } from '../cards/cards.ts'
import { centralLibrary, libraryById } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import { numberOf } from '#protocols/card/scheme.ts'
import type { Ground, Room } from '#protocols/card/front.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { DrawnBars } from './codes.ts'
import { barPlaces } from './codes.ts'
import type { FrontName } from './front-names.ts'
import { frontNames } from './front-names.ts'
import { drawPages } from './page.ts'

/** What stands on the front of a library's next card, for a page that draws it. */
export interface CardPreview extends DrawnBars {
  names: FrontName[]
  spaced: string
}

export const createCardPreview = ({ db }: { db: Database }) =>
  /** Without a library of the central one's. @param mark the one that is shown @throws notFound */
  async function cardPreview(
    _actor: Authorised<'cards.number'>,
    libraryId: string | undefined,
    mark: (Room & { ground: Ground }) | undefined,
  ): Promise<CardPreview> {
    const settings = await readSettings(db)
    const { code, name } = await (libraryId ? libraryById(db, libraryId) : centralLibrary(db))
    const number = numberOf(settings['cards.scheme'], code, 123) ?? ''
    const words = { regionName: settings['region.name'], libraryName: name }
    let names: FrontName[] = []
    await drawPages('', '2000-01-01', (page) => (names = frontNames(page, words, mark)))
    return {
      names,
      spaced: spacedCardNumber(number),
      ...barPlaces(number),
    }
  }
