import { noteTyped } from './spoken.ts'

/** One request, as a browser or a script would send it. */
export interface Asked {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  path: string
  /** A form's fields; a book to upload makes it a multipart one. */
  form?: Record<string, string>
  upload?: { field: string; name: string; bytes: Uint8Array<ArrayBuffer> }
  json?: unknown
  accept?: string
}

export interface Answer {
  status: number
  /** Where a redirect leads to; '' when it is none. */
  location: string
  type: string
  text: string
  /** Cookies that were set, by name; '' for one that was taken away. */
  cookies: Record<string, string>
}

/** Sends a request as a page of our own would: no redirect is followed. */
export async function ask(origin: string, asked: Asked, cookie = ''): Promise<Answer> {
  const { path, accept = 'text/html' } = asked
  const body = bodyOf(asked)
  noteTyped(Object.entries(asked.form ?? (asked.json as object | undefined) ?? {}))
  const answer = await fetch(origin + path, {
    method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: {
      accept,
      origin,
      ...(cookie && { cookie }),
      ...(asked.json !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  })
  return {
    status: answer.status,
    location: answer.headers.get('location') ?? '',
    type: answer.headers.get('content-type') ?? '',
    text: await answer.text(),
    cookies: Object.fromEntries(
      answer.headers.getSetCookie().map((line) => {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        return [name, value]
      }),
    ),
  }
}

function bodyOf({ form, upload, json }: Asked): string | URLSearchParams | FormData | undefined {
  if (json !== undefined) return JSON.stringify(json)
  if (!form) return undefined
  if (!upload) return new URLSearchParams(form)
  const parts = new FormData()
  for (const [name, value] of Object.entries(form)) parts.set(name, value)
  parts.set(upload.field, new Blob([upload.bytes]), upload.name)
  return parts
}

/** The session that a sign-in form opens. @throws when it opens none */
export async function signIn(
  origin: string,
  path: '/sign-in' | '/staff/sign-in',
  form: Record<string, string>,
): Promise<string> {
  const { cookies, status } = await ask(origin, { path, form })
  const session = cookies[path === '/sign-in' ? 'reader' : 'staff']
  if (!session) throw new Error(`${path} opened no session, it answered ${status}`)
  return session
}
