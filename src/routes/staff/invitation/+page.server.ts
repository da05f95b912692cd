import { openStaffLink, useStaffLink } from '../../../web/staff-link.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => openStaffLink(event, 'invitation')

export const actions: Actions = { default: (event) => useStaffLink(event, 'invitation') }
