import type { Clock } from '../shared/clock.ts'
import type { Database } from '../shared/db.ts'
import { sql } from '../shared/db.ts'
import { notFound } from '../shared/errors.ts'
import type { Authorised, Role } from '../staff/actors.ts'
import type { LinkPurpose } from '../staff/links.ts'
import { firstLibrarian } from './people.ts'

export interface Person {
  id: string
  fullName: string
  email: string
  /** The first one is where he began. */
  roles: { role: Role; libraryId: string; libraryName: string; closed: boolean }[]
  lastSignedInAt: Date | null
  dismissedAt: Date | null
  /** No password yet: he is invited, or the invitation has run out. */
  waits: boolean
  link: { purpose: LinkPurpose; expiresAt: Date; expired: boolean; madeBy: string | null } | null
  /** The last letter to him about his way in. */
  letter: { event: string; state: string; fault: string | null; at: Date } | null
}

export function createStaffQueries({ db, clock }: { db: Database; clock: Clock }) {
  const people = () =>
    db
      .selectFrom('staff as s')
      .leftJoin('staff_links as k', 'k.staff_id', 's.id')
      .leftJoin('staff as m', 'm.id', 'k.made_by')
      .select([
        's.id',
        's.full_name as fullName',
        's.email',
        's.last_signed_in_at as lastSignedInAt',
        's.disabled_at as dismissedAt',
        'k.purpose',
        'k.expires_at as expiresAt',
        'm.full_name as madeBy',
      ])
      .select([
        sql<boolean>`s.password_hash = ''`.as('waits'),
        // Dates within JSON come as text: only what has none is gathered there.
        sql<Person['roles']>`coalesce((
          select json_agg(json_build_object('role', r.role, 'libraryId', r.library_id, 'libraryName', l.short_name,
            'closed', l.closed_at is not null) order by r.since, l.name, r.role)
          from staff_roles r join libraries l on l.id = r.library_id where r.staff_id = s.id), '[]')`.as(
          'roles',
        ),
      ])
      .orderBy('s.full_name')
      .orderBy('s.id')

  type Row = Awaited<ReturnType<ReturnType<typeof people>['execute']>>[number]
  const personOf = ({ purpose, expiresAt, madeBy, ...row }: Row): Omit<Person, 'letter'> => ({
    ...row,
    link:
      purpose && expiresAt
        ? { purpose: purpose as LinkPurpose, expiresAt, expired: expiresAt <= clock(), madeBy }
        : null,
  })

  async function newestLetter(staffId: string): Promise<Person['letter']> {
    const row = await db
      .selectFrom('messages')
      .select(['event', 'state', 'fault', 'created_at as at'])
      .where('staff_id', '=', staffId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row ?? null
  }

  return {
    /** Everybody by name, whoever was dismissed too. @param search in names, addresses and libraries */
    async list(_actor: Authorised<'staff.manage'>, search: string): Promise<Omit<Person, 'letter'>[]> {
      const found = (await people().execute()).map(personOf)
      const words = search.toLowerCase().split(/\s+/).filter(Boolean)
      const textOf = ({ fullName, email, roles }: (typeof found)[number]) =>
        [fullName, email, ...roles.map(({ libraryName }) => libraryName)].join(' ').toLowerCase()
      return found.filter((person) => words.every((word) => textOf(person).includes(word)))
    },

    /** @throws notFound */
    async person(_actor: Authorised<'staff.manage'>, id: string): Promise<Person> {
      const row = await people().where('s.id', '=', id).executeTakeFirst()
      if (!row) throw notFound()
      return { ...personOf(row), letter: await newestLetter(id) }
    },

    /** Who works in a library, for whoever manages the network; `first` is whom he may invite again. */
    async ofLibrary(
      _actor: Authorised<'network.manage'>,
      libraryId: string,
    ): Promise<{ people: Person[]; first: string | undefined }> {
      const rows = await people()
        .where('s.disabled_at', 'is', null)
        .where('s.id', 'in', (eb) =>
          eb.selectFrom('staff_roles').select('staff_id').where('library_id', '=', libraryId),
        )
        .execute()
      const found: Person[] = []
      for (const row of rows) found.push({ ...personOf(row), letter: await newestLetter(row.id) })
      return { people: found, first: await firstLibrarian(db, libraryId) }
    },
  }
}
