import type { Actor } from '../support/region.ts'
import type { Attempt } from './access.table.ts'

const admins: Actor[] = ['admin']
const network: Actor[] = ['methodologist', 'admin']
const password = 'Сирень у крыльца'
const noKey = 'x'.repeat(43)

/** Who works where, and the libraries: the administrator's, the network the methodologist's too. */
export const staffAccess = (everybody: readonly Actor[]): Record<string, Attempt[]> => ({
  // One-time links: whoever has the key, and nobody without.
  '/staff/invitation page': [
    {
      about: 'an invitation, by its key',
      ask: async ({ people }) => ({
        path: `/staff/invitation?key=${await people.keyOf(await people.invited())}`,
      }),
      shows: 'Новичкова Ада Львовна',
      for: everybody,
    },
    { about: 'a made-up key', ask: () => ({ path: `/staff/invitation?key=${noKey}` }), for: [] },
  ],
  '/staff/invitation ?/default': [
    {
      about: 'an invitation, by its key',
      ask: async ({ people }) => ({
        path: `/staff/invitation?key=${await people.keyOf(await people.invited())}`,
        form: { password },
      }),
      for: everybody,
    },
    {
      about: 'a made-up key',
      ask: () => ({ path: `/staff/invitation?key=${noKey}`, form: { password } }),
      for: [],
    },
  ],
  '/staff/new-password page': [
    {
      about: 'a new password, by its key',
      ask: async ({ people }) => ({ path: `/staff/new-password?key=${await people.resetKey()}` }),
      shows: 'Новичкова Ада Львовна',
      for: everybody,
    },
    { about: 'a made-up key', ask: () => ({ path: `/staff/new-password?key=${noKey}` }), for: [] },
  ],
  '/staff/new-password ?/default': [
    {
      about: 'a made-up key',
      ask: () => ({ path: `/staff/new-password?key=${noKey}`, form: { password } }),
      for: [],
    },
    {
      about: 'a key that is for an invitation',
      ask: async ({ people }) => ({
        path: `/staff/new-password?key=${await people.keyOf(await people.invited())}`,
        form: { password },
      }),
      for: [],
    },
  ],
  '/staff/forgotten page': [{ about: 'the form', ask: () => ({ path: '/staff/forgotten' }), for: everybody }],
  '/staff/forgotten ?/default': [
    {
      about: 'a link for some address',
      ask: ({ people }) => ({
        path: '/staff/forgotten',
        form: { email: people.invitation()['email'] ?? '' },
      }),
      for: everybody,
    },
  ],

  '/staff/staff page': [
    {
      about: 'the list of staff',
      ask: () => ({ path: '/staff/staff' }),
      shows: 'librarian2@demo.test',
      for: admins,
    },
  ],
  '/staff/staff/new page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/staff/new' }),
      showsOnPage: 'Ссылка действует',
      for: admins,
    },
  ],
  '/staff/staff/new ?/default': [
    {
      about: 'an invitation',
      ask: ({ people }) => ({ path: '/staff/staff/new', form: people.invitation() }),
      for: admins,
    },
    {
      about: 'an invitation to administer',
      ask: ({ people }) => ({ path: '/staff/staff/new', form: { ...people.invitation(), role: 'admin' } }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] page': [
    {
      about: 'a staff member',
      ask: async ({ people }) => ({ path: `/staff/staff/${await people.invited()}` }),
      shows: 'Новичкова Ада Львовна',
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/change': [
    {
      about: 'a name and an address',
      ask: async ({ people }) => ({
        path: `/staff/staff/${await people.invited()}?/change`,
        form: { fullName: 'Другая', email: people.invitation()['email'] ?? '' },
      }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/give': [
    {
      about: 'the administrator’s role',
      ask: async ({ people, libraries }) => ({
        path: `/staff/staff/${await people.invited()}?/give`,
        form: { role: 'admin', libraryId: libraries.librarian },
      }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/take': [
    {
      about: 'one of two roles',
      ask: async ({ done, people, libraries }) => {
        const id = await people.invited()
        const form = { role: 'curator', libraryId: libraries.librarian }
        await done('admin', { path: `/staff/staff/${id}?/give`, form })
        return { path: `/staff/staff/${id}?/take`, form }
      },
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/again': [
    {
      about: 'a new link',
      ask: async ({ people }) => ({
        path: `/staff/staff/${await people.invited()}?/again`,
        form: { days: '7' },
      }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/cancel': [
    {
      about: 'an invitation',
      ask: async ({ people }) => ({ path: `/staff/staff/${await people.invited()}?/cancel`, form: {} }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/link': [
    {
      about: 'the link itself',
      ask: async ({ people }) => ({ path: `/staff/staff/${await people.invited()}?/link`, form: {} }),
      shows: '/staff/invitation?key=',
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/reset': [
    {
      about: 'a link for a new password',
      ask: async ({ people }) => ({ path: `/staff/staff/${await people.working()}?/reset`, form: {} }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/resetFactor': [
    {
      about: 'somebody’s second factor',
      ask: async ({ people, sql }) => {
        const id = await people.working()
        await sql(`insert into staff_totp (staff_id, sealed) values ($1, '')`, [id])
        return { path: `/staff/staff/${id}?/resetFactor`, form: {} }
      },
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/dismiss': [
    {
      about: 'somebody’s access',
      ask: async ({ people }) => ({ path: `/staff/staff/${await people.working()}?/dismiss`, form: {} }),
      for: admins,
    },
  ],
  '/staff/staff/[id=uuid] ?/reinstate': [
    {
      about: 'somebody who has left',
      ask: async ({ done, people }) => {
        const id = await people.working()
        await done('admin', { path: `/staff/staff/${id}?/dismiss`, form: {} })
        return { path: `/staff/staff/${id}?/reinstate`, form: {} }
      },
      for: admins,
    },
  ],

  '/staff/network page': [
    {
      about: 'the libraries and what they have done',
      ask: () => ({ path: '/staff/network' }),
      showsOnPage: 'Не приглашены',
      for: network,
    },
  ],
  '/staff/network/new page': [
    {
      about: 'the form',
      ask: () => ({ path: '/staff/network/new' }),
      showsOnPage: 'Письма с анкетами с этого адреса',
      for: network,
    },
  ],
  '/staff/network/new ?/default': [
    {
      about: 'a library',
      ask: ({ people }) => ({ path: '/staff/network/new', form: people.library() }),
      for: network,
    },
  ],
  '/staff/network/[id=uuid] page': [
    {
      about: 'Буй’s library',
      ask: ({ libraries }) => ({ path: `/staff/network/${libraries.librarian}` }),
      shows: 'librarian@demo.test',
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/change': [
    {
      about: 'a library’s data',
      ask: async ({ people }) => ({
        path: `/staff/network/${await people.newLibrary()}?/change`,
        form: people.library(),
      }),
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/invite': [
    {
      about: 'a first librarian',
      ask: async ({ people }) => ({
        path: `/staff/network/${await people.newLibrary()}?/invite`,
        form: people.firstLibrarian(),
      }),
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/again': [
    {
      about: 'a new link',
      ask: async ({ people }) => {
        const { id, staffId } = await people.invitedLibrary()
        return { path: `/staff/network/${id}?/again`, form: { staffId, days: '7' } }
      },
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/cancel': [
    {
      about: 'an invitation',
      ask: async ({ people }) => {
        const { id, staffId } = await people.invitedLibrary()
        return { path: `/staff/network/${id}?/cancel`, form: { staffId } }
      },
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/close': [
    {
      about: 'a library',
      ask: async ({ people }) => ({ path: `/staff/network/${await people.newLibrary()}?/close`, form: {} }),
      for: network,
    },
  ],
  '/staff/network/[id=uuid] ?/reopen': [
    {
      about: 'a closed library',
      ask: async ({ done, people }) => {
        const id = await people.newLibrary()
        await done('admin', { path: `/staff/network/${id}?/close`, form: {} })
        return { path: `/staff/network/${id}?/reopen`, form: {} }
      },
      for: network,
    },
  ],
  '/staff/network/[id=uuid]/letter GET': [
    {
      about: 'the letter with its link',
      ask: async ({ people }) => ({ path: `/staff/network/${(await people.invitedLibrary()).id}/letter` }),
      shows: 'application/pdf',
      for: network,
    },
  ],
  '/staff/network/letter GET': [
    {
      about: 'a sample of the letter',
      ask: () => ({ path: '/staff/network/letter?as=docx' }),
      shows: 'wordprocessingml',
      for: network,
    },
  ],
  '/staff/settings/department page': [
    {
      about: 'the department’s contacts',
      ask: () => ({ path: '/staff/settings/department' }),
      shows: 'metod@demo.test',
      for: network,
    },
  ],
  '/staff/settings/department ?/default': [
    {
      about: 'the department’s contacts',
      ask: () => ({
        path: '/staff/settings/department',
        form: { name: 'Методический отдел', phone: '+7 494 000-00-01', email: 'metod@demo.test' },
      }),
      for: network,
    },
  ],
})
