/**
 * The reading page's own content policy: chapters are shown in frames that inherit it, so it is tighter than
 * the other pages' where a book could reach out, and wider only for the frames that the engine makes.
 */
const overrides = (files: string): Record<string, string> => ({
  'frame-src': 'blob:',
  'img-src': `data: ${files} ${new URL('/icon.svg', files).href}`,
  'media-src': files,
  'font-src': `'self' data: ${files}`,
  'form-action': "'none'",
  'object-src': "'none'",
  'worker-src': "'none'",
})

/** @param files absolute address of the book's files, with a slash at its end */
export function readingPolicy(policy: string, files: string): string {
  const directives = new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(/\s+/)
      return [name, values.join(' ')]
    }),
  )
  for (const [name, values] of Object.entries(overrides(files))) directives.set(name, values)
  // The book's own files lie at an address of ours, so 'self' would take a script out of them.
  const scripts = directives.get('script-src') ?? ''
  directives.set('script-src', scripts.replace("'self'", new URL('/_app/', files).href))
  return [...directives].map(([name, values]) => `${name} ${values}`.trim()).join('; ')
}
