import { redirect } from '@sveltejs/kit'
import { getLocale } from '#texts/runtime.js'
import { ownFund, usesProvider } from '#core/settings/provider.ts'
import { may } from '#core/staff/actors.ts'
import { openToAll } from '../../web/typed-form.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async ({ locals, url }) => {
  const { actor } = locals
  const settings = await locals.app.settings()
  const own = ownFund(settings)
  if (!actor && !openToAll.has(url.pathname))
    redirect(303, `/staff/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`)
  return {
    staff:
      actor?.kind === 'staff'
        ? { id: actor.staffId, fullName: actor.fullName, roles: actor.roles }
        : undefined,
    sections: {
      applications: may(actor, 'applications.read'),
      readers: may(actor, 'readers.read'),
      lists: may(actor, 'lists.questionnaires'),
      cards: may(actor, 'cards.read'),
      messages: may(actor, 'messages.read'),
      provider: usesProvider(settings) && may(actor, 'providers.register'),
      catalogue: own && may(actor, 'catalogue.read'),
      consents: may(actor, 'consents.read'),
      audit: may(actor, 'audit.read'),
      network: may(actor, 'network.manage'),
      staff: may(actor, 'staff.manage'),
      settings: may(actor, 'settings.change'),
      state: may(actor, 'system.watch'),
    },
    ownFund: own,
    otherLanguage: getLocale() === 'ru' ? 'en' : 'ru',
  }
}
