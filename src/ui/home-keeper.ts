/** Where the form from home is kept while its tab is open: a reload or the other language loses nothing. */
const place = 'home form'
const kept = ['fullName', 'email', 'birthDate', 'phone', 'guardianName', 'guardianRelation', 'libraryId']

/** What the form holds, without the fields that each sending chooses anew. */
export function keepHome(form: HTMLFormElement): void {
  const content = new FormData(form)
  const typed = Object.fromEntries(
    kept.flatMap((name) => {
      const value = content.get(name)
      return typeof value === 'string' && value.trim() !== '' ? [[name, value]] : []
    }),
  )
  // A browser may forbid its storage: then nothing is kept.
  try {
    sessionStorage.setItem(place, JSON.stringify(typed))
  } catch {
    return
  }
}

/** What was kept; undefined when there is nothing of it. */
export function keptHome(): Record<string, string> | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(place) ?? '{}')
    const fields = Object.entries(found ?? {}).filter(([name, value]) => kept.includes(name) && value)
    return fields.length > 0
      ? Object.fromEntries(fields.map(([name, value]) => [name, String(value)]))
      : undefined
  } catch {
    return undefined
  }
}

export function forgetHome(): void {
  try {
    sessionStorage.removeItem(place)
  } catch {
    return
  }
}
