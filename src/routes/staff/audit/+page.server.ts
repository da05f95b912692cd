import { redirect } from '@sveltejs/kit'
import { getLocale } from '#texts/runtime.js'
import { knownActions } from '#core/audit/actions.ts'
import { actionTextIn } from '#core/audit/actions-en.ts'
import { cursorSchema, findPersonSchema, logFilterSchema } from '#core/oversight/log.schemas.ts'
import { authorise } from '#core/staff/actors.ts'
import type { PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ locals, url }) => {
  const actor = authorise(locals.actor, 'audit.read')
  const { oversight } = locals.app
  const asked = Object.fromEntries(url.searchParams)
  const filter = logFilterSchema.parse(asked)
  const { person: typed } = findPersonSchema.parse(asked)
  const found = typed === '' ? undefined : await oversight.find(actor, typed)
  const [only, another] = found?.persons ?? []
  if (only && !another) redirect(303, `/staff/audit?${search({ ...filter, reader: only.id })}`)
  const language = getLocale()
  const page = found
    ? { person: undefined, entries: [], next: undefined }
    : await oversight.page(actor, filter, cursorSchema.parse(asked).after)
  return {
    filter,
    typed,
    found: found && {
      ...found,
      persons: found.persons.map((person) => ({
        ...person,
        search: search({ ...filter, reader: person.id }),
      })),
    },
    person: page.person,
    entries: page.entries.map((entry) => ({ ...entry, actionText: actionTextIn(language, entry.action) })),
    next: page.next && search({ ...filter, after: page.next }),
    isLater: asked['after'] !== undefined,
    first: search(filter),
    staff: await oversight.staff(actor),
    actions: knownActions
      .map((action) => ({ action, text: actionTextIn(language, action) }))
      .toSorted((a, b) => a.text.localeCompare(b.text, language)),
  }
}

/** The same search as an address. */
const search = (fields: Record<string, string | number | undefined>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString()
