import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import type { BuiltRoute } from '../support/built-routes.ts'
import { builtRoutes } from '../support/built-routes.ts'
import { startDemo } from '../support/demo.ts'
import type { Answer, Asked } from '../support/http.ts'
import { ask } from '../support/http.ts'
import type { Actor, Region } from '../support/region.ts'
import { chapter, createRegion, forgedActors, names, readerActors, staffActors } from '../support/region.ts'
import type { RunningSystem } from '../support/system.ts'
import { startSystem } from '../support/system.ts'
import type { Attempt } from './access.table.ts'
import { access } from './access.table.ts'

let system: RunningSystem
let region: Region
let routes: BuiltRoute[]

beforeAll(async () => {
  await ensureBuild()
  routes = await builtRoutes()
  system = await startDemo()
  region = await createRegion(system)
})
afterAll(() => system?.dispose())

const actors: Actor[] = ['stranger', ...staffActors, ...readerActors, ...forgedActors]

/** Each way in which a route can be asked for the same thing. */
function waysTo(key: string, asked: Asked): { way: string; asked: Asked }[] {
  const plain = { way: 'plain', asked }
  if (key.includes(' ?/'))
    return [plain, { way: 'by script', asked: { ...asked, accept: 'application/json' } }]
  if (asked.method || asked.form) return [plain]
  const head = { way: 'HEAD', asked: { ...asked, method: 'HEAD' as const } }
  if (!key.endsWith(' page')) return [plain, head]
  const [path = '', query = ''] = asked.path.split('?')
  const data = (path === '/' ? '' : path) + '/__data.json'
  // The data of the page itself, its layouts left out: they guard nothing that a page doesn't guard.
  const layouts = routes.find((route) => route.key === key)?.layouts ?? 0
  const leaf = `x-sveltekit-invalidated=${'0'.repeat(layouts)}1`
  return [
    plain,
    head,
    { way: 'data', asked: { path: `${data}?${query}` } },
    { way: 'data without layouts', asked: { path: `${data}?${query ? `${query}&` : ''}${leaf}` } },
  ]
}

const signInPage = /^\/(staff\/)?sign-in(\/again)?(\?|$)/

/** What an answer means: content or a place to go on to, a refusal, or something that should never come. */
function verdict(answer: Answer, to = ''): string {
  const { status, redirect } = outcome(answer)
  if (redirect)
    return signInPage.test(redirect) && !(to && redirect.startsWith(to)) ? 'refused' : 'let through'
  if ([401, 403, 404].includes(status)) return 'refused'
  return status === 200 ? 'let through' : `broken: ${status}`
}

/** Data requests answer 200 whatever comes of them: what they mean is inside. */
function outcome({ status, location, type, text }: Answer): { status: number; redirect: string } {
  if (status !== 200 || !type.includes('json') || !text.startsWith('{"type"'))
    return { status, redirect: location }
  const inside = JSON.parse(text) as {
    type: string
    location?: string
    nodes?: ({ type: string; error?: { status: number } } | null)[]
  }
  if (inside.type === 'redirect') return { status, redirect: inside.location ?? '' }
  const failed = inside.nodes?.find((node) => node?.type === 'error')
  return { status: failed?.error?.status ?? status, redirect: '' }
}

/** What of an attempt can be seen in an answer that came in this way. */
function signsOf({ shows, showsOnPage }: Attempt, way: string): string[] {
  const everywhere = typeof shows === 'function' ? shows(region) : shows
  if (way === 'HEAD') return []
  return [everywhere, way === 'plain' ? showsOnPage : undefined].filter((sign) => sign !== undefined)
}
const seenIn = ({ text, type }: Answer, sign: string) => text.includes(sign) || type.includes(sign)

/** What the log says of a page that is shown again. */
const looking = new Set([
  'drafts.list',
  'letters.list',
  'letters.open',
  'applications.open',
  'corrections.list',
  'destructions.list',
  'readers.open',
  'readers.likes',
  'applications.likes',
  'audit.search',
])

