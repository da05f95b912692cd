import { randomUUID } from 'node:crypto'
import { after, days } from '../shared/clock.ts'
import type { Database, Transaction } from '../shared/db.ts'
import type { Sealer } from '../shared/sealing.ts'
import { tokenHash } from '../shared/token-hash.ts'

/** Why a staff member gets a link with which he chooses a password. */
export type LinkPurpose = 'invitation' | 'reset'

/** How many days a link works: an invitation may lie in a letter, a new password is wanted now. */
export const linkDays = { invitation: 7, reset: 1 } as const

/** A link that is there; it may have run out. */
export interface StaffLink {
  id: string
  purpose: LinkPurpose
  expiresAt: Date
}

const pages: Record<LinkPurpose, string> = {
  invitation: '/staff/invitation',
  reset: '/staff/new-password',
}

/**
 * What a link carries. It comes from the link's id and the installation's key, so that a letter can be printed again
 * while it lasts; the database has its hash only.
 */
const tokenOf = (sealer: Sealer, id: string): string => sealer.blind(`staff link ${id}`).toString('base64url')

export const linkAddress = (sealer: Sealer, origin: string, { id, purpose }: StaffLink): string =>
  `${origin}${pages[purpose]}?key=${tokenOf(sealer, id)}`

/**
 * A new link for a staff member; the one before stops working. The caller has locked his row.
 * @param madeBy undefined when he asked for it himself, or the console did
 */
export async function makeLink(
  tx: Transaction,
  sealer: Sealer,
  now: Date,
  link: { staffId: string; purpose: LinkPurpose; days?: number | undefined; madeBy?: string | undefined },
): Promise<StaffLink> {
  const id = randomUUID()
  const expiresAt = after(now, days(link.days ?? linkDays[link.purpose]))
  const row = {
    id,
    purpose: link.purpose,
    token_hash: tokenHash(tokenOf(sealer, id)),
    made_by: link.madeBy ?? null,
    made_at: now,
    expires_at: expiresAt,
  }
  await tx
    .insertInto('staff_links')
    .values({ staff_id: link.staffId, ...row })
    .onConflict((conflict) => conflict.column('staff_id').doUpdateSet(row))
    .execute()
  return { id, purpose: link.purpose, expiresAt }
}

/** A staff member's link while it works. */
export async function standingLink(
  db: Database | Transaction,
  now: Date,
  staffId: string,
): Promise<StaffLink | undefined> {
  const row = await db
    .selectFrom('staff_links')
    .innerJoin('staff', 'staff.id', 'staff_links.staff_id')
    .select(['staff_links.id', 'staff_links.purpose', 'staff_links.expires_at as expiresAt'])
    .where('staff_id', '=', staffId)
    .where('expires_at', '>', now)
    .where('staff.disabled_at', 'is', null)
    .executeTakeFirst()
  return row && { ...row, purpose: row.purpose as LinkPurpose }
}

/**
 * For a new key of the installation: what links carry comes from the key, so those that were sent stop working.
 * @returns how many of those people are to be sent another one
 */
export async function renewLinks(tx: Transaction, now: Date, to: Sealer): Promise<number> {
  const rows = await tx.selectFrom('staff_links').select(['staff_id', 'id', 'expires_at']).execute()
  for (const { staff_id: staffId, id } of rows)
    await tx
      .updateTable('staff_links')
      .set({ token_hash: tokenHash(tokenOf(to, id)) })
      .where('staff_id', '=', staffId)
      .execute()
  return rows.filter((row) => row.expires_at > now).length
}
