import type { RequestEvent } from '@sveltejs/kit'
import * as texts from '#texts'
import { escaped, paragraph } from './bare-page.ts'
import { neverSentBack } from './forms.ts'

/** A form that a page of ours keeps until it can be sent on. */
export interface KeptForm {
  action: string
  /** Undefined for what can't be sent again by a page: files, and passwords, which are never sent back. */
  fields: [string, string][] | undefined
}

/** Whether a page could keep what this request carries. */
export const carriesTyped = ({ method, headers }: Request): boolean =>
  method === 'POST' &&
  (headers.get('accept')?.includes('text/html') ?? false) &&
  (headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false)

/** @param typed the request, its body unread; undefined where it carries nothing that can be kept */
export async function keptForm(
  { url }: Pick<RequestEvent, 'url'>,
  typed: Request | undefined,
): Promise<KeptForm> {
  return { action: url.href, fields: typed && (await fieldsOf(typed)) }
}

/** What the page where one signs in again has put beside it (`typed-form.ts`): that is used up by now. */
const ofSigningIn = new Set(['staffEmail', 'staffPassword', 'staffCode'])

async function fieldsOf(typed: Request): Promise<KeptForm['fields']> {
  const fields = [...(await typed.formData())].flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !ofSigningIn.has(name) ? [[name, value]] : [],
  )
  return fields.some(([name]) => neverSentBack.has(name)) ? undefined : fields
}

/** The form in a page: what was typed goes along hidden, and is sent on by one press. */
export function keptFormPart({ action, fields }: KeptForm, words: { kept: string; goBack: string }): string {
  if (!fields) return paragraph(words.goBack)
  const carried = fields.map(
    ([name, value]) => `<textarea hidden name="${escaped(name)}">\n${escaped(value)}</textarea>`,
  )
  return `${paragraph(words.kept)}<form method="post" action="${escaped(action)}">
${carried.join('')}
<button>${escaped(texts.outage_send_again())}</button>
</form>`
}
