import { Parser } from 'htmlparser2'

const SILENT = new Set(['script', 'style', 'template', 'head', 'title'])
const BLOCKS = new Set(
  'address article blockquote br dd div dl dt figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table tr ul'.split(
    ' ',
  ),
)

/**
 * The text of a piece of HTML (or of plain text, which passes through): markup stripped, blocks on lines of
 * their own. The result is text, not HTML: escape it before it is shown.
 */
export function textOfHtml(html: string): string {
  let text = ''
  let silent = 0
  const parser = new Parser({
    onopentagname(name) {
      if (SILENT.has(name)) silent += 1
      if (BLOCKS.has(name)) text += '\n'
    },
    onclosetag(name) {
      if (SILENT.has(name)) silent = Math.max(0, silent - 1)
      if (BLOCKS.has(name)) text += '\n'
    },
    ontext(data) {
      if (silent === 0) text += data
    },
  })
  // An annotation of megabytes is no annotation; the parser's own stack is slow when nothing is closed.
  parser.end(html.slice(0, 100_000))
  return text
}
