import { describe, expect, it } from 'vitest'
import type { Permission, Role, StaffActor } from './actors.ts'
import { authorise, readerOf, roles, staffOf } from './actors.ts'

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
  'backups.manage': { admin: 'all' },
  'settings.change': { admin: 'all' },
  'lists.questionnaires': { librarian: 'own', operator: 'all' },
  'lists.readers': { operator: 'all' },
  'staff.secure': { admin: 'all' },
  'audit.read': { admin: 'all' },
  'catalogue.read': { librarian: 'all', operator: 'all', curator: 'all', methodologist: 'all' },
  'catalogue.manage': { curator: 'all' },
  'staff.manage': { admin: 'all' },
  'network.manage': { methodologist: 'all', admin: 'all' },
  'system.watch': { admin: 'all' },
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

  it('of several roles in several libraries the one that permits counts, and only where it holds', () => {
    const held = (role: Role, libraryId: string) => ({ role, libraryId, libraryName: '' })
    const both: StaffActor = {
      ...staff('librarian'),
      roles: [held('librarian', 'bui'), held('librarian', 'galich'), held('curator', 'central')],
    }
    expect(authorise(both, 'applications.write').libraries).toEqual(['bui', 'galich'])
    expect(authorise(both, 'applications.write', 'galich').libraries).toEqual(['bui', 'galich'])
    // What a curator may everywhere gives the librarian nothing elsewhere.
    expect(() => authorise(both, 'applications.write', 'central')).toThrow('staff.not_allowed')
    expect(authorise(both, 'catalogue.manage', 'bui').libraries).toBe('all')
    expect(() => authorise(both, 'applications.decide')).toThrow('staff.not_allowed')

    const operatorToo: StaffActor = { ...both, roles: [...both.roles, held('operator', 'central')] }
    expect(authorise(operatorToo, 'applications.write', 'elsewhere').libraries).toBe('all')
    // The papers of its readers a library confirms itself: an operator's own reach is the central one.
    expect(authorise(operatorToo, 'letters.confirm').libraries).toEqual(['bui', 'galich', 'central'])
    expect(() => authorise(operatorToo, 'letters.confirm', 'elsewhere')).toThrow('staff.not_allowed')
  })

  it('what a reader does is no staff member’s and no stranger’s', () => {
    expect(readerOf(reader)).toBe(reader)
    expect(() => readerOf(staff('admin'))).toThrow('staff.not_signed_in')
    expect(() => readerOf(undefined)).toThrow('staff.not_signed_in')
  })

  it('a staff member’s own page is no reader’s and no stranger’s', () => {
    const librarian = staff('librarian')
    expect(staffOf(librarian)).toBe(librarian)
    expect(() => staffOf(reader)).toThrow('staff.not_signed_in')
    expect(() => staffOf(undefined)).toThrow('staff.not_signed_in')
  })

  it('whoever lacks a required second factor may nothing, whatever the roles', () => {
    const held: StaffActor = { ...staff('admin'), roles: [], factorMissing: true }
    for (const permission of Object.keys(table) as Permission[])
      expect(() => authorise(held, permission)).toThrow('staff.not_allowed')
  })
})
