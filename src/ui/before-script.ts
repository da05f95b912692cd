import { afterNavigate } from '$app/navigation'

/**
 * Keeps what was typed, ticked, chosen or opened before the page's script had come, which on a slow line is seconds
 * after the page: taking the page over, the script sets it to what the server has drawn. To be called while the
 * page's layout is made, before anything of the page is taken over.
 */
export function keepFilledBeforeScript(): void {
  if (typeof document === 'undefined') return
  const again = [...document.querySelectorAll<Field>('input, select, textarea')].flatMap((field) => {
    const fill = filled(field)
    return fill ? [{ field, fill }] : []
  })
  // What folds itself by script stands open only for those who have none.
  const opened = document.querySelectorAll<HTMLDetailsElement>('details[open]:not([data-folds])')
  afterNavigate(({ type }) => {
    // Made by a later navigation, the layout has looked at the page before it.
    if (type !== 'enter') return
    for (const details of opened) details.open = true
    for (const { field, fill } of again) {
      const around = field.closest('details')
      if (around) around.open = true
      fill()
      // Whoever counts on hearing of changes hears of this one, too.
      const types = isTypedNow(field) ? ['input'] : ['input', 'change']
      for (const type of types) field.dispatchEvent(new Event(type, { bubbles: true }))
    }
  })
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

/** Somebody is typing there still: a change is what comes when the field is left. */
const isTypedNow = (field: Field): boolean =>
  field === document.activeElement && !/^(select|checkbox|radio)/.test(field.type)

/** What fills a field in again; undefined when it is as the server has drawn it, or no script may fill it in. */
function filled(field: Field): (() => void) | undefined {
  const { type, value } = field
  if (type === 'hidden' || type === 'file') return undefined
  if (field instanceof HTMLSelectElement) {
    const { selectedIndex } = field
    const drawn = [...field.options].findIndex((option) => option.defaultSelected)
    return selectedIndex === Math.max(drawn, 0) ? undefined : () => (field.selectedIndex = selectedIndex)
  }
  if (type === 'checkbox' || type === 'radio') {
    const { checked, defaultChecked } = field as HTMLInputElement
    // Of radio buttons the one that was chosen clears the other.
    const same = checked === defaultChecked || (type === 'radio' && !checked)
    return same ? undefined : () => ((field as HTMLInputElement).checked = checked)
  }
  return value === field.defaultValue ? undefined : () => (field.value = value)
}
