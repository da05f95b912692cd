import { getLocale } from '#texts/runtime.js'
import { ownFund } from '#core/settings/provider.ts'
import { isThisMachine } from '#core/shared/addresses.ts'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = async ({ locals, url }) => {
  const settings = await locals.app.settings()
  const own = ownFund(settings)
  return {
    // Without a fund of our own nobody signs in here.
    readerName: own && locals.actor?.kind === 'reader' ? locals.actor.fullName : undefined,
    /** The outside service where that is all there is. */
    onlyProvider: own
      ? undefined
      : {
          name: settings['provider.name'],
          address: settings['provider.address'],
          appIos: settings['provider.appIos'],
          appAndroid: settings['provider.appAndroid'],
          instructions: settings['provider.instructions'],
        },
    setUp: !(await locals.app.setup.needed()),
    otherLanguage: getLocale() === 'ru' ? 'en' : 'ru',
    // Over plain http beyond this machine, cookies and service workers fail silently: say so aloud.
    insecure: url.protocol === 'http:' && !isThisMachine(url.hostname),
  }
}
