import { fail } from '@sveltejs/kit'
import { enterSchema, failSchema, registrationSchema } from '#core/providers/receiving.ts'
import { makeListSchema } from '#core/providers/work-lists.ts'
import { closeAccountSchema } from '#core/readers/provider-closings.ts'
import { usesProvider } from '#core/settings/provider.ts'
import { namedEncoding } from '#core/shared/form-fields.ts'
import { authorise } from '#core/staff/actors.ts'
import { fieldText } from '../../../web/errors.ts'
import type { FormFault } from '../../../web/forms.ts'
import { takeForm, takeUpload } from '../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals }) => {
  const actor = authorise(locals.actor, 'providers.register')
  const settings = await locals.app.settings()
  return {
    overview: await locals.app.providers.overview(actor),
    closings: await locals.app.providerClosings.list(authorise(locals.actor, 'providers.close')),
    name: usesProvider(settings) ? settings['provider.name'] : '',
  }
}

export const actions: Actions = {
  make: async ({ locals, request }) =>
    takeForm(request, makeListSchema, async ({ kind }) => ({
      made: await locals.app.providers.make(authorise(locals.actor, 'providers.register'), kind),
    })),

  receive: async ({ locals, request }) => {
    const actor = authorise(locals.actor, 'providers.register')
    return takeUpload(request, 'file', async ({ fields, files: [file] }) => {
      if (!file)
        return fail<FormFault>(422, { values: fields, faults: { file: fieldText('provider_file_missing') } })
      const partial = fields['partial'] === 'on'
      const encoding = namedEncoding.parse(fields['encoding'])
      return { received: await locals.app.providers.receive(actor, file.path, partial, encoding) }
    })
  },

  enter: async ({ locals, request }) =>
    takeForm(request, enterSchema, async (input) => {
      await locals.app.providers.enter(authorise(locals.actor, 'providers.register'), input)
      return { entered: input.id }
    }),

  fail: async ({ locals, request }) =>
    takeForm(request, failSchema, async (input) => {
      await locals.app.providers.fail(authorise(locals.actor, 'providers.register'), input)
      return { failed: input.id }
    }),

  retry: async ({ locals, request }) =>
    takeForm(request, registrationSchema, async ({ id }) => {
      await locals.app.providers.retry(authorise(locals.actor, 'providers.register'), id)
      return { retried: id }
    }),

  close: async ({ locals, request }) =>
    takeForm(request, closeAccountSchema, async ({ closing }) => {
      await locals.app.providerClosings.close(authorise(locals.actor, 'providers.close'), closing)
      return { closed: closing }
    }),

  enrol: async ({ locals, request }) =>
    takeForm(request, registrationSchema, async ({ id }) => {
      await locals.app.providers.enrol(authorise(locals.actor, 'providers.register'), id)
      return { retried: id }
    }),
}