/** Asks as everybody who is to be refused, in every way; what went wrong, one line each. */
async function refusals(key: string, attempt: Attempt): Promise<string[]> {
  const [first = 'stranger'] = attempt.for
  const asked = await attempt.ask(region, first)
  const before = await region.everything()
  const wrong: string[] = []
  for (const actor of refused(attempt)) {
    for (const { way, asked: each } of waysTo(key, asked)) {
      const answer = await region.as(actor, each)
      if (verdict(answer) !== 'refused') wrong.push(`${actor}, ${way}: ${verdict(answer)}`)
      for (const sign of signsOf(attempt, way))
        if (seenIn(answer, sign)) wrong.push(`${actor}, ${way}: sees ${sign}`)
    }
  }
  const changed = await region.changesSince(before)
  // A refused action shows its page again to whoever may see that, and such a look is in the log.
  const looks =
    key.includes(' ?/') && (await region.lastActions(before)).every((action) => looking.has(action))
  const excused = looks ? ['audit_log', 'audit_head'] : []
  return [
    ...wrong,
    ...changed.filter((table) => !excused.includes(table)).map((table) => `changed: ${table}`),
  ]
}

const named = (attempt: Attempt): Actor[] => [...attempt.for, ...(attempt.without ?? [])]
const refused = (attempt: Attempt): Actor[] => actors.filter((actor) => !named(attempt).includes(actor))

/** Asks as everybody who is to be let through; what went wrong, one line each. */
async function entrances(key: string, attempt: Attempt): Promise<string[]> {
  const wrong: string[] = []
  for (const actor of named(attempt)) {
    const ways = waysTo(key, await attempt.ask(region, actor))
    // An action that is taken twice would be another one.
    for (const { way, asked } of key.includes(' ?/') ? ways.slice(0, 1) : ways) {
      const answer = attempt.endsSession
        ? await ask(region.origin, asked, await region.newCookie(actor))
        : await region.as(actor, asked)
      await attempt.after?.(region, actor)
      const said = verdict(answer, attempt.to)
      if (said !== 'let through') wrong.push(`${actor}, ${way}: ${said}`)
      for (const sign of signsOf(attempt, way)) {
        const seen = seenIn(answer, sign)
        if (seen !== attempt.for.includes(actor))
          wrong.push(`${actor}, ${way}: ${seen ? 'sees' : 'doesn’t see'} ${sign}`)
      }
    }
  }
  return wrong
}

describe('who may do what', () => {
  it('is decided for every route, method and form action that the build has, and for no other', () => {
    expect(Object.keys(access).toSorted()).toEqual(routes.map(({ key }) => key).toSorted())
  })

  const attempts = Object.entries(access).flatMap(([key, list]) =>
    list.map((attempt) => ({ key, about: attempt.about, attempt })),
  )
  const shut = attempts.filter(({ attempt }) => refused(attempt).length > 0)
  it.each(shut)(
    '$key, $about: whoever isn’t named is refused, and nothing changes',
    async ({ key, attempt }) => {
      expect(await refusals(key, attempt)).toEqual([])
    },
  )
  const open = attempts.filter(({ attempt }) => named(attempt).length > 0)
  it.each(open)('$key, $about: whoever is named gets it', async ({ key, attempt }) => {
    expect(await entrances(key, attempt)).toEqual([])
  })

  it.each(['/%73taff/applications', '//staff/applications', '/staff/./applications', '/staff/applications/'])(
    'isn’t changed by spelling an address as %s',
    async (path) => {
      for (const actor of ['stranger', 'owner', 'curator'] as const) {
        const answer = await region.as(actor, { path })
        expect(answer.text).not.toContain(names.owner)
        expect([308, 303, 401, 403, 404]).toContain(answer.status)
      }
    },
  )
})

