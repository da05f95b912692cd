/** What became of the last attempt to keep the draft; `changedTo`: another tab has saved it since. */
export type Kept = { revision: number } | { changedTo: number } | 'unsaved'

export interface DraftKeeper {
  /** Waits for a save that is under way and makes no further ones: the form itself goes out now. */
  pause(): Promise<void>
  /** Keeps at once what was typed last. */
  flush(): Promise<void>
  /** The form didn't go out. */
  resume(): void
  /** The page is left; what was typed last is kept. */
  end(): void
}

/** How long nothing is typed before the draft is kept. */
const quiet = 3000
const address = '/staff/applications/drafts'
const kept = ['fullName', 'email', 'birthDate', 'phone', 'stockCard', 'guardianName', 'guardianRelation']

/**
 * Puts into a form's content what the page knows and doesn't show at the moment: the representative that a
 * family's next form begins with, while the birth date isn't typed yet.
 */
export function addUnshown(content: FormData | URLSearchParams, known: Record<string, string>): void {
  for (const name of kept) if (!content.has(name) && known[name]) content.set(name, known[name])
}

/**
 * Keeps a form as a draft, on the server (the PC is shared): a few seconds after the last change, and at once
 * when the page is left or hidden. One save at a time, so that each builds on the one before.
 * @param known what the form began with
 * @param tell hears of every save; the form carries the revision that it tells
 */
export function keepDraft(
  form: HTMLFormElement,
  known: Record<string, string>,
  tell: (kept: Kept) => void,
): DraftKeeper {
  let timer: ReturnType<typeof setTimeout> | undefined
  let changed = false
  let paused = false
  let ended = false
  let saving: Promise<void> | undefined

  async function save(): Promise<void> {
    changed = false
    const content = new URLSearchParams()
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') content.set(name, value)
    addUnshown(content, known)
    if (kept.every((name) => !content.get(name)?.trim())) return
    const answer = await fetch(address, {
      method: 'PUT',
      headers: { accept: 'application/json' },
      body: content,
      keepalive: true,
    }).catch(() => undefined)
    const said = (await answer?.json().catch(() => undefined)) as
      { revision?: number; code?: string; about?: { revision?: number } } | undefined
    if (ended) return
    if (said?.revision !== undefined) tell({ revision: said.revision })
    else if (said?.code === 'drafts.changed_meanwhile') tell({ changedTo: said.about?.revision ?? 0 })
    // Sent already, from here: there is nothing to keep.
    else if (said?.code !== 'drafts.already_sent') tell('unsaved')
  }

  function now(): void {
    clearTimeout(timer)
    if (!changed || paused || saving) return
    saving = save().finally(() => {
      saving = undefined
      if (changed) soon()
    })
  }

  function soon(): void {
    clearTimeout(timer)
    if (!paused) timer = setTimeout(now, quiet)
  }

  const noteChange = () => {
    changed = true
    soon()
  }
  const noteHidden = () => {
    if (document.visibilityState === 'hidden') now()
  }
  form.addEventListener('input', noteChange)
  document.addEventListener('visibilitychange', noteHidden)

  // Somebody typed before the script had come.
  const typedAlready = kept.some((name) => {
    const field = form.elements.namedItem(name)
    return field instanceof HTMLInputElement && field.value !== (known[name] ?? '')
  })
  if (typedAlready) noteChange()

  return {
    async pause() {
      paused = true
      clearTimeout(timer)
      await saving
    },
    async flush() {
      await saving
      now()
      await saving
    },
    resume() {
      paused = false
      // What was refused is as worth keeping as what is typed on.
      if (changed) soon()
    },
    end() {
      now()
      paused = ended = true
      clearTimeout(timer)
      form.removeEventListener('input', noteChange)
      document.removeEventListener('visibilitychange', noteHidden)
    },
  }
}
