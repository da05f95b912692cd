import type { Actor } from '#core/staff/actors.ts'
import { authorise, may, notSignedIn } from '#core/staff/actors.ts'
import type { App } from '../../app.ts'
import type { PageServerLoad } from './$types'

/** Of the month's SMS: for who decides about readers, and for who sets how many there may be. */
function usage(app: App, actor: Actor) {
  if (may(actor, 'applications.decide')) return app.messages.usage(authorise(actor, 'applications.decide'))
  if (may(actor, 'messages.configure')) return app.messages.usage(authorise(actor, 'messages.configure'))
  return undefined
}

export const load: PageServerLoad = async ({ locals }) => {
  const { actor, app } = locals
  if (actor?.kind !== 'staff') throw notSignedIn()
  return {
    missing: may(actor, 'settings.change')
      ? await app.setup.missing(authorise(actor, 'settings.change'))
      : [],
    counts: may(actor, 'applications.read')
      ? await app.queue.counts(authorise(actor, 'applications.read'))
      : undefined,
    ended:
      may(actor, 'applications.read') && !may(actor, 'applications.decide')
        ? await app.queue.endedLately(authorise(actor, 'applications.read'))
        : undefined,
    hoursLimit: (await app.settings())['queue.hoursLimit'],
    now: app.clock(),
    drafts: may(actor, 'applications.write')
      ? await app.drafts.count(authorise(actor, 'applications.write'))
      : 0,
    decides: may(actor, 'applications.decide'),
    writes: may(actor, 'applications.write'),
    corrections: may(actor, 'corrections.answer')
      ? await app.corrections.waiting(authorise(actor, 'corrections.answer'))
      : undefined,
    destructions: may(actor, 'destructions.decide')
      ? await app.destructions.countWaiting(authorise(actor, 'destructions.decide'))
      : undefined,
    cards: may(actor, 'cards.read') ? await app.cards.wants(authorise(actor, 'cards.read')) : undefined,
    managesCards: may(actor, 'cards.manage'),
    ordersCards: may(actor, 'cards.stock'),
    unreached: may(actor, 'messages.read')
      ? await app.messages.countUnreached(authorise(actor, 'messages.read'))
      : 0,
    usage: await usage(app, actor),
    configuresMessages: may(actor, 'messages.configure'),
    letters: may(actor, 'letters.read')
      ? await app.letters.count(authorise(actor, 'letters.read'))
      : undefined,
    unreadMails: may(actor, 'letters.decide')
      ? await app.letters.givenUp.count(authorise(actor, 'letters.decide'))
      : 0,
    provider: may(actor, 'providers.register')
      ? await app.providers.waiting(authorise(actor, 'providers.register'))
      : 0,
    findings: may(actor, 'system.watch')
      ? await app.watching.count(authorise(actor, 'system.watch'))
      : { all: 0, grave: 0 },
    closings: may(actor, 'providers.close')
      ? await app.providerClosings.waiting(authorise(actor, 'providers.close'))
      : 0,
  }
}
