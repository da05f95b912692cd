interface FormResult {
  type: string
  status?: number
  error?: { message?: string }
}

/** What of an enhanced form's answer counts here. */
interface FormAnswer {
  result: FormResult
  formElement: HTMLFormElement
  update: (options?: { reset?: boolean }) => Promise<void>
}

/**
 * Takes a form's answer; what was typed is cleared only by success. When the session has ended meanwhile, or the
 * database is away, the form goes out once more, as the browser itself sends forms: that leads over a page that
 * keeps what was typed, and back.
 */
export async function takeAnswer({ result, formElement, update }: FormAnswer): Promise<void> {
  const ended = result.type === 'failure' && result.status === 401
  if (ended || awayText(result) !== undefined) formElement.submit()
  else await update()
}

/** The server hasn't even looked at it: too much at once, the database is away, the disk is full. */
const away = new Set([411, 413, 503, 507])

/**
 * Why nothing could be done with a form for the moment. A form with files stays where it is: they are chosen, and
 * the browser can't carry them over another page.
 */
export const awayText = ({ type, status, error }: FormResult): string | undefined =>
  type === 'error' && away.has(status ?? 0) ? (error?.message ?? '') : undefined

/** The same for a form that stays filled in after its answer: a search, a choice. */
export const keepTyped = (answer: FormAnswer): Promise<void> =>
  takeAnswer({ ...answer, update: () => answer.update({ reset: false }) })