describe('a session', () => {
  const desk = (cookie: string) => ask(region.origin, { path: '/staff' }, cookie)
  const shelf = (cookie: string) => ask(region.origin, { path: '/shelf' }, cookie)

  it('that was signed out is dead, wherever its cookie lies', async () => {
    const cookie = await region.newCookie('librarian')
    expect((await desk(cookie)).status).toBe(200)
    const out = await ask(region.origin, { path: '/staff/sign-out', form: {} }, cookie)
    expect(out.cookies).toEqual({ staff: '' })
    expect((await desk(cookie)).location).toMatch(signInPage)

    const reading = await region.newCookie('owner')
    const book = { path: `/read/${region.loans.owners}/files/${chapter}` }
    expect((await ask(region.origin, book, reading)).status).toBe(200)
    expect((await ask(region.origin, { path: '/sign-out', form: {} }, reading)).cookies).toEqual({
      reader: '',
    })
    expect((await ask(region.origin, book, reading)).status).toBe(401)
  })

  it('of a reader and one of a librarian live side by side in one browser, and end apart', async () => {
    const both = `${await region.newCookie('librarian')}; ${await region.newCookie('owner')}`
    expect([(await desk(both)).status, (await shelf(both)).status]).toEqual([200, 200])
    await ask(region.origin, { path: '/sign-out', form: {} }, both)
    expect([(await desk(both)).status, (await shelf(both)).status]).toEqual([200, 303])
  })

  it('of a staff member who was disabled ends at once, and no new one begins', async () => {
    const disable = (at: string) =>
      region.sql(`update staff set disabled_at = ${at} where email = 'librarian2@demo.test'`)
    const cookie = await region.newCookie('librarian2')
    const form = region.questionnaire('librarian2')
    await disable('now()')
    try {
      expect((await desk(cookie)).location).toMatch(signInPage)
      const before = await region.everything()
      await ask(region.origin, { path: '/staff/applications/new', form }, cookie)
      expect(await region.changesSince(before)).toEqual([])
      await expect(region.newCookie('librarian2')).rejects.toThrow('401')
    } finally {
      await disable('null')
    }
    expect((await desk(cookie)).status).toBe(200)
  })

  it('loses what a role allowed as soon as the role is taken away', async () => {
    const role = `from staff_roles using staff
      where staff_id = staff.id and email = 'curator@demo.test'`
    const [taken] = await region.sql(`delete ${role} returning staff_roles.*`)
    const cookie = await region.newCookie('curator')
    try {
      expect((await ask(region.origin, { path: '/staff/catalogue' }, cookie)).location).toMatch(signInPage)
    } finally {
      await region.sql('insert into staff_roles (staff_id, library_id, role) values ($1, $2, $3)', [
        taken?.['staff_id'],
        taken?.['library_id'],
        taken?.['role'],
      ])
    }
    expect((await ask(region.origin, { path: '/staff/catalogue' }, cookie)).status).toBe(200)
  })
})

describe('an installation that is no demonstration', () => {
  it('has no outbox, and its set-up page opens by the console’s link only', async () => {
    const real = await startSystem()
    try {
      for (const accept of ['text/html', 'application/json']) {
        expect((await ask(real.origin, { path: '/demo/outbox', accept })).status).toBe(404)
        expect((await ask(real.origin, { path: '/demo/outbox', method: 'HEAD', accept })).status).toBe(404)
      }
      const data = await ask(real.origin, { path: '/demo/outbox/__data.json?x-sveltekit-invalidated=01' })
      expect(verdict(data)).toBe('refused')
      const { pathname = '', search = '' } = new URL(
        /http\S+\/staff\/setup\S+/.exec(real.output())?.[0] ?? real.origin,
      )
      expect((await ask(real.origin, { path: pathname + search })).status).toBe(200)
      expect((await ask(real.origin, { path: `${pathname + search}0` })).status).toBe(403)
      expect((await ask(real.origin, { path: pathname })).status).toBe(403)
    } finally {
      await real.dispose()
    }
  })
})
