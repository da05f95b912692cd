import { describe, expect, it } from 'vitest'
import type { Permission, Role, StaffActor } from './actors.ts'
import { authorise, readerOf, roles } from './actors.ts'

const staff = (role: Role, libraryId = 'own'): StaffActor => ({
  kind: 'staff',
  staffId: 'someone',
  fullName: '',
  roles: [{ role, libraryId, libraryName: '' }],
})
const reader = { kind: 'reader', readerId: 'r', fullName: '', birthDate: '2000-01-01' } as const

/** The role table, as the design states it: what each role reaches. */
const table: Record<Permission, Partial<Record<Role, 'own' | 'all'>>> = {
  'applications.read': { librarian: 'own', operator: 'all' },
  'applications.write': { librarian: 'own', operator: 'all' },
  'applications.decide': { operator: 'all' },
  'letters.read': { librarian: 'own', operator: 'all' },
  'letters.confirm': { librarian: 'own', operator: 'own' },
  'letters.decide': { operator: 'all' },
  'readers.read': { librarian: 'own', operator: 'all' },
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
  'providers.close': { operator: 'all' },
  'providers.register': { operator: 'all' },
  'providers.configure': { admin: 'all' },
  'cards.read': { librarian: 'own', operator: 'all', methodologist: 'all' },
  'cards.stock': { librarian: 'own', operator: 'all' },
  'cards.manage': { operator: 'all' },
  'cards.replace': { librarian: 'own', operator: 'all' },
  'cards.number': { admin: 'all' },
  'settings.change': { admin: 'all' },
  'lists.questionnaires': { librarian: 'own', operator: 'all' },
  'lists.readers': { operator: 'all' },
  'catalogue.read': { librarian: 'all', operator: 'all', curator: 'all', methodologist: 'all' },
  'catalogue.manage': { curator: 'all' },
}

describe('who may do what', () => {
  for (const [permission, granted] of Object.entries(table) as [
    Permission,
    Partial<Record<Role, string>>,
  ][]) {
    for (const role of roles) {
      const reach = granted[role]
      it(`${role}: ${permission} reaches ${reach ?? 'nothing'}`, () => {
        if (!reach) {
          expect(() => authorise(staff(role), permission)).toThrow('staff.not_allowed')
          return
        }
        expect(authorise(staff(role), permission).libraries).toEqual(reach === 'all' ? 'all' : ['own'])
        const elsewhere = () => authorise(staff(role), permission, 'another')
        if (reach === 'all') expect(elsewhere().libraries).toBe('all')
        else expect(elsewhere).toThrow('staff.not_allowed')
      })
    }
    it(`${permission} is no reader’s and no stranger’s`, () => {
      expect(() => authorise(reader, permission)).toThrow('staff.not_allowed')
      expect(() => authorise(undefined, permission)).toThrow('staff.not_signed_in')
    })
  }

  it('what a reader does is no staff member’s and no stranger’s', () => {
    expect(readerOf(reader)).toBe(reader)
    expect(() => readerOf(staff('admin'))).toThrow('staff.not_signed_in')
    expect(() => readerOf(undefined)).toThrow('staff.not_signed_in')
  })
})
