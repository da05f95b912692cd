/** What became of the last attempt to keep the draft. */
export type Kept = { revision: number } | 'conflict' | 'unsaved'

export interface DraftKeeper {
  /** Waits for a save that is under way and makes no further ones: the form itself goes out now. */
  pause(): Promise<void>
  /** The form didn't go out. */
  resume(): void
  end(): void
}

/** How long nothing is typed before the draft is kept. */
const quiet = 3000
const address = '/staff/applications/drafts'
const kept = ['fullName', 'email', 'birthDate', 'phone', 'guardianName', 'guardianRelation']

/**
 * Keeps a form as a draft, on the server (the PC is shared): a few seconds after the last change, and at once
 * when the page is left or hidden. One save at a time, so that each builds on the one before.
 * @param tell hears of every save; the form carries the revision that it tells
 */
export function keepDraft(form: HTMLFormElement, tell: (kept: Kept) => void): DraftKeeper {
  let timer: ReturnType<typeof setTimeout> | undefined
  let changed = false
  let paused = false
  let saving: Promise<void> | undefined

  async function save(): Promise<void> {
    changed = false
    const content = new URLSearchParams()
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') content.set(name, value)
    if (kept.every((name) => !content.get(name)?.trim())) return
    const answer = await fetch(address, {
      method: 'PUT',
      headers: { accept: 'application/json' },
      body: content,
      keepalive: true,
    }).catch(() => undefined)
    const said = (await answer?.json().catch(() => undefined)) as
      { revision?: number; code?: string } | undefined
    if (said?.revision !== undefined) tell({ revision: said.revision })
    else if (said?.code === 'drafts.changed_meanwhile') tell('conflict')
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

  return {
    async pause() {
      paused = true
      clearTimeout(timer)
      await saving
    },
    resume() {
      paused = false
    },
    end() {
      paused = true
      clearTimeout(timer)
      form.removeEventListener('input', noteChange)
      document.removeEventListener('visibilitychange', noteHidden)
    },
  }
}
