import { z } from 'zod'

/**
 * What a form of settings carries besides: the values that its page showed, as JSON. Such a form has its
 * `autocomplete` off: a browser that goes back to it would put old values beside a new `shown`.
 */
export const shown = z.string().max(10_000).default('').catch('')

/**
 * What of a form its sender has changed. The rest stays as it is by now: a page that stood open while somebody else
 * changed other settings puts nothing back. Where what it showed can't be read, all of the form counts.
 * @param together fields that are one setting: with one of them changed, all of them count
 */
export function touched<Fields extends z.core.$ZodLooseShape>(
  schema: z.ZodObject<Fields>,
  form: z.output<z.ZodObject<Fields>> & { shown: string },
  together: readonly string[] = [],
): Partial<z.output<z.ZodObject<Fields>>> {
  const typed = form as Record<string, unknown>
  const before = (schema.safeParse(parsed(form.shown)).data ?? {}) as Record<string, unknown>
  const changed = Object.keys(schema.shape).filter((name) => typed[name] !== before[name])
  const names = changed.some((name) => together.includes(name)) ? [...changed, ...together] : changed
  return Object.fromEntries(names.map((name) => [name, typed[name]])) as Partial<
    z.output<z.ZodObject<Fields>>
  >
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
