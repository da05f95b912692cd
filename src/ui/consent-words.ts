import * as texts from '#texts'
import type { GivenConsent } from '#core/consents/reader-consents.ts'

export const consentKindText = (kind: GivenConsent['kind']): string =>
  kind === 'handover' ? texts.consents_kind_handover() : texts.consents_kind_processing()

const bySelf: Record<string, () => string> = {
  self: texts.profile_consent_self,
  guardian: texts.profile_consent_guardian,
  both: texts.profile_consent_both,
}
const byReader: Record<string, () => string> = {
  self: texts.record_consent_self,
  guardian: texts.record_consent_guardian,
  both: texts.record_consent_both,
}

/**
 * «дали вы сами, в приложении».
 * @param own it is the reader himself who reads it
 */
export const consentHowText = (consent: { basis: string; channel: string }, own: boolean): string =>
  [
    (own ? bySelf : byReader)[consent.basis]?.() ?? consent.basis,
    consent.channel === 'app' ? texts.profile_consent_app() : texts.profile_consent_paper(),
  ].join(', ')

/** «Chrome, Android» out of what a browser says of itself. */
export function deviceText(userAgent: string): string {
  const browser =
    /(YaBrowser|Firefox|EdgA?|OPR|SamsungBrowser|Chrome|CriOS|FxiOS|Safari)\//.exec(userAgent)?.[1] ?? ''
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent)?.[1] ?? ''
  const names: Record<string, string> = {
    YaBrowser: 'Яндекс Браузер',
    Edg: 'Edge',
    EdgA: 'Edge',
    OPR: 'Opera',
    SamsungBrowser: 'Samsung Internet',
    CriOS: 'Chrome',
    FxiOS: 'Firefox',
    'Mac OS X': 'macOS',
  }
  const named = [browser, system].filter(Boolean).map((each) => names[each] ?? each)
  return named.join(', ') || texts.profile_device_unknown()
}
