import { releaseHeld } from '../readers/held-messages.ts'
import { askToClose, enrol, keepOpen } from '../readers/provider-accounts.ts'
import type { ProviderState } from '../readers/provider-states.ts'
import { ownFund, tellsWithNumber, usesProvider } from '../settings/provider.ts'
import type { Settings } from '../settings/settings.ts'
import { readSettings } from '../settings/settings.ts'
import type { Database, Transaction } from '../shared/db.ts'
import { handoverMissing } from './consents.ts'

/** Where the region hands readers' data over, and only with a consent of its own. */
export interface Handover {
  /** The outside e-book service. */
  provider: boolean
  /** The SMS gateway. */
  sms: boolean
}

export function handoverOf(settings: Settings, smsGateway: boolean): Handover {
  const needs = settings['consents.handoverFor']
  return {
    provider: needs !== 'none' && usesProvider(settings),
    sms: needs === 'provider_and_sms' && smsGateway,
  }
}

/** Whether this reader, or the person of this questionnaire, has consented to handing over. */
export async function handoverGiven(
  db: Database | Transaction,
  of: { readerId: string } | { applicationId: string },
): Promise<boolean> {
  const query = db
    .selectFrom('consents')
    .select('id')
    .where('kind', '=', 'handover')
    .where('revoked_at', 'is', null)
    .limit(1)
  const row = await (
    'readerId' in of
      ? query.where('reader_id', '=', of.readerId)
      : query.where('application_id', '=', of.applicationId)
  ).executeTakeFirst()
  return row !== undefined
}

/** @throws handoverMissing when the region's setting wants that consent and it isn't there */
export async function checkProviderHandover(tx: Transaction, applicationId: string): Promise<void> {
  if ((await readSettings(tx))['consents.handoverFor'] === 'none') return
  if (!(await handoverGiven(tx, { applicationId }))) throw handoverMissing()
}

/** Whether this reader may have an account at the provider: there is one, and he has consented where that is needed. */
export async function providerAllowed(
  tx: Transaction,
  settings: Settings,
  readerId: string,
): Promise<boolean> {
  if (!usesProvider(settings)) return false
  return settings['consents.handoverFor'] === 'none' || handoverGiven(tx, { readerId })
}

/** Whether an SMS may go to this reader through the gateway. */
export async function smsAllowed(
  db: Database | Transaction,
  of: { readerId: string } | { applicationId: string },
): Promise<boolean> {
  if ((await readSettings(db))['consents.handoverFor'] !== 'provider_and_sms') return true
  return handoverGiven(db, of)
}

/**
 * Whoever may be handed over is: an account that was to be closed goes on, else one is asked for.
 * @returns how he stands at the provider; undefined where he may not be handed over
 */
export async function startHandover(
  tx: Transaction,
  settings: Settings,
  readerId: string,
  at: Date,
): Promise<ProviderState | undefined> {
  if (await handoverGiven(tx, { readerId })) await keepOpen(tx, readerId, at)
  if (!(await providerAllowed(tx, settings, readerId))) return undefined
  return enrol(tx, { id: readerId, provider: settings['provider.name'], at })
}

/**
 * Ends the handing over of a reader who doesn't consent to it any more: the provider's account is to be closed,
 * and with a fund of our own he waits for no number.
 * @returns whether there is something to close
 */
export async function endHandover(
  tx: Transaction,
  settings: Settings,
  readerId: string,
  at: Date,
): Promise<boolean> {
  const account = await askToClose(tx, readerId, at)
  if (ownFund(settings)) await releaseHeld(tx, readerId)
  return account
}

/** By which message a reader is told that he is registered, and what it waits for. */
export interface Welcome {
  /** Where all that is read is the provider's, its number and password are the only ones. */
  event: 'own' | 'reader.provider'
  reader: 'provider' | undefined
  /** Of the letter to his library: where nothing is to come, it learns at once that there is nothing. */
  library: 'provider' | undefined
}

/** Hands a reader over who has just been registered, where he may be. The consents are with his record. */
export async function welcomeOf(tx: Transaction, readerId: string, at: Date): Promise<Welcome> {
  const settings = await readSettings(tx)
  const own = ownFund(settings)
  const account = await startHandover(tx, settings, readerId, at)
  const waits = tellsWithNumber(settings) && account !== 'registered'
  // Whom the provider has refused gets a number only where an operator asks for one again.
  const comes = waits && account !== undefined && account !== 'failed' ? 'provider' : undefined
  return {
    event: own ? 'own' : 'reader.provider',
    reader: waits && !own ? 'provider' : comes,
    library: comes,
  }
}
