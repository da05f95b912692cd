import type { Answer, Asked } from './http.ts'
import type { Actor } from './region.ts'

/** Staff members and libraries that tests invite, change and close; each is a new one. */
export function createStaffSteps(region: {
  done: (actor: Actor, asked: Asked) => Promise<Answer>
  libraryId: string
}) {
  const { done, libraryId } = region
  let people = 0
  const newEmail = () => `newcomer${(people += 1)}@demo.test`

  const idIn = ({ location }: Answer): string => {
    const [id] = /[0-9a-f-]{36}/.exec(location) ?? []
    if (!id) throw new Error(`nothing was made: ${location}`)
    return id
  }
  const keyIn = ({ text }: Answer): string => {
    const [, key] = /\?key=([\w-]{43})/.exec(text) ?? []
    if (!key) throw new Error('no link was shown')
    return key
  }

  /** An invitation as it is typed in. */
  const invitation = (): Record<string, string> => ({
    fullName: 'Новичкова Ада Львовна',
    email: newEmail(),
    role: 'librarian',
    libraryId,
    days: '7',
  })
  /** Somebody invited; his id. */
  const invited = async () => idIn(await done('admin', { path: '/staff/staff/new', form: invitation() }))
  /** The key of the link that somebody has. */
  const keyOf = async (id: string) =>
    keyIn(await done('admin', { path: `/staff/staff/${id}?/link`, form: {} }))
  /** Somebody who has accepted. */
  async function working(): Promise<string> {
    const id = await invited()
    await done('stranger', {
      path: `/staff/invitation?key=${await keyOf(id)}`,
      form: { password: 'Сирень у крыльца' },
    })
    return id
  }
  /** The key of a link for a new password. */
  async function resetKey(): Promise<string> {
    const id = await working()
    await done('admin', { path: `/staff/staff/${id}?/reset`, form: {} })
    return keyOf(id)
  }

  const library = (): Record<string, string> => ({
    name: `Новая библиотека ${(people += 1)}`,
    code: '',
    address: '',
    phone: '',
    email: '',
  })
  const newLibrary = async () =>
    idIn(await done('methodologist', { path: '/staff/network/new', form: library() }))
  const firstLibrarian = (): Record<string, string> => ({
    fullName: 'Первая Анна Львовна',
    email: newEmail(),
    days: '7',
    onPaper: 'paper',
  })
  /** A library whose first librarian is invited, and her id. */
  async function invitedLibrary(): Promise<{ id: string; staffId: string }> {
    const id = await newLibrary()
    await done('methodologist', { path: `/staff/network/${id}?/invite`, form: firstLibrarian() })
    const page = await done('methodologist', { path: `/staff/network/${id}` })
    const [, staffId = ''] = /name="staffId" value="([0-9a-f-]{36})"/.exec(page.text) ?? []
    return { id, staffId }
  }

  return {
    invitation,
    invited,
    keyOf,
    working,
    resetKey,
    library,
    newLibrary,
    firstLibrarian,
    invitedLibrary,
  }
}
