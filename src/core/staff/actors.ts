import { expected } from '../shared/errors.ts'

export const roles = ['librarian', 'operator', 'curator', 'methodologist', 'admin'] as const
export type Role = (typeof roles)[number]

export interface StaffActor {
  kind: 'staff'
  staffId: string
  fullName: string
  roles: readonly { role: Role; libraryId: string; libraryName: string }[]
  /** A second factor is required and not set up yet: the roles are held back until it is. */
  factorMissing?: true
}

export interface ReaderActor {
  kind: 'reader'
  readerId: string
  fullName: string
  birthDate: string
}

/** Whoever is behind a request; `undefined` when not signed in. */
export type Actor = StaffActor | ReaderActor | undefined

/** How far a role's permission reaches: its own library, or every library of the network. */
type Reach = 'own' | 'all'

/** Who may do what. A role that isn't named may not. */
const grants = {
  'applications.read': { librarian: 'own', operator: 'all' },
  'applications.write': { librarian: 'own', operator: 'all' },
  'applications.decide': { operator: 'all' },
  // Letters with questionnaires: the papers of its readers a library confirms itself, nobody for it.
  'letters.read': { librarian: 'own', operator: 'all' },
  'letters.confirm': { librarian: 'own', operator: 'own' },
  'letters.decide': { operator: 'all' },
  'readers.read': { librarian: 'own', operator: 'all' },
  // One reader of any library: by card, or by full name and birth date together.
  'readers.find-exact': { librarian: 'all', operator: 'all' },
  'readers.merge': { operator: 'all' },
  'slips.open': { librarian: 'own', operator: 'all' },
  'messages.read': { librarian: 'own', operator: 'all' },
  'messages.send': { librarian: 'own', operator: 'all' },
  'messages.configure': { admin: 'all' },
  'messages.write-texts': { methodologist: 'all', admin: 'all' },
  'readers.mend': { librarian: 'own', operator: 'all' },
  'readers.new-password': { librarian: 'own', operator: 'all' },
  'readers.renew': { librarian: 'all', operator: 'all' },
  'consents.read': { methodologist: 'all', admin: 'all' },
  'consents.publish': { admin: 'all' },
  'consents.record': { librarian: 'own', operator: 'all' },
  'corrections.answer': { librarian: 'own', operator: 'all' },
  'destructions.ask': { librarian: 'own', operator: 'all' },
  'destructions.decide': { operator: 'all' },
  // Accounts of readers at an outside provider, who no longer want to be handed over.
  'providers.close': { operator: 'all' },
  // Readers' registrations there: work lists out, numbers in.
  'providers.register': { operator: 'all' },
  'providers.configure': { admin: 'all' },
  // Cards printed beforehand: a library's own stock, the network's batches.
  'cards.read': { librarian: 'own', operator: 'all', methodologist: 'all' },
  'cards.stock': { librarian: 'own', operator: 'all' },
  'cards.manage': { operator: 'all' },
  // A reader's card that is lost, damaged or blocked, and the one that follows it.
  'cards.replace': { librarian: 'own', operator: 'all' },
  'cards.number': { admin: 'all' },
  'backups.manage': { admin: 'all' },
  // What the region is called, its days and limits; the steps after the first start.
  'settings.change': { admin: 'all' },
  // Files with questionnaires; with the readers whom a library has had already.
  'lists.questionnaires': { librarian: 'own', operator: 'all' },
  'lists.readers': { operator: 'all' },
  // How staff sign in: whether a second factor is required, and taking it from somebody who has lost it.
  'staff.secure': { admin: 'all' },
  // The log of all that was done and looked at.
  'audit.read': { admin: 'all' },
  'catalogue.read': { librarian: 'all', operator: 'all', curator: 'all', methodologist: 'all' },
  'catalogue.manage': { curator: 'all' },
  // Who works where.
  'staff.manage': { admin: 'all' },
  // The libraries themselves, and the first librarian of each.
  'network.manage': { methodologist: 'all', admin: 'all' },
  // What is wrong with the system itself, and what to do.
  'system.watch': { admin: 'all' },
} as const satisfies Record<string, Partial<Record<Role, Reach>>>

export type Permission = keyof typeof grants

declare const proof: unique symbol

/**
 * Proof that a staff member was checked for a permission: only `authorise` makes one, and use cases take
 * nothing else. `libraries` bounds what it reaches.
 */
export interface Authorised<P extends Permission> {
  readonly [proof]: P
  readonly staffId: string
  /** Library ids, or 'all' of the network. */
  readonly libraries: 'all' | readonly string[]
}

declare const atConsole: unique symbol

/** Whoever may run commands on the server: the data lie in his hands anyway. Only `src/cli.ts` makes one. */
export interface ConsoleActor {
  readonly [atConsole]: true
}
export const consoleActor = (): ConsoleActor => ({}) as ConsoleActor

export const notSignedIn = expected('staff.not_signed_in', 401)
export const notAllowed = expected('staff.not_allowed', 403)

/**
 * @throws notSignedIn, notAllowed
 * @param libraryId when given, the permission must reach this library
 */
export function authorise<P extends Permission>(
  actor: Actor,
  permission: P,
  libraryId?: string,
): Authorised<P> {
  if (!actor) throw notSignedIn()
  if (actor.kind !== 'staff') throw notAllowed()
  const granted: Partial<Record<Role, Reach>> = grants[permission]
  const held = actor.roles.filter((held) => granted[held.role])
  if (held.length === 0) throw notAllowed()
  const everywhere = held.some((each) => granted[each.role] === 'all')
  const libraries = everywhere ? 'all' : [...new Set(held.map((each) => each.libraryId))]
  if (libraryId && libraries !== 'all' && !libraries.includes(libraryId)) throw notAllowed()
  return { staffId: actor.staffId, libraries } as Authorised<P>
}

export const may = (actor: Actor, permission: Permission): boolean =>
  actor?.kind === 'staff' && actor.roles.some((held) => held.role in grants[permission])

/** @throws notSignedIn when there is no reader behind the request */
export function readerOf(actor: Actor): ReaderActor {
  if (actor?.kind !== 'reader') throw notSignedIn()
  return actor
}

/** @throws notSignedIn when there is no staff member behind the request */
export function staffOf(actor: Actor): StaffActor {
  if (actor?.kind !== 'staff') throw notSignedIn()
  return actor
}
