export interface Answer {
  status: number
  /** Where a form led to; '' when it stayed on its page. */
  location: string
  /** What the page asks a browser to fetch beside it: the `Link` header; '' without one. */
  link: string
  text: string
}

/** A browser without a screen and without scripts: it keeps cookies and posts forms. */
export interface FormClient {
  get(path: string): Promise<Answer>
  /** @throws when the system ends before it has answered */
  post(path: string, fields: Record<string, string>): Promise<Answer>
}

/**
 * @param address where the process listens
 * @param origin what people see in the address bar, where that is another name
 */
export function createFormClient(address: string, origin = address): FormClient {
  return createVisitor(origin).at(address)
}

/** One person's browser, whose requests a balancer may give to any of several processes. */
export function createVisitor(origin: string): { at(address: string): FormClient } {
  const cookies = new Map<string, string>()

  async function ask(url: string, init: { method?: string; body?: URLSearchParams } = {}): Promise<Answer> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'text/html', origin, ...(cookie && { cookie }) },
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      link: response.headers.get('link') ?? '',
      text: await response.text(),
    }
  }

  return {
    at: (address) => ({
      get: (path) => ask(address + path),
      post: (path, fields) => ask(address + path, { method: 'POST', body: new URLSearchParams(fields) }),
    }),
  }
}

/** The value of a page's hidden or filled-in field. */
export function fieldOf(page: Answer, name: string): string {
  const [input = ''] = new RegExp(`<input[^>]*\\sname="${name}"[^>]*>`).exec(page.text) ?? []
  const value = /\svalue="([^"]*)"/.exec(input)?.[1]
  if (value === undefined) throw new Error(`the page (${page.status}) has no field ${name}`)
  return value
}
