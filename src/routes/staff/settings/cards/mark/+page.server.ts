import { redirect } from '@sveltejs/kit'
import { markBackSchema, markOwnerSchema } from '#core/cards/marks.ts'
import { notFound } from '#core/shared/errors.ts'
import { authorise } from '#core/staff/actors.ts'
import { takeForm, takeUpload } from '../../../../../web/forms.ts'
import type { Actions, PageServerLoad } from './$types'

/** Whose mark a page, and what is sent from it, is about. @throws notFound */
function libraryIn(url: URL): string | undefined {
  const owner = markOwnerSchema.safeParse(Object.fromEntries(url.searchParams))
  if (!owner.success) throw notFound()
  return owner.data.library
}

export const load: PageServerLoad = async ({ locals, url }) => {
  const { app } = locals
  const actor = authorise(locals.actor, 'cards.number')
  const library = libraryIn(url)
  const own = await app.cards.libraryMarks(actor)
  const marks = await app.cards.marks(actor, library)
  return {
    library: library ?? '',
    libraries: (await app.network.within('all')).map(({ id, name }) => ({ id, name, own: own.has(id) })),
    ...marks,
    preview: await app.cardPreview(actor, library, marks.shown),
    done: url.searchParams.get('done'),
  }
}

const back = (library: string | undefined, done: 'put' | 'away'): never =>
  redirect(303, `/staff/settings/cards/mark?done=${done}${library ? `&library=${library}` : ''}`)

export const actions: Actions = {
  put: async ({ locals, request, url }) => {
    // Nobody else's file is received at all.
    const actor = authorise(locals.actor, 'cards.number')
    return takeUpload(request, 'file', async ({ files: [file] }) => {
      const library = libraryIn(url)
      await locals.app.cards.putMark(actor, library, file?.path)
      back(library, 'put')
    })
  },

  takeAway: async ({ locals, url }) => {
    const library = libraryIn(url)
    await locals.app.cards.takeMarkAway(authorise(locals.actor, 'cards.number'), library)
    back(library, 'away')
  },

  putBack: async ({ locals, request }) =>
    takeForm(request, markBackSchema, async ({ markId }) => {
      back(await locals.app.cards.putMarkBack(authorise(locals.actor, 'cards.number'), markId), 'put')
    }),
}
