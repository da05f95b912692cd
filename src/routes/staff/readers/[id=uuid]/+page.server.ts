import { redirect } from '@sveltejs/kit'
import { authorise, may } from '#core/staff/actors.ts'
import { cardActions, loadCardChanges } from './cards.ts'
import { careActions, loadCare } from './care.ts'
import { loadSamePerson, samePersonActions } from './same-person.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async (event) => {
  const { params } = event
  const { actor, app } = event.locals
  const { libraries } = authorise(actor, 'applications.read')
  const record = await app.readers.open(authorise(actor, 'readers.read'), params.id)
  if (record.mergedInto) redirect(303, `/staff/readers/${record.mergedInto}`)
  return {
    record,
    // One query per section of the page.
    cards: await app.readers.cards(record),
    lastSeen: await app.readers.lastSeen(record),
    applications: (await app.readers.applications(record)).map(({ libraryId, ...application }) => ({
      ...application,
      linked: libraries === 'all' || libraries.includes(libraryId),
    })),
    messages: await app.messages.ofRecord(record),
    there: await app.providers.standingOf(record),
    registersThere: may(actor, 'providers.register'),
    unreachedBy: await app.messages.unreachedBy(record),
    loansNow: await app.readers.loansNow(record),
    changes: await app.readers.changes(record),
    today: await app.today(),
    ...(await loadCardChanges(event, record)),
    ...(await loadCare(event, record)),
    ...(await loadSamePerson(event, record)),
  }
}

export const actions: Actions = { ...cardActions, ...careActions, ...samePersonActions }
