import { redirect } from '@sveltejs/kit'
import type { RequestEvent } from '@sveltejs/kit'
import { z } from 'zod'
import { paperConsentSchema } from '#core/consents/consents.schemas.ts'
import { givePasswordSchema } from '#core/credentials/credentials.schemas.ts'
import { revokeOnPaperSchema } from '#core/destructions/destructions.ts'
import { trustContactSchema } from '#core/messages/refused-addresses.ts'
import { mendReaderSchema } from '#core/mending/mending.ts'
import type { OpenedRecord } from '#core/readers/record.queries.ts'
import { authorise, may } from '#core/staff/actors.ts'
import { takeForm } from '../../../../web/forms.ts'

/** What the sections show that keep a record right: consents, the yearly registration, mending, the way out. */
export async function loadCare({ locals, url }: RequestEvent, record: OpenedRecord) {
  const { actor, app } = locals
  const mender = authorise(actor, 'readers.mend')
  return {
    standing: await app.consents.standingOfRecord(record),
    refused: await app.messages.refused.ofRecord(record),
    consents: await app.consents.ofRecord(record),
    closing: await app.providerClosings.ofRecord(record),
    closesAccounts: may(actor, 'providers.close'),
    consentForm: await app.consents.current(),
    changeCount: await app.mending.count(record),
    // Another library's reader can only be moved to one's own.
    libraries: await app.network.within(record.elsewhere ? mender.libraries : 'all'),
    destruction: await app.destructions.ofRecord(record),
    destroyDays: (await app.settings())['consents.destroyDays'],
    decidesDestruction: may(actor, 'destructions.decide'),
    done: url.searchParams.get('done'),
  }
}

type OfReader = RequestEvent<{ id: string }>

const back = ({ params }: OfReader, done: string): never =>
  redirect(303, `/staff/readers/${params.id}?done=${done}`)

export const careActions = {
  renew: async (event: OfReader) =>
    takeForm(event.request, z.object({}), async () => {
      await event.locals.app.renewing.record(authorise(event.locals.actor, 'readers.read'), event.params.id)
      back(event, 'renewed')
    }),

  mend: async (event: OfReader) =>
    takeForm(event.request, mendReaderSchema, async (input) => {
      const { actor, app } = event.locals
      const decider = may(actor, 'readers.merge') ? authorise(actor, 'readers.merge') : undefined
      await app.mending.mend(authorise(actor, 'readers.mend'), event.params.id, input, decider)
      back(event, 'mended')
    }),

  trustContact: async (event: OfReader) =>
    takeForm(event.request, trustContactSchema, async ({ channel }) => {
      const actor = authorise(event.locals.actor, 'readers.mend')
      await event.locals.app.messages.refused.trust(actor, event.params.id, channel)
      back(event, 'trusted')
    }),

  password: async (event: OfReader) =>
    takeForm(event.request, givePasswordSchema, async (input) => {
      const actor = authorise(event.locals.actor, 'readers.new-password')
      await event.locals.app.credentials.give(actor, event.params.id, input)
      back(event, 'password')
    }),

  consent: async (event: OfReader) =>
    takeForm(event.request, paperConsentSchema, async (input) => {
      const actor = authorise(event.locals.actor, 'consents.record')
      await event.locals.app.consents.recordPaper(actor, event.params.id, input)
      back(event, 'consent')
    }),

  revoke: async (event: OfReader) =>
    takeForm(event.request, revokeOnPaperSchema, async () => {
      const actor = authorise(event.locals.actor, 'destructions.ask')
      await event.locals.app.destructions.revokeOnPaper(actor, event.params.id)
      back(event, 'revoked')
    }),
}
