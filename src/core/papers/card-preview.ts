import { spacedCardNumber } from '../cards/cards.ts'
import { centralLibrary, libraryById } from '../network/network.ts'
import { readSettings } from '../settings/settings.ts'
import { numberOf } from '#protocols/card/scheme.ts'
import type { Database } from '../shared/db.ts'
import type { Authorised } from '../staff/actors.ts'
import type { DrawnBars } from './codes.ts'
import { barPlaces } from './codes.ts'

/** What stands on the front of a library's next card, for a page that draws it. */
export interface CardPreview extends DrawnBars {
  regionName: string
  libraryName: string
  spaced: string
}

export const createCardPreview = ({ db }: { db: Database }) =>
  /** Without a library of the central one's. @throws notFound */
  async function cardPreview(
    _actor: Authorised<'cards.number'>,
    libraryId: string | undefined,
  ): Promise<CardPreview> {
    const settings = await readSettings(db)
    const { code, name } = await (libraryId ? libraryById(db, libraryId) : centralLibrary(db))
    const number = numberOf(settings['cards.scheme'], code, 123) ?? ''
    return {
      regionName: settings['region.name'],
      libraryName: name,
      spaced: spacedCardNumber(number),
      ...barPlaces(number),
    }
  }
