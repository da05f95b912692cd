import { expected } from '../shared/errors.ts'

export const ownNameAsPassword = expected('staff.own_name_as_password', 422)

const folded = (text: string) => text.normalize('NFC').toLowerCase().replaceAll('ё', 'е')

/**
 * Refuses one's own name or address, with whatever digits and signs stand around: it is on every letter, and whoever
 * knows the person tries it first (OWASP ASVS 6.2.11).
 * @throws ownNameAsPassword
 */
export function refuseOwnName(password: string, person: { email: string; fullName: string }): void {
  const [mailbox = ''] = person.email.split('@')
  const own = [person.email, mailbox, ...person.fullName.split(/[\s-]+/)]
    .map(folded)
    .filter((word) => word.length > 2)
    .toSorted((a, b) => b.length - a.length)
  const whole = folded(password)
  const rest = own.reduce((text, word) => text.replaceAll(word, ''), whole)
  if (rest !== whole && !/\p{L}/u.test(rest)) throw ownNameAsPassword()
}
