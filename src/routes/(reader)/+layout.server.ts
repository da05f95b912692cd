import { getLocale } from '#texts/runtime.js'
import type { LayoutServerLoad } from './$types'

export const load: LayoutServerLoad = ({ locals, url }) => ({
  readerName: locals.actor?.kind === 'reader' ? locals.actor.fullName : undefined,
  otherLanguage: getLocale() === 'ru' ? 'en' : 'ru',
  // Over plain http beyond this machine, cookies and service workers fail silently: say so aloud.
  insecure: url.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname),
})
