/** What of an enhanced form's answer counts here. */
interface FormAnswer {
  result: { type: string; status?: number }
  formElement: HTMLFormElement
  update: (options?: { reset?: boolean }) => Promise<void>
}

/**
 * Takes a form's answer; what was typed is cleared only by success. When the session has ended meanwhile, the
 * form goes out once more, as the browser itself sends forms: that leads over the sign-in page and back.
 */
export async function takeAnswer({ result, formElement, update }: FormAnswer): Promise<void> {
  if (result.type === 'failure' && result.status === 401) formElement.submit()
  else await update()
}

/** The same for a form that stays filled in after its answer: a search, a choice. */
export const keepTyped = (answer: FormAnswer): Promise<void> =>
  takeAnswer({ ...answer, update: () => answer.update({ reset: false }) })
