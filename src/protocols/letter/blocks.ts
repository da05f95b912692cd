/** What a letter on paper is made of. */
export interface LetterBlock {
  kind: 'heading' | 'paragraph' | 'item' | 'step'
  text: string
  /** What stands before an item or a step: «–», «1.». */
  mark?: string
}

/**
 * The blocks of a letter's text: `# ` begins a heading, `- ` an item, `1. ` a step; other lines up to a blank one are
 * a paragraph, with their line breaks.
 */
export function letterBlocks(text: string): LetterBlock[] {
  const blocks: LetterBlock[] = []
  let open: LetterBlock | undefined
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    const marked = markedLine(line)
    if (line === '' || marked) open = undefined
    if (marked) blocks.push(marked)
    else if (open) open.text += `\n${line}`
    else if (line !== '') {
      open = { kind: 'paragraph', text: line }
      blocks.push(open)
    }
  }
  return blocks
}

function markedLine(line: string): LetterBlock | undefined {
  const [, heading] = /^#+\s+(.+)$/.exec(line) ?? []
  if (heading) return { kind: 'heading', text: heading }
  const [, item] = /^[-–—]\s+(.+)$/.exec(line) ?? []
  if (item) return { kind: 'item', text: item, mark: '–' }
  const [, number, step] = /^(\d{1,2})[.)]\s+(.+)$/.exec(line) ?? []
  return step ? { kind: 'step', text: step, mark: `${number}.` } : undefined
}
