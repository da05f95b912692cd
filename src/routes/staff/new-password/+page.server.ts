import { openStaffLink, useStaffLink } from '../../../web/staff-link.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = (event) => openStaffLink(event, 'reset')

export const actions: Actions = { default: (event) => useStaffLink(event, 'reset') }
