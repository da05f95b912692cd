/**
 * What every answer carries, files of the build and refusals among them. Pages have a content policy of their
 * own, which takes the short one's place; the short one leaves plug-ins alone, as a browser shows a PDF by one.
 * @param https people reach the system over https
 */
export const secureHeaders = (https: boolean): Readonly<Record<string, string>> => ({
  'x-content-type-options': 'nosniff',
  'content-security-policy': "base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), interest-cohort=()',
  ...(https && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
})
